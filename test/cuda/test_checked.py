"""Golden records with every access of every kernel checked: races, bounds, shared memory that nothing wrote.

Those whose kernels have barriers or copies on their way always, the others among the slow tests.
"""

import numpy as np
import on_gpu
import pytest
import stand_in
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


def test_the_names_are_of_records():
    assert {name for _, name in RECORDS} >= ALWAYS
