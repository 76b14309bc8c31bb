import re
import subprocess
import sys
from pathlib import Path

import pytest

import torch7
from torch7 import tensor

MANUAL = Path(__file__).parents[2] / "doc" / "torch7"
CUDA = {name for name in tensor.__all__ if name.startswith("Cuda")} | {"cuda"}
ALIASES = {n for n in tensor.__all__ if n.endswith("_") and getattr(tensor, n) is getattr(tensor, n[:-1], None)}
OTHERS = """class_ factory getmetatable isStorage isTensor isTypeOf type typename CmdLine Tester TestSuite Timer tic toc
    getnumthreads setnumthreads getdefaulttensortype setdefaulttensortype"""


@pytest.mark.parametrize("name", sorted((set(tensor.__all__) | set(OTHERS.split())) - CUDA - ALIASES))
def test_every_function_has_an_example(name):
    examples = "".join(re.findall(r"```python\n(.*?)```", "".join(p.read_text() for p in MANUAL.glob("*.md")), re.S))
    assert re.search(rf">>> .*\btorch\.{name}\(.*#|@torch\.{name}\(", examples)


def test_every_function_is_exported_and_described():
    for name in tensor.__all__:
        assert getattr(torch7, name) is getattr(tensor, name)
        assert getattr(torch7, name).__doc__


def test_import_loads_neither_numba_nor_cupy():
    code = "import sys, torch7; assert not {'numba', 'cupy', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
