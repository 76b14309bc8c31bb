"""Every recorded module and criterion of the original, one test a record."""

import pytest
import records
import replay

GROUPS = ["simple", "transfer", "containers", "criterion", "convolution", "stochastic"]
RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for group in GROUPS for r in records.load(group)]


@pytest.mark.parametrize("record", RECORDS)
def test_record(record):
    absent = replay.missing(record)
    if absent:
        pytest.skip(f"not there yet: {', '.join(sorted(absent))}")
    if record.get("criterion"):
        replay.replay_criterion(record)
    else:
        replay.replay_module(record)
