"""Golden records, and cases of nn.pytorch, with every access of every kernel checked.

Looked for are races, accesses outside, and shared memory that nothing wrote.

Those whose kernels have barriers or copies on their way always, the others among the slow tests.
"""

import numpy as np
import on_gpu
import pytest
import stand_in
import test_nn_pytorch
from emulator import driver
from test_golden_records import RECORDS

import nn

ALWAYS = {
    "nn.LogSoftMax",
    "nn.SpatialBatchNormalization",
    "nn.PReLU",
    "nn.ClassNLLCriterion",
    "nn.MSECriterion",
    "nn.MultiLabelMarginCriterion",
    "nn.Linear",
    "nn.SpatialConvolution",
    "nn.VolumetricConvolution",
    "nn.SpatialSubSampling",
}
PLACES = [
    pytest.param(group, name, marks=() if name in ALWAYS else pytest.mark.slow, id=f"{group}-{name}")
    for group, name in RECORDS
]

#: Cases of nn.pytorch whose kernels have barriers.
CASES_ALWAYS = {
    "CTCLoss()",
    "CrossEntropyLoss mean",
    "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)",
    "attention, causal",
}
CASES = [
    pytest.param(case, marks=() if name in CASES_ALWAYS else pytest.mark.slow, id=name)
    for case, name in zip(test_nn_pytorch.CASES, test_nn_pytorch.identifiers())
]


@pytest.fixture(autouse=True)
def checked(monkeypatch):
    monkeypatch.setattr(stand_in, "MODE", "check")


@pytest.mark.parametrize(("group", "name"), PLACES)
def test_records(cupy, group, name):
    for record in RECORDS[group, name]:
        on_gpu.replay_record(record)


def test_kernels_that_ran_unchecked_before_are_checked(cupy, monkeypatch):
    x, ran, call = cupy.ones(5, np.float32), [], driver.Function.__call__

    def noted(function, *arguments, **settings):
        ran.append(function.module.mode)
        call(function, *arguments, **settings)

    monkeypatch.setattr(driver.Function, "__call__", noted)
    for mode in ("fast", "check", "fast"):
        monkeypatch.setattr(stand_in, "MODE", mode)
        nn.Tanh().cuda().forward(x)
    assert ran == ["fast", "check", "fast"]


@pytest.mark.parametrize("case", CASES)
def test_cases_of_nn_pytorch(cupy, case):
    test_nn_pytorch.test_case(cupy, case, "float64")


def test_the_names_are_of_records_and_cases():
    assert {name for _, name in RECORDS} >= ALWAYS
    assert set(test_nn_pytorch.identifiers()) >= CASES_ALWAYS
