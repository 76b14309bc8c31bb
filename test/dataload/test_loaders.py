import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dataload as dl
import torch7 as torch
from torch7 import serialization


def loader_of(n, offset=0):
    return dl.TensorLoader(np.arange(1, n + 1) + offset, np.arange(1, n + 1) * 10)


sizes = st.integers(1, 40)


@given(sizes, sizes, sizes, st.integers(1, 3))
def test_subiter_yields_every_sample_once_an_epoch(n, batchsize, epochsize, epochs):
    loader, seen = loader_of(n), []
    for _ in range(epochs):
        counts, position = [], len(seen)
        for k, inputs, targets in loader.subiter(batchsize, epochsize):
            seen += inputs.tolist()
            assert (targets == inputs * 10).all() and len(inputs) <= batchsize
            assert k == len(seen) - position
            assert n not in inputs[:-1]
            counts.append(len(inputs))
        assert sum(counts) == epochsize
    assert seen == [i % n + 1 for i in range(epochs * epochsize)]


@given(sizes, sizes, sizes, st.integers(0, 2**32))
def test_sampleiter_draws_the_stream_of_torch(n, batchsize, epochsize, seed):
    torch.manualSeed(seed)
    seen = []
    for k, inputs, _ in loader_of(n).sampleiter(batchsize, epochsize):
        seen += inputs.tolist()
        assert k == len(seen)
        assert len(inputs) == batchsize or k == epochsize
    torch.manualSeed(seed)
    assert seen == [torch.random(1, n) for _ in range(epochsize)]


@pytest.mark.parametrize("epochsize", [None, 0, -1])
def test_an_epoch_is_the_size_unless_given(epochsize):
    assert [k for k, _, _ in loader_of(70).subiter(None, epochsize)] == [32, 64, 70]
    assert [k for k, _, _ in loader_of(70).sampleiter(None, epochsize)] == [32, 64, 70]


def test_breaking_out_keeps_the_position_and_reset_drops_it():
    loader = loader_of(10)
    for k, _, _ in loader.subiter(3):
        if k == 6:
            break
    assert next(loader.subiter(3))[1].tolist() == [7, 8, 9]
    loader.reset()
    assert next(loader.subiter(3))[1].tolist() == [1, 2, 3]


def test_iterators_write_into_the_same_arrays():
    first, *others = [inputs for _, inputs, _ in loader_of(9).subiter(3)]
    assert all(other is first for other in others)
    first, *others = [inputs for _, inputs, _ in loader_of(9).sampleiter(3)]
    assert all(other is first for other in others)


def test_buffers_are_used_where_they_fit():
    loader = loader_of(9)
    buffer = np.zeros(3, np.int64)
    assert loader.sub(2, 4, buffer)[0] is buffer and buffer.tolist() == [2, 3, 4]
    assert loader.index([9, 1, 9], buffer)[0] is buffer and buffer.tolist() == [9, 1, 9]
    short, _ = loader.index([5], buffer)
    assert np.shares_memory(short, buffer) and short.tolist() == [5]
    assert loader.sub(1, 4, buffer)[0].tolist() == [1, 2, 3, 4]
    assert loader.sub(1, 3, np.zeros(3, np.float32))[0].dtype == np.int64


def test_batches_are_copies():
    loader = loader_of(4)
    loader.sub(1, 2)[0][:] = 0
    assert loader.inputs.tolist() == [1, 2, 3, 4]


def test_nested_data():
    a, b, c = np.arange(12.0).reshape(6, 2), np.arange(6), np.arange(18).reshape(6, 3)
    loader = dl.TensorLoader([a, [b, c]], (b, a))
    (x, (y, z)), (u, v) = loader.index([6, 1, 1])
    for got, source in ((x, a), (y, b), (z, c), (u, b), (v, a)):
        assert np.array_equal(got, source[[5, 0, 0]]) and got.dtype == source.dtype
    assert loader.isize() == [[2], [[], [3]]] and loader.tsize(False) == [[6], [6, 2]]
    left, right = loader.split(0.5)
    assert np.array_equal(left.inputs[1][1], c[:3]) and np.array_equal(right.targets[0], b[3:])
    torch.manualSeed(3)
    order = torch.randperm(6)
    torch.manualSeed(3)
    same, permutation = loader.shuffle()
    assert same is loader and np.array_equal(permutation, order)
    assert np.array_equal(loader.inputs[1][0], b[order - 1])
    first = next(loader.subiter(2))[1]
    buffers = first[0], first[1][0], first[1][1]
    (x, (y, z)), _ = loader.sub(3, 4, first)
    assert (x is buffers[0], y is buffers[1], z is buffers[2]) == (True, True, True)


