"""Every case of nnx's battery on the stand-in: what the CPU computes, in double precision.

Kernels of both types are one text, and the other batteries have those of nnx's layers in float32, too.
"""

import sys
from pathlib import Path

import on_gpu
import pytest
import test_battery_cases as battery

import nnx  # noqa: F401
from nn.testing import Case

sys.path.insert(0, str(Path(__file__).parents[1] / "nnx"))
import cases_criterions
import cases_densecap
import cases_fbnn
import cases_nnx
import cases_nnx_tables

DOUBLE = ["torch.CudaDoubleTensor"]
MODULES = [*cases_nnx.CASES, *cases_nnx_tables.CASES, *cases_densecap.CASES, *cases_fbnn.CASES]


@pytest.mark.parametrize(("case", "there"), on_gpu.in_types([c for c in MODULES if isinstance(c, Case)], DOUBLE))
def test_module(cupy, case, there):
    battery.module_agrees(case, there)


@pytest.mark.parametrize(("case", "there"), on_gpu.in_types(cases_criterions.CASES, DOUBLE))
def test_criterion(cupy, case, there):
    battery.criterion_agrees(case, there)
