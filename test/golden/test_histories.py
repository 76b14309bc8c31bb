"""Every recorded module once more, with histories in front of the recorded call; see :mod:`histories`."""

import pytest
import records
from histories import HISTORIES, Life

import rnn  # noqa: F401

GROUPS = ["simple", "transfer", "containers", "convolution", "dpnn", "rnn", "stochastic"]
RECORDS = [
    pytest.param(r, id=f"{r['id']}-{r['class']}")
    for group in GROUPS
    for r in records.load(group)
    if not r.get("criterion")
]


@pytest.mark.slow
@pytest.mark.parametrize("record", RECORDS)
def test_record_after_histories(record):
    for acts in HISTORIES.values():
        Life(record).go(*acts)
