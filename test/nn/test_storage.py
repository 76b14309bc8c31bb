"""Views of storages: found, laid anew, converted and carried along in copies."""

import copy
import pickle

import numpy as np
import pytest

import nn
from nn.storage import convert, layout, pack, persistent, replace_arrays, storage_of, view_of

VIEWS = {
    "whole": lambda s: s,
    "part": lambda s: s[2:7],
    "strided": lambda s: s[1::3],
    "reversed": lambda s: s[::-1],
    "transposed": lambda s: s.reshape(3, 4).T,
    "expanded": lambda s: np.broadcast_to(s[:1], (3, 1)),
    "view of a view": lambda s: s[1:].reshape(1, 11)[:, 2:5],
    "empty": lambda s: s[3:3],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
class TestView:
    def test_a_view_laid_anew_is_the_view(self, view):
        storage = np.arange(12.0)
        x = view(storage)
        assert storage_of(x) is storage
        assert np.array_equal(view_of(storage, *layout(x, storage)), x)

    def test_conversion_keeps_the_view(self, view):
        storage = np.arange(12.0)
        x, cache = view(storage), {}
        y = convert(x, "torch.FloatTensor", cache)
        assert y.dtype == np.float32 and np.array_equal(x, y)
        whole = convert(storage, "torch.FloatTensor", cache)
        assert storage_of(y) is storage_of(whole)

    @pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
    def test_copies_keep_it(self, view, duplicate):
        m = nn.Module()
        m.storage = np.arange(12.0)
        m.x = view(m.storage)
        new = duplicate(m)
        assert np.array_equal(new.x, m.x)
        assert storage_of(new.x) is new.storage is not m.storage


def test_a_tensor_of_the_type_is_returned_itself():
    x = np.arange(3.0)[1:]
    assert convert(x, "torch.DoubleTensor", {}) is x


def test_indices_and_masks_keep_their_dtype():
    for dtype in (np.int64, np.uint8, bool):
        assert convert(np.ones(2, dtype), "torch.FloatTensor", {}).dtype == dtype


def test_memory_of_another_dtype_is_no_storage():
    raw = np.zeros(16, np.uint8)
    x = raw.view(np.float64)
    assert storage_of(x) is x


def test_foreign_memory():
    x = np.frombuffer(bytes(24))
    m = nn.Module()
    m.x = x[1:]
    assert np.array_equal(copy.deepcopy(m).x, [0, 0])


def test_pack_returns_what_holds_no_view_itself():
    table = [np.zeros(2), {"a": (1, "b")}]
    assert pack(table) is table
    assert pack([np.zeros(2)[1:]]) != table


def test_persistent_leaves_out_what_is_derived():
    assert set(persistent(nn.Module())) == {"_type", "output", "gradInput"}


def test_replace_arrays_goes_through_tables_modules_and_cycles():
    m = nn.Sequential().add(nn.Linear(2, 2))
    m.table = [np.zeros(1), (np.zeros(1), {"a": np.zeros(1)})]
    m.table.append(m.table)
    m.itself = m
    replace_arrays(m, lambda x: np.full(x.shape, 5.0))
    assert m.table[0] == m.table[1][0] == m.table[1][1]["a"] == 5
    assert (m.get(1).weight == 5).all()
