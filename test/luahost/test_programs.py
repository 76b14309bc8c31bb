"""Untouched programs print what the original printed, byte for byte."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lupa")
HERE = Path(__file__).parent  # programs/ ran with the original; host/ shows one side of the host each
ROOT = Path(__file__).parents[2]


def run(path, arguments, folder):
    command = [sys.executable, "-m", "torch7", "run", str(path), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, cwd=folder, env=environment, check=False)


NAMES = sorted(f"{p.parent.name}/{p.stem}" for p in HERE.glob("*/*.lua"))


@pytest.mark.parametrize("name", NAMES)
def test_prints_what_the_original_printed(name, tmp_path):
    path = HERE / f"{name}.lua"
    said = re.search(r"^-- args: (.*)$", path.read_text(encoding="utf-8"), re.M)
    data = tmp_path / "data"
    data.mkdir()
    arguments = said[1].replace("$DIR", str(data)).split() if said else []
    done = run(path, arguments, tmp_path)
    assert done.stderr == b"" and done.returncode == 0
    assert done.stdout == path.with_suffix(".expected").read_bytes()
