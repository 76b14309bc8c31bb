"""Every recorded module and criterion of the original's nn, one test a record; some hold classes of dpnn and rnn."""

import pytest
import records
import replay

import rnn  # noqa: F401

GROUPS = ["simple", "transfer", "containers", "criterion", "convolution", "stochastic"]
RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for group in GROUPS for r in records.load(group)]


@pytest.mark.parametrize("record", RECORDS)
def test_record(record):
    if record.get("criterion"):
        replay.replay_criterion(record)
    else:
        replay.replay_module(record)
