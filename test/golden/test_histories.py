"""Every recorded module once more, with histories in front of the recorded call; see :mod:`histories`."""

import pytest
import records
from histories import HISTORIES, Life, replay_criterion_after_copies

import nngraph  # noqa: F401
import rnn  # noqa: F401

GROUPS = ["simple", "transfer", "containers", "convolution", "dpnn", "rnn", "stochastic", "criterion"]
RECORDS = [r for group in GROUPS for r in records.load(group)] + records.graphs()
MODULES = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in RECORDS if not r.get("criterion")]
CRITERIONS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in RECORDS if r.get("criterion")]


@pytest.mark.slow
@pytest.mark.parametrize("record", MODULES)
def test_record_after_histories(record):
    for acts in HISTORIES.values():
        Life(record).go(*acts)


@pytest.mark.parametrize("record", CRITERIONS)
def test_criterion_after_copies(record):
    replay_criterion_after_copies(record)
