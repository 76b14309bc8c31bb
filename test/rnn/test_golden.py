"""Every recorded module of the original that rnn has, one test a record."""

import pytest
import records
import replay

RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in records.load("rnn")]


@pytest.mark.parametrize("record", RECORDS)
def test_record(record):
    if record.get("criterion"):
        replay.replay_criterion(record)
    else:
        replay.replay_module(record)
