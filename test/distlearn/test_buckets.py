"""How tensors are divided into buckets, and which modules a bucket waits for."""

import numpy as np
import pytest

import nn
from distlearn import memory
from distlearn.buckets import LAST, Bucket, divide, suited
from distlearn.exchange import Exchange
from distlearn.overlap import planned, units

SIZES = {
    "flat": [61706],
    "LeNet": [150, 6, 2400, 16, 48000, 120, 10080, 84, 840, 10],
    "large": [4_700_000],
    "small": [3, 0, 7, 1],
    "none": [],
}


class Alone:
    """A tree of one node."""

    numNodes, rank, cudaAware = 1, 0, False


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("limit", [None, 4, 64, 1000])
def test_every_element_is_in_one_bucket(name, limit):
    tensors = [np.zeros(n, np.float64 if n == 16 else np.float32) for n in SIZES[name]]
    limit = limit or suited(tensors)
    if limit < 1000 and name == "large":
        limit = 1 << 14
    buckets = divide(tensors, limit)
    pieces = [piece for bucket in buckets for piece in bucket]
    assert pieces == sorted(pieces, key=lambda p: (-p[0], -p[1]))
    for number, x in enumerate(tensors):
        own = sorted(p[1:] for p in pieces if p[0] == number)
        assert [stop for _, stop in own[:-1]] == [start for start, _ in own[1:]]
        assert sum(stop - start for start, stop in own) == x.size
        assert len(own) < 2 or x.nbytes > limit, "what fits into a bucket is not cut"
    for bucket in buckets:
        assert len({tensors[number].dtype for number, _, _ in bucket}) == 1
        whole = all(stop - start == tensors[number].size for number, start, stop in bucket)
        assert whole or len(bucket) == 1
        assert sum((b - a) * tensors[n].itemsize for n, a, b in bucket) <= max(limit, 8)


@pytest.mark.parametrize("name", ["flat", "LeNet", "large"])
def test_the_last_bucket_is_small(name):
    """Those of the first layers are known last, and nothing hides their way."""
    tensors = [np.zeros(n, np.float32) for n in SIZES[name]]
    assert sum(4 * (stop - start) for _, start, stop in divide(tensors, suited(tensors))[-1]) <= LAST


def net():
    return nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh()).add(nn.Linear(4, 2))


def test_buckets_wait_for_their_modules():
    model = net()
    grads = model.getParameters()[1]
    exchange = Exchange(Alone, [grads], 8 * 10)

    def plan_of():
        found = list(units(model))
        return planned(found, [unit.parameters()[1] for unit in found], exchange)

    plan = plan_of()
    first, last = map(id, (model.get(1), model.get(3)))
    assert plan.writers == [{last}, {first}, {first}]
    assert plan_of() is plan
    model.modules[2] = nn.Linear(4, 2)
    assert plan_of().writers[0] is None, "nobody is known to write there"
    model.getParameters()
    assert plan_of() is not plan


def test_the_gpu_is_done_before_mpi_reads(monkeypatch):
    """Work on a GPU that is still under way is waited for after everything that changes a bucket."""
    done = []
    monkeypatch.setattr(memory, "settle", lambda x: done.append(x.copy()))
    bucket = Bucket([np.array([1.0, 2])], [(0, 0, 2)], {}, True)
    bucket.load()
    bucket.scale(3)
    bucket.scale(0)
    assert [x.tolist() for x in done] == [[1, 2], [3, 6], [0, 0]]
