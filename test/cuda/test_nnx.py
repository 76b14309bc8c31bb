"""Every case of nnx's battery on the stand-in: what the CPU computes, in both types."""

import sys
from pathlib import Path

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

MODULES = [*cases_nnx.CASES, *cases_nnx_tables.CASES, *cases_densecap.CASES, *cases_fbnn.CASES]


@pytest.mark.parametrize("there", battery.TYPES)
@pytest.mark.parametrize("case", [case for case in MODULES if isinstance(case, Case)], ids=str)
def test_module(cupy, case, there):
    battery.test_module(cupy, case, there)


@pytest.mark.parametrize("there", battery.TYPES)
@pytest.mark.parametrize("case", cases_criterions.CASES, ids=str)
def test_criterion(cupy, case, there):
    battery.test_criterion(cupy, case, there)
