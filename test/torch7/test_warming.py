"""What is said while kernels are compiled, and the command that compiles them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from torch7 import compiling
from torch7.__main__ import main
from torch7.warming import warm

ROOT = Path(compiling.__file__).parents[1]
PROGRAM = """
from numba import njit
from torch7 import compiling
compiling.announce()
@njit
def inner(x):
    return x + 1
@njit
def outer(x):
    return inner(x) * 2
assert outer(1) == 4 and outer(1.0) == 4
"""


@pytest.mark.parametrize(("wish", "lines"), [("1", 1), ("0", 0), (None, 0)])
def test_a_line_for_a_process(wish, lines):
    environment = {k: v for k, v in os.environ.items() if k != "TORCH7_COMPILING"}
    if wish is not None:
        environment["TORCH7_COMPILING"] = wish
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == (compiling.TEXT + "\n") * lines


def test_a_terminal_is_told_after_a_while(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr(compiling.time, "monotonic", lambda: now)
    told = compiling.Announcement(1.0)
    for start, end in ((0.0, 0.4), (5.0, 5.3), (9.0, 9.2)):
        now = start
        told.on_start(None)
        told.on_start(None)  # a kernel that the kernel calls
        now = end
        told.on_end(None)
        told.on_end(None)
    assert capsys.readouterr().err == ""
    now = 20.0
    told.on_start(None)
    now = 20.2
    told.on_end(None)
    assert capsys.readouterr().err == compiling.TEXT + "\n"
    told.on_start(None)
    now = 30.0
    told.on_end(None)
    assert capsys.readouterr().err == ""


def test_warm(capsys):
    assert main(["warm", "rnn"]) == 0
    assert capsys.readouterr().out.startswith("recurrent networks: ")
    lines = []
    warm("cnn", ("float", "double"), lines.append)
    assert [line.partition(":")[0] for line in lines] == ["LeNet", "3 x 3 convolutions", "residual blocks", "DCGAN"]
    with pytest.raises(ValueError, match="nothing of the kind 'gnn'"):
        warm("gnn")
    with pytest.raises(SystemExit):
        main(["warm", "gnn"])
