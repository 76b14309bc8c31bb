"""Golden records with every access of every kernel checked: races, bounds, shared memory that nothing wrote."""

import on_gpu
import pytest
import stand_in
from test_golden_records import RECORDS

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def checked(monkeypatch):
    monkeypatch.setattr(stand_in, "MODE", "check")


@pytest.mark.parametrize(("group", "name"), RECORDS)
def test_records(cupy, group, name):
    for record in RECORDS[group, name]:
        on_gpu.replay_record(record)
