"""A program's own nn.py, optim.py or image.py: the library names the file instead of failing somewhere else."""

import subprocess
import sys

import pytest

import torch7
from torch7 import shadowed


def run(folder, text, *options):
    (folder / "program.py").write_text(text)
    command = [sys.executable, *options, str(folder / "program.py")]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.parametrize("name", ["nn", "optim", "image", "dataload", "rnn"])
@pytest.mark.parametrize("package", [False, True])
def test_importing_torch7_tells(tmp_path, name, package):
    file = tmp_path / name / "__init__.py" if package else tmp_path / f"{name}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("x = 1\n")
    ran = run(tmp_path, f"import torch7\nprint(torch7.ones(2).sum())\nimport {name}\nprint({name}.x)\n")
    assert ran.stdout.split() == ["2.0", "1"], "the program's own module is still its own"
    assert f"{file} hides the package {name}" in ran.stderr and "rename the file" in ran.stderr


@pytest.mark.parametrize("package", ["rnn", "dpnn", "nngraph", "nnx"])
def test_a_package_that_stands_on_nn_names_the_file(tmp_path, package):
    (tmp_path / "nn.py").write_text("class Linear:\n    pass\n")
    ran = run(tmp_path, f"import {package}\n", "-W", "ignore")
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ") and f"{tmp_path / 'nn.py'} hides the package nn" in last


def test_a_script_called_nn(tmp_path):
    (tmp_path / "nn.py").write_text("import torch7 as torch\nimport nn\nprint(nn.Linear(2, 3))\n")
    ran = subprocess.run([sys.executable, "nn.py"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 1 and "nn.py hides the package nn" in ran.stderr


def test_an_own_module_that_was_imported_before(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "optim.py").write_text("x = 1\n")
    ran = run(tmp_path, "import sys\nsys.path.insert(0, 'lib')\nimport optim\nimport torch7\n")
    assert "optim.py hides the package optim" in ran.stderr


def test_nothing_is_said_where_nothing_hides(tmp_path):
    (tmp_path / "paths.py").write_text("")  # a name that programs have for their own
    (tmp_path / "nn.txt").write_text("")
    (tmp_path / "optim").mkdir()  # results: no package
    ran = run(tmp_path, "import torch7, nn, rnn, optim, dataload, image\nprint(nn.Linear(2, 3))\n", "-W", "error")
    assert (ran.stdout, ran.stderr) == ("nn.Linear(2 -> 3)\n", "")
    assert all(shadowed.hiding(name) is None for name in (*shadowed.NAMES, *shadowed.DOORS))
    assert torch7.shadowed is shadowed


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be deleted")
def test_a_folder_that_was_deleted(tmp_path):
    (tmp_path / "gone").mkdir()
    text = "import os, sys; os.rmdir(os.getcwd()); sys.path[0] = ''; import torch7; print(torch7.ones(2).sum())"
    command = [sys.executable, "-c", text]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / "gone", check=False)
    assert ran.stdout == "2.0\n", ran.stderr
