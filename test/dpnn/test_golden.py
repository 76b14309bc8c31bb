"""Every recorded module of the original that dpnn has, one test a record."""

import pytest
import records
import replay

import nn

GROUPS = ["dpnn", "stochastic"]
RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for group in GROUPS for r in records.load(group)]


def of_dpnn(record):
    return any(getattr(nn, name[3:], nn.Module).__module__.startswith("dpnn.") for name in replay.classes(record))


@pytest.mark.parametrize("record", [p for p in RECORDS if of_dpnn(p.values[0])])
def test_record(record):
    replay.replay_module(record)
