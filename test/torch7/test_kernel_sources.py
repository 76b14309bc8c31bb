"""Which files a kernel is made of."""

import subprocess
import sys
from pathlib import Path

import pytest

from torch7 import kernel_sources
from torch7.kernel_sources import ROOT, made_of, stamp

KERNEL = """
from __future__ import annotations
import os, numpy as np
from . import simd, vecmath as v
from .tile import (
    TILE,  # a comment
)
from ..engine import \\
    gemm
from house.other.deep import *
import house.plain
if np: from .guarded import x
try:
    from .tried import y
except ImportError:
    from .fallback import y
def f():
    from .inside import z
    "from .in_a_string import nothing"
match os:
    case _:
        from .matched import w
"""
FILES = {
    "house/__init__.py": "from . import unrelated\n",
    "house/room/__init__.py": "",
    "house/room/kernel.py": KERNEL,
    "house/room/simd.py": "",
    "house/room/vecmath.py": "from house.room import second\n",
    "house/room/second.py": "from .kernel import a_circle\n",
    "house/room/tile.py": "",
    "house/room/guarded.py": "",
    "house/room/tried.py": "",
    "house/room/fallback.py": "",
    "house/room/inside.py": "",
    "house/room/matched.py": "",
    "house/room/in_a_string.py": "",
    "house/room/nobody.py": "",
    "house/engine/__init__.py": "from .parts import gemm\n",
    "house/engine/parts.py": "",
    "house/other/deep.py": "",
    "house/plain.py": "",
    "house/unrelated.py": "",
}
USED = sorted(
    name for name in FILES if not name.endswith(("house/__init__.py", "room/__init__.py", "unrelated.py", "nobody.py"))
)
USED.remove("house/room/in_a_string.py")


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    forget()
    yield tmp_path
    forget()


def forget():
    for kept in (kernel_sources._text, kernel_sources._digest, kernel_sources._imports, kernel_sources.stamp):
        kept.cache_clear()


def test_files_are_found_however_they_are_imported(folder):
    found = made_of(folder / "house/room/kernel.py")
    assert sorted(str(path.relative_to(folder)) for path in found) == USED


@pytest.mark.parametrize("name", FILES)
def test_the_stamp_changes_with_every_file_used_and_no_other(folder, name):
    before = stamp(folder / "house/room/kernel.py")
    forget()
    assert stamp(folder / "house/room/kernel.py") == before
    path = folder / name
    path.write_text(path.read_text() + "\nx = 1\n")
    forget()
    assert (stamp(folder / "house/room/kernel.py") != before) == (name in USED)


@pytest.mark.parametrize("text", ["def (", "from .... import far_above", "from . import not_there", ""])
def test_a_file_without_known_imports_stands_for_itself(tmp_path, text):
    path = tmp_path / "alone.py"
    path.write_text(text)
    assert made_of(path) == {path}


def test_kernels_of_this_project():
    def names(file):
        return {str(path.relative_to(ROOT)) for path in made_of(ROOT / file)}

    assert "torch7/threads.py" in names("optim/kernels.py")
    assert not any(name.startswith(("nn/", "dataload/")) for name in names("optim/kernels.py"))
    assert "nn/__init__.py" not in names("torch7/kernel_cache.py")


def test_a_folder_without_init_below_a_package_of_the_project(monkeypatch, tmp_path):
    monkeypatch.setattr(kernel_sources, "ROOT", tmp_path)
    room = tmp_path / "nn/thnn/room"
    room.mkdir(parents=True)
    (room / "kernel.py").write_text("from .beside import x\nfrom ..above import y\nfrom torch7.threads import z\n")
    (tmp_path / "torch7").mkdir()
    others = [room / "beside.py", room.parent / "above.py", tmp_path / "torch7/threads.py"]
    for path in others:
        path.write_text("")
    assert made_of(room / "kernel.py") == {room / "kernel.py", *others}
    forget()


def test_all_that_a_kernel_file_loads_from_the_project_is_found():
    """The modules of the kernels that Python itself loads with a kernel file are among those found by the syntax."""
    code = (
        "import sys, importlib.abc; import nn; before = set(sys.modules)\n"
        "import nn.thnn.simple.batch_normalization\n"
        "print(*[sys.modules[m].__file__ for m in set(sys.modules) - before if m.startswith(('nn.', 'torch7.'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(name) for name in run.stdout.split() if not name.endswith("__init__.py")}  # rooms: a line of text
    assert loaded and loaded <= made_of(ROOT / "nn/thnn/simple/batch_normalization.py")


def test_functions_that_a_kernel_encloses_count(tmp_path):
    (tmp_path / "inner.py").write_text("def f(x):\n    return x\n")
    space = {}
    exec(compile((tmp_path / "inner.py").read_text(), str(tmp_path / "inner.py"), "exec"), space)

    def made(f):
        return lambda x: f(x)

    assert kernel_sources.files_of(made(space["f"])) == {Path(__file__), tmp_path / "inner.py"}
