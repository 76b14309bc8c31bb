"""Every recorded module and criterion of the original's nn, rnn and dpnn, on the stand-in for CuPy.

The records are those of the CPU's tests, all but DontCast's, which stays on the CPU and takes no array from elsewhere.
One test a class of the original: its kernels are compiled together.
"""

from collections import defaultdict

import on_gpu
import pytest
import records

import nngraph  # noqa: F401
import rnn  # noqa: F401

RECORDS = defaultdict(list)
for _group in on_gpu.GROUPS:
    for _record in records.load(_group):
        if _record["class"] == "nn.DontCast":
            continue
        RECORDS[_group, _record["class"]].append(_record)


@pytest.mark.parametrize(("group", "name"), RECORDS)
def test_records(cupy, group, name):
    for record in RECORDS[group, name]:
        on_gpu.replay_record(record)


@pytest.mark.parametrize("record", records.graphs(), ids=lambda r: r["name"])
def test_graphs(cupy, record):
    on_gpu.replay_record({"mode": "training", **record})


def test_all_records_are_there():
    assert sum(map(len, RECORDS.values())) == 1124
