"""Every recorded module and criterion of the original that rnn has, one test a record."""

import pytest
import records
import replay

import nn

GROUPS = ["rnn", "criterion", "stochastic"]
RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for group in GROUPS for r in records.load(group)]


def of_rnn(record):
    """Whether the record is of group rnn, or of another but needs a class of rnn."""
    named = (getattr(nn, name[3:], nn.Module) for name in replay.classes(record))
    return record["id"].startswith("rnn-") or any(cls.__module__.startswith("rnn.") for cls in named)


@pytest.mark.parametrize("record", [p for p in RECORDS if of_rnn(p.values[0])])
def test_record(record):
    if record.get("criterion"):
        replay.replay_criterion(record)
    else:
        replay.replay_module(record)
