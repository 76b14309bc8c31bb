"""Every case of the battery of nn, rnn, dpnn and nngraph on the stand-in: what the CPU computes.

In double precision, and the first case of each class in float32, too: kernels of both types are one text.
"""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import on_gpu
import pytest
import quiet

import dpnn  # noqa: F401
import nngraph  # noqa: F401
import rnn  # noqa: F401
import torch7 as torch
from nn.testing import Case, CriterionCase
from nn.testing.case import SEED, forward, gradient_like, run, same
from nn.testing.tensors import copied, mapped
from torch7 import arrays

ROOT = Path(__file__).parents[1]
PATHS = sorted(path for package in ("nn", "rnn", "dpnn", "nngraph") for path in (ROOT / package).glob("cases_*.py"))
sys.path[:0] = [str(ROOT / package) for package in ("nn", "rnn", "dpnn", "nngraph")]
CASES = [case for path in PATHS for case in import_module(path.stem).CASES]
#: Cases that are about other places: a second device, a type that is kept, a module that stays on the CPU.
ELSEWHERE = ("Copy to float", "nn.GPU(1) @ nn.ParallelTable", "DontCast")


def kept(kind):
    return [case for case in CASES if isinstance(case, kind) and not str(case).startswith(ELSEWHERE)]


#: Types on the GPU, what the CPU computes in, and how well they agree.
TYPES = {"torch.CudaDoubleTensor": ("torch.DoubleTensor", 1e-9), "torch.CudaTensor": ("torch.FloatTensor", 1e-4)}


def typed(value, kind):
    """Floats of a nested value in the type ``kind``."""
    dtype = arrays.dtype_of(kind)
    return mapped(lambda x: x.astype(dtype) if getattr(x, "dtype", None) == np.float64 else x, value)


@pytest.mark.parametrize(("case", "there"), on_gpu.in_types(kept(Case), TYPES))
def test_module(cupy, case, there):
    module, step = module_agrees(case, there)
    quiet.check(type(module).__name__, step)


@pytest.mark.parametrize(("case", "there"), on_gpu.in_types(kept(CriterionCase), TYPES))
def test_criterion(cupy, case, there):
    criterion, step = criterion_agrees(case, there)
    quiet.check(type(criterion).__name__, step)


def module_agrees(case, there):
    """A module on the GPU that has computed what the CPU's does, and a step of it."""
    here, tolerance = TYPES[there]
    data = typed(case.data(), here)
    expected = run(case.module().type(here), data)
    module = case.module().type(there)
    output = on_gpu.here(forward(module, on_gpu.there(copied(data))))
    same(output, expected[0], "output", tolerance)
    module.zeroGradParameters()
    x, gradOutput = on_gpu.there(copied(data)), on_gpu.there(gradient_like(expected[0]))
    forward(module, x)
    same(on_gpu.here(module.backward(x, gradOutput)), expected[1], "gradInput", tolerance)
    same(on_gpu.here(list(module.parameters()[1])), expected[2], "parameter gradients", tolerance)

    def step():
        if hasattr(module, "forget"):
            module.forget()
        module.forward(x)
        module.backward(x, gradOutput)

    return module, step


def criterion_agrees(case, there):
    """A criterion on the GPU that has computed what the CPU's does, and a step of it."""
    here, tolerance = TYPES[there]
    (x, target), criterion = typed(case.data(), here), case.criterion().type(here)
    torch.manualSeed(SEED + 2)
    expected = criterion.forward(x, target), copied(criterion.backward(x, target))
    criterion = case.criterion().type(there)
    x, target = on_gpu.there(x), on_gpu.there(target)
    torch.manualSeed(SEED + 2)
    same(float(criterion.forward(x, target)), expected[0], "loss", tolerance)
    same(on_gpu.here(criterion.backward(x, target)), expected[1], "gradInput", tolerance)
    return criterion, lambda: (criterion.forward(x, target), criterion.backward(x, target))
