"""Every name that scripts require is there: by require, from rocks, and, but for Python's own names, to import."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import nn
import rocks
import torch7

ROOT = Path(rocks.__file__).parents[1]
OPTIONAL = {"hdf5"}


@pytest.mark.parametrize("name", sorted(rocks.NAMES))
def test_require(name):
    package = torch7.require(name)
    assert package is importlib.import_module(f"rocks.{rocks.NAMES[name]}")
    assert package.__doc__
    if (ROOT / f"{name}.py").exists():
        assert importlib.import_module(name) is package


def test_doors_are_those_of_all_but_pythons_own_names():
    doors = {p.stem for p in ROOT.glob("*.py")} - {"conftest"}
    assert doors == set(rocks.NAMES) - {"sys", "class", "pl.lapp", "pl.path"}


def test_torchs_own_and_the_scripts_modules(tmp_path, monkeypatch):
    assert torch7.require("nn") is nn and torch7.require("torch") is torch7
    assert torch7.require("inn").ROIPooling is torch7.require("nnx").inn.ROIPooling
    (tmp_path / "my_model.py").write_text("size = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert torch7.require("my_model").size == 3
    with pytest.raises(ModuleNotFoundError, match="no package 'qtwidget'"):
        torch7.require("qtwidget")


def test_nothing_is_loaded_before_it_is_asked_for():
    program = "import sys, rocks; print(sorted(m for m in sys.modules if m.split('.')[0] in ('rocks', 'nn', 'PIL')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "['rocks']\n"


def test_pythons_sys_stays():
    assert torch7.require("sys") is not sys and hasattr(sys, "path")
    from rocks import sys as lua_sys

    assert lua_sys is torch7.require("sys")