def test_split_shares_memory():
    loader = loader_of(10)
    left, right = loader.split(1 / 3)
    assert (left.size(), right.size()) == (3, 7)
    assert np.shares_memory(left.inputs, loader.inputs) and np.shares_memory(right.targets, loader.targets)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: loader_of(3).split(1.5), ValueError, "0 < arg < 1"),
        (lambda: loader_of(3).split(0.1), ValueError, "leaves none"),
        (lambda: loader_of(3).sub(2, 4), IndexError, r"2 to 4 are not in 1\.\.3"),
        (lambda: loader_of(3).sub(0, 2), IndexError, r"0 to 2"),
        (lambda: loader_of(3).index([1, 4]), IndexError, r"1 to 4 are not in 1\.\.3"),
        (lambda: loader_of(3).index([0]), IndexError, "0 to 0"),
        (lambda: next(loader_of(3).subiter(0)), ValueError, "at least one"),
        (lambda: next(loader_of(0).subiter(2, 5)), ValueError, "no samples"),
        (lambda: dl.TensorLoader(np.zeros(3), np.zeros(4)), ValueError, r"\[3, 4\]"),
        (lambda: dl.TensorLoader([np.zeros(3), np.zeros(2)], np.zeros(3)), ValueError, r"\[3, 2, 3\]"),
        (lambda: dl.TensorLoader("text", np.zeros(3)), TypeError, "str"),
        (lambda: dl.DataLoader().size(), NotImplementedError, "Not Implemented"),
        (lambda: dl.DataLoader().index([1]), NotImplementedError, "Not Implemented"),
        (lambda: dl.SequenceLoader(np.arange(9), 3).sample(2), NotImplementedError, "Not Implemented"),
        (lambda: dl.SequenceLoader(np.arange(9), 3).sampleiter(2), NotImplementedError, "subiter"),
        (lambda: dl.SequenceLoader(np.arange(9), 3).sub(2, 3), IndexError, r"not in 1\.\.2"),
        (lambda: dl.SequenceLoader(np.arange(9), 10), ValueError, "10 columns"),
        (lambda: dl.SequenceLoader([1, 2], 1), TypeError, "list"),
        (lambda: dl.MultiSequence([], 1), ValueError, "0 sequences"),
        (lambda: dl.MultiSequence([np.arange(3)], 1).sampleiter(), NotImplementedError, "subiter"),
    ],
)
def test_what_cannot_be_done_says_so(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_wrong_index_leaves_the_loader_usable():
    loader = loader_of(3)
    with pytest.raises(IndexError):
        loader.index([7])
    assert loader.sub(1, 3)[0].tolist() == [1, 2, 3]


def test_clone_is_deep_but_for_what_is_shared():
    loader = loader_of(3)
    own, shared = loader.clone(), loader.clone("inputs")
    assert not np.shares_memory(own.inputs, loader.inputs)
    assert shared.inputs is loader.inputs and shared.targets is not loader.targets


def test_collectgarbage_counts_its_calls(monkeypatch):
    collections = []
    monkeypatch.setattr("gc.collect", lambda: collections.append(1))
    loader = loader_of(3)
    for _ in range(401):
        loader.collectgarbage()
    assert len(collections) == 2


class Squares(dl.DataLoader):
    def index(self, indices, inputs=None, targets=None, power=2):
        return np.asarray(indices), np.asarray(indices) ** power

    def size(self):
        return 5


def test_a_loader_of_ones_own():
    assert [y.tolist() for _, _, y in Squares().subiter(2)] == [[1, 4], [9, 16], [25]]
    assert [y.tolist() for _, _, y in Squares().subiter(3, None, 3)] == [[1, 8, 27], [64, 125]]
    assert all((y == x**3).all() for _, x, y in Squares().sampleiter(2, 10, 3))


@given(st.integers(2, 60), st.integers(1, 5), st.integers(1, 9), st.booleans())
def test_sequence_loader_covers_the_sequence(length, columns, seqlen, bidirectional):
    if length // columns < 2:
        return
    sequence = np.arange(length)
    loader = dl.SequenceLoader(sequence, columns, bidirectional)
    steps = length // columns
    seen = np.concatenate([x for _, x, _ in loader.subiter(seqlen)])
    ahead = np.concatenate([y for _, _, y in loader.subiter(seqlen)])
    grid = sequence[: steps * columns].reshape(columns, steps).T
    assert np.array_equal(seen, grid if bidirectional else grid[:-1])
    assert np.array_equal(ahead, grid if bidirectional else grid[1:])
    assert loader.isize(False) == [loader.size(), columns] and loader.tsize() == [columns]


def test_sequence_loader_gives_views_and_takes_items():
    sequence = np.arange(24.0).reshape(12, 2)
    loader = dl.SequenceLoader(sequence, 3)
    inputs, targets = loader.sub(2, 3)
    assert np.shares_memory(inputs, loader.data) and np.shares_memory(targets, loader.data)
    assert inputs.shape == (2, 3, 2) and np.array_equal(inputs[:, 1], sequence[5:7])
    assert not np.shares_memory(loader.data, sequence) and inputs.flags.c_contiguous


def walk(sequences, order, steps):
    """The steps of one column, one at a time."""
    order, inputs, targets = iter(order), [], []
    while len(inputs) < steps:
        sequence = sequences[next(order)]
        inputs += [0, *sequence[:-1]]
        targets += [1, *sequence[1:]]
    return inputs[:steps], targets[:steps]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.lists(st.integers(1, 7), min_size=1, max_size=6))
