"""Every recorded module once more, with histories in front of the recorded call; see :mod:`histories`."""

from collections import Counter

import pytest
import records
from histories import HISTORIES, Life, replay_criterion_after_copies

import nngraph  # noqa: F401
import rnn  # noqa: F401

GROUPS = ["simple", "transfer", "containers", "convolution", "dpnn", "rnn", "stochastic", "criterion"]
RECORDS = [r for group in GROUPS for r in records.load(group)] + records.graphs()
MODULES = [r for r in RECORDS if not r.get("criterion")]


def lives():
    """(record, histories): the first record of a class has all of them, each further one two by turns."""
    seen, all_of_them = Counter(), list(HISTORIES.values())
    for record in MODULES:
        n = seen[record["class"]]
        seen[record["class"]] += 1
        histories = [all_of_them[(n + k) % len(all_of_them)] for k in range(2)] if n else all_of_them
        yield pytest.param(record, histories, id=f"{record['id']}-{record['class']}")


CRITERIONS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in RECORDS if r.get("criterion")]


@pytest.mark.slow
@pytest.mark.parametrize(("record", "histories"), list(lives()))
def test_record_after_histories(record, histories):
    for acts in histories:
        Life(record).go(*acts)


@pytest.mark.parametrize("record", CRITERIONS)
def test_criterion_after_copies(record):
    replay_criterion_after_copies(record)
