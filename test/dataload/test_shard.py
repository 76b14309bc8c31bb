"""Shards: together they are the loader, for any number of processes."""

import copy
import itertools
import pickle

import numpy as np
import pytest
from PIL import Image

import dataload as dl
import torch7 as torch

SIZES = [1, 2, 3, 5, 8]


def whole(n=23):
    x = np.arange(1, n + 1)
    return dl.TensorLoader([x, [x * 10.0]], -x)


def batches(loader, method, *args):
    """Copies of the samples of every batch, sorted, and k."""
    return [(k, sorted((-targets).tolist())) for k, _, targets in getattr(loader, method)(*args)]


def joined(lists):
    return sorted(itertools.chain.from_iterable(lists))


def together(shards, method, batchsize, *args):
    """The batches of all shards, step by step, where a shard with fewer has none."""
    parts = [[b for _, b in batches(s, method, batchsize, *args)] for s in shards]
    steps = max(map(len, parts))
    return [joined(p[i] for p in parts if i < len(p)) for i in range(steps)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n", [1, 8, 23, 24])
@pytest.mark.parametrize("batchsize", [1, 2, 3, 30])
def test_batches_of_all_shards_are_those_of_one_process(size, n, batchsize):
    shards = [whole(n).shard(rank, size) for rank in range(size)]
    assert sum(s.size() for s in shards) == n
    for _ in range(2):
        expected = [b for _, b in batches(whole(n), "subiter", batchsize * size)]
        assert together(shards, "subiter", batchsize) == expected


@pytest.mark.parametrize("size", SIZES)
def test_epochs_of_a_given_length_go_round(size):
    shards = [whole().shard(rank, size) for rank in range(size)]
    one = whole()
    for epochsize in (4, 9, 30):
        got = together(shards, "subiter", 3, epochsize)
        expected = [b for _, b in batches(one, "subiter", 3 * size, epochsize * size)]
        assert sum(map(len, got)) == epochsize * size
        assert joined(got) == joined(expected)


@pytest.mark.parametrize("size", SIZES)
def test_random_samples_are_those_of_one_process_with_the_seed(size):
    shards = [whole().shard(rank, size, 7) for rank in range(size)]
    torch.manualSeed(7)
    one = whole()
    for _ in range(2):
        expected = [b for _, b in batches(one, "sampleiter", 2 * size)]
        assert together(shards, "sampleiter", 2) == expected
    expected = sorted((-one.sample(3 * size)[1]).tolist())
    assert sorted(np.concatenate([-s.sample(3)[1] for s in shards]).tolist()) == expected


@pytest.mark.parametrize("size", SIZES)
def test_all_shards_are_shuffled_alike_whatever_their_process_draws(size):
    shards = [whole().shard(rank, size, 3) for rank in range(size)]
    for _ in range(2):
        orders = []
        for rank, shard in enumerate(shards):
            torch.manualSeed(rank)
            again, order = shard.shuffle()
            assert again is shard
            orders.append(order.tolist())
        assert all(order == orders[0] for order in orders) and sorted(orders[0]) == list(range(1, 24))
        assert joined(together(shards, "subiter", 4)) == list(range(1, 24))
    torch.manualSeed(3)
    one = whole()
    for _ in range(2):
        one.shuffle()
    assert together(shards, "subiter", 4) == [b for _, b in batches(one, "subiter", 4 * size)]


def test_index_sub_sizes_and_fields():
    loader = whole()
    loader.classes = ["a", "b"]
    shard = loader.shard(1, 3)
    assert shard.size() == 8 and shard.classes == ["a", "b"]
    (x, [y]), target = shard.index([1, 8])
    assert x.tolist() == [2, 23] and y.tolist() == [20, 230] and target.tolist() == [-2, -23]
    assert shard.sub(2, 3)[1].tolist() == [-5, -8]
    assert shard.isize() == loader.isize() and shard.isize(False) == [[8], [[8]]] and shard.tsize(False) == [8]
    for wrong in ([0], [9], [1, 100]):
        with pytest.raises(IndexError, match=r"not in 1\.\.8"):
            shard.index(wrong)
    with pytest.raises(AttributeError):
        _ = shard.nothing
    first, second = shard.split(0.5)
    assert (first.size(), second.size()) == (4, 4) and first.index([1])[1].tolist() == [-2]
    shard.shuffle()
    with pytest.raises(ValueError, match="before its shards"):
        shard.split(0.5)
    again = [copy.deepcopy(shard), pickle.loads(pickle.dumps(shard))]
    assert all(a.index([1])[1] == shard.index([1])[1] for a in again)
    halves = [loader.shard(0, 2).shard(rank, 2) for rank in range(2)]
    assert together(halves, "subiter", 3) == [b for _, b in batches(loader.shard(0, 2), "subiter", 6)]


@pytest.mark.parametrize(("rank", "size"), [(2, 2), (-1, 2), (0, 0), (5, 3)])
def test_a_rank_that_is_none_is_refused(rank, size):
    for loader in (whole(), dl.SequenceLoader(np.arange(20), 4), dl.MultiSequence([np.arange(3)], 4)):
        with pytest.raises(ValueError, match="rank"):
            loader.shard(rank, size)


def test_position_is_kept_and_reset():
    shard = whole().shard(1, 2)
    for _ in shard.subiter(3):
        break
    assert batches(shard, "subiter", 3, 3)[0] == (3, [8, 10, 12])
    shard.reset()
    assert batches(shard, "subiter", 3, 3)[0] == (3, [2, 4, 6])


@pytest.mark.parametrize("processes", [False, True])
def test_workers_serve_a_shard(processes):
    for size in (1, 2):
        shards = [whole().shard(rank, size, 7) for rank in range(size)]
        asynchronous = [dl.AsyncIterator(s, 3, processes=processes) for s in shards]
        torch.manualSeed(7)
        one = whole()
        for _ in range(2):
            assert together(asynchronous, "subiter", 4) == [b for _, b in batches(one, "subiter", 4 * size)]
            assert together(asynchronous, "sampleiter", 4) == [b for _, b in batches(one, "sampleiter", 4 * size)]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_columns_of_sequences(size):
    for make in (
        lambda: dl.SequenceLoader(np.arange(1, 48), 4),
        lambda: dl.SequenceLoader(np.arange(94.0).reshape(47, 2), 4, True),
        lambda: dl.MultiSequence([np.arange(1, 4), np.arange(11, 17), np.arange(21, 23), np.arange(31, 40)], 4),
    ):
        shards, one = [make().shard(rank, size) for rank in range(size)], make()
        assert sum(s.batchsize for s in shards) == 4
        for _ in range(2):
            steps = [[(k, i.copy(), t.copy()) for k, i, t in s.subiter(3)] for s in shards]
            for number, (k, inputs, targets) in enumerate(one.subiter(3)):
                assert all(s[number][0] == k for s in steps)
                np.testing.assert_array_equal(np.concatenate([s[number][1] for s in steps], 1), inputs)
                np.testing.assert_array_equal(np.concatenate([s[number][2] for s in steps], 1), targets)
        assert shards[0].isize(False)[:2] == [one.size(), shards[0].batchsize] and shards[0].size() == one.size()
        with pytest.raises(ValueError, match="4 columns are too few for 5"):
            make().shard(0, 5)


def test_images_are_drawn_as_by_one_process(tmp_path):
    for name, count in (("a", 3), ("b", 5)):
        (tmp_path / name).mkdir()
        for i in range(count):
            Image.fromarray(np.full((4, 4, 3), 20 * i + 5 * len(name), np.uint8)).save(tmp_path / name / f"{i}.png")

    def loader():
        return dl.ImageClass(tmp_path, [3, 4, 4], verbose=False)

    torch.manualSeed(5)
    _, expected, paths = loader().sample(6)
    parts = [loader().shard(rank, 2, 5).sample(3) for rank in range(2)]
    assert [p for pair in zip(*(part[2] for part in parts)) for p in pair] == paths
    assert [t for pair in zip(*(part[1] for part in parts)) for t in pair] == expected.tolist()
    assert loader().shard(0, 2).size("b") == 5