def test_multi_sequence_with_one_column_reads_all_in_turn(lengths, chunks):
    sequences = [np.arange(100 * i, 100 * i + n) for i, n in enumerate(lengths, 1)]
    loader = dl.MultiSequence(sequences, 1)
    parts = [tuple(a.copy() for a in loader.sub(1, n)) for n in chunks]
    inputs, targets = (np.concatenate(part)[:, 0].tolist() for part in zip(*parts))
    assert (inputs, targets) == walk(sequences, (i % len(lengths) for i in range(10**6)), sum(chunks))


def test_multi_sequence_as_in_the_manual():
    sequences = [np.array([11, 12, 13]), np.array([21, 22, 23, 24]), np.array([31, 32])]
    loader = dl.MultiSequence(sequences, 2)
    for _ in range(2):
        x, y = loader.sub(1, 6)
        assert x.T.tolist() == [[0, 11, 12, 0, 21, 22], [0, 31, 0, 11, 12, 0]]
        assert y.T.tolist() == [[1, 12, 13, 1, 22, 23], [1, 32, 1, 12, 13, 1]]
        x, y = loader.sub(1, 4, x, y)
        assert x.T.tolist() == [[23, 0, 31, 0], [21, 22, 23, 0]]
        assert y.T.tolist() == [[24, 1, 32, 1], [22, 23, 24, 1]]
        loader.reset()
    assert loader.size() == 5 and loader.isize() == []


def test_multi_sequence_of_arrays_and_random_order():
    sequences = [np.full((n, 2, 3), n, np.float32) for n in (2, 3, 4)]
    loader = dl.MultiSequence(sequences, 2)
    x, y = loader.sub(1, 5)
    assert x.shape == (5, 2, 2, 3) and x.dtype == np.float32 and not x[0].any() and not y[0].any()
    assert loader.isize() == [2, 3]
    loader.reset()
    loader.randseq = True
    torch.lua_math.randomseed(4)
    got = loader.sub(1, 40)[0][:, 0, 0, 0].tolist()
    torch.lua_math.randomseed(4)
    order = [torch.lua_math.random(1, 3) - 1 for _ in range(40)]
    assert got == walk([s[:, 0, 0].tolist() for s in sequences], order, 40)[0]


@pytest.mark.parametrize(
    "loader",
    [
        dl.TensorLoader([np.arange(6.0).reshape(3, 2), np.arange(3)], np.arange(3)),
        dl.SequenceLoader(np.arange(20), 3),
        dl.SequenceLoader(np.arange(20), 3, True),
        dl.MultiSequence([np.arange(4), np.arange(3)], 2),
    ],
    ids=lambda loader: type(loader).__name__,
)
def test_loaders_go_through_t7_files(loader, tmp_path):
    serialization.save(tmp_path / "x.t7", loader)
    assert b"dl." + type(loader).__name__.encode() in (tmp_path / "x.t7").read_bytes()
    again = serialization.load(tmp_path / "x.t7")
    assert type(again) is type(loader) and again.size() == loader.size()
    expected = [str((k, x, y)) for k, x, y in loader.subiter(2)]
    assert [str((k, x, y)) for k, x, y in again.subiter(2)] == expected


@pytest.mark.parametrize("ratio", [[0.6, 0.4], (0.5, 0.5), None, True, "0.5", np.array([0.5, 0.5])])
def test_split_takes_one_ratio(ratio):
    loader = dl.TensorLoader(np.arange(10.0), np.arange(10.0))
    with pytest.raises(TypeError, match="split takes one ratio and gives two parts"):
        loader.split(ratio)
