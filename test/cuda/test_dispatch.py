"""Who computes: CPU programs pay nothing for the GPU part, and an operation without a kernel says so."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import on_gpu
import pytest

import nn
import nn.pytorch.functional as F
import torch7 as torch
from nn import thnn
from nn.thnn import operation
from torch7 import arrays

ROOT = Path(nn.__file__).parents[1]
#: Entries without a kernel: file -> names. This one computes the shape of a buffer, no array.
WITHOUT = {"rnn.seq_lstm": {"SeqLSTM_gates"}}


def entries():
    """Every entry of the CPU's files."""
    for room, files in operation.OPERATIONS.items():
        for file, names in files.items():
            module = import_module(f"nn.thnn.{room}.{file}")
            for name in vars(module):
                if name.partition("_")[0] in names and callable(getattr(module, name)) and name[0] != "_":
                    yield room, file, name


def test_cpu_programs_know_no_cupy():
    program = (
        "import sys, numpy as np, nn\n"
        "from nn import thnn\n"
        "from nn.thnn.operation import cpu_entry\n"
        "nn.Tanh().forward(np.ones(3))\n"
        "assert 'cupy' not in sys.modules and 'nn.thnn.cuda' not in sys.modules\n"
        "assert thnn.Tanh_updateOutput is cpu_entry('Tanh_updateOutput')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_entries_go_both_ways_once_there_are_arrays_on_a_gpu(cupy):
    x = np.linspace(-1, 1, 5)
    y, there = np.empty(5), cupy.empty(5)
    thnn.Tanh_updateOutput(x, y)
    thnn.Tanh_updateOutput(cupy.asarray(x), there)
    np.testing.assert_allclose(there.get(), y, rtol=1e-15)
    assert isinstance(thnn.Tanh_updateOutput, operation.Operation)
    assert type(nn.Tanh().cuda().forward(cupy.ones(3, np.float32))) is cupy.ndarray


def test_an_operation_without_a_kernel_is_named(cupy, monkeypatch):
    monkeypatch.setattr(import_module("nn.thnn.cuda.entries"), "entry", lambda module, name: None)
    entry = operation.Operation("Tanh_updateOutput")
    with pytest.raises(
        NotImplementedError, match=r"Tanh_updateOutput has no kernel for .*ndarray.*call module.float\(\)"
    ):
        entry(cupy.ones(3), cupy.ones(3))
    entry(np.ones(3), np.ones(3))


def test_the_list_of_entries_without_a_kernel_is_right(cupy):
    from nn.thnn.cuda import entries as found

    missing = {}
    for room, file, name in entries():
        if found.entry(f"nn.thnn.{room}.{file}", name) is None:
            missing.setdefault(f"{room}.{file}", set()).add(name)
    assert missing == WITHOUT, "the list WITHOUT of this file names the CPU's entries that have no kernel for the GPU"


def test_functions_for_the_gpu_have_the_names_and_arguments_of_the_cpus():
    for path in sorted((ROOT / "nn" / "thnn").glob("*/*_cuda.py")):
        cpu = import_module(f"nn.thnn.{path.parent.name}.{path.stem.removesuffix('_cuda')}")
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.partition("_")[0] in operation._PLACES:
                assert callable(getattr(cpu, node.name)), f"{path}: {node.name}"


@pytest.mark.parametrize("name", ["relu", "softmax", "mse_loss"])
def test_the_first_array_may_be_a_programs_own(monkeypatch, name):
    """It made it itself, and calls a function before anything was moved to a GPU."""
    import stand_in

    module = stand_in.module()
    monkeypatch.setattr(arrays, "_cupy", None)
    monkeypatch.setitem(sys.modules, "cupy", module)
    for entry in thnn._found & set(vars(thnn)):
        monkeypatch.delitem(thnn.__dict__, entry)
    x = module.asarray(np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3))
    arguments = {"relu": (x,), "softmax": (x, -1), "mse_loss": (x, x)}[name]
    found = getattr(F, name)(*arguments)
    here = [a if isinstance(a, int) else a.get() for a in arguments]
    np.testing.assert_allclose(on_gpu.here(found), getattr(F, name)(*here), rtol=1e-6)


def test_no_gpu_is_one_clear_sentence(monkeypatch):
    monkeypatch.setattr(arrays, "_cupy", None)
    monkeypatch.setitem(sys.modules, "cupy", None)
    m = nn.Linear(2, 2)
    for call in (m.cuda, lambda: torch.setdefaulttensortype("torch.CudaTensor"), nn.MSECriterion().cuda):
        with pytest.raises(ImportError, match=r"CUDA tensors need CuPy: pip install 'torch7\[cuda13\]'"):
            call()
    assert torch.getdefaulttensortype() == "torch.DoubleTensor"
    assert m.forward(np.ones(2)).shape == (2,) and m.type() == "torch.DoubleTensor"


def test_cupy_without_a_driver_is_one_clear_sentence(monkeypatch):
    import stand_in

    module = stand_in.module()
    module.cuda.is_available = lambda: False
    monkeypatch.setattr(arrays, "_cupy", None)
    monkeypatch.setitem(sys.modules, "cupy", module)
    with pytest.raises(RuntimeError, match="CUDA tensors need an NVIDIA GPU with its driver"):
        nn.Linear(2, 2).cuda()
    assert nn.Linear(2, 2).forward(np.ones(2)).shape == (2,)
