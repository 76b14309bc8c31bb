"""Golden records with every access of every kernel checked: races, bounds, shared memory that nothing wrote.

Those whose kernels have barriers or copies on their way always, the others among the slow tests.
"""

import on_gpu
import pytest
import stand_in
from test_golden_records import RECORDS

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


def test_the_names_are_of_records():
    assert {name for _, name in RECORDS} >= ALWAYS
