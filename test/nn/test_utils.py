"""nn.utils: nested tables of tensors."""

import numpy as np
import pytest

import nn
from nn import utils


def nested():
    return [np.arange(3.0), [np.ones((2, 2)), {"a": np.zeros(1)}]]


class TestRecursiveType:
    def test_tables_are_converted_in_place(self):
        table = nested()
        assert utils.recursiveType(table, "torch.FloatTensor") is table
        assert table[0].dtype == table[1][0].dtype == table[1][1]["a"].dtype == np.float32

    def test_views_and_sharing_survive(self):
        x = np.arange(4.0)
        table = utils.recursiveType([x, x, x[1:3]], "torch.FloatTensor")
        table[0][1] = 9
        assert table[1][1] == table[2][0] == 9

    def test_one_cache_joins_several_calls(self):
        x, cache = np.arange(4.0), {}
        a, b = (utils.recursiveType(x[i:], "torch.FloatTensor", cache) for i in (0, 1))
        assert np.shares_memory(a, b)

    def test_modules_criterions_and_other_things(self):
        m, c = nn.Linear(1, 1), nn.MSECriterion()
        assert utils.recursiveType(m, "torch.FloatTensor") is m and m.type() == "torch.FloatTensor"
        assert utils.recursiveType(c, "torch.FloatTensor") is c and c.gradInput.dtype == np.float32
        assert utils.recursiveType("x", "torch.FloatTensor") == "x"
        assert utils.recursiveType((np.zeros(1), 3), "torch.FloatTensor")[0].dtype == np.float32


class TestRecursiveResizeAs:
    def test_makes_the_shape_of_the_other(self):
        t2 = nested()
        t1, same = utils.recursiveResizeAs(None, t2)
        assert same is t2 and t1 is not t2
        assert t1[1][0].shape == (2, 2) and t1[1][1]["a"].shape == (1,)

    def test_reuses_what_fits_and_drops_what_is_too_much(self):
        t1 = [np.zeros(3), [np.zeros((2, 2)), {"a": np.zeros(1), "b": np.zeros(1)}, np.zeros(1)], np.zeros(1)]
        lists, kept = (t1, t1[1], t1[1][1]), (t1[0], t1[1][0], t1[1][1]["a"])
        new, _ = utils.recursiveResizeAs(t1, nested())
        assert (new, new[1], new[1][1]) == lists and all(a is b for a, b in zip((new, new[1], new[1][1]), lists))
        assert all(a is b for a, b in zip(kept, (new[0], new[1][0], new[1][1]["a"])))
        assert len(new) == len(new[1]) == 2 and list(new[1][1]) == ["a"]

    def test_a_tensor_becomes_the_first_of_a_table(self):
        x = np.zeros(3)
        new, _ = utils.recursiveResizeAs(x, [np.ones(3), np.ones(2)])
        assert new[0] is x and new[1].shape == (2,)

    def test_other_things_are_refused(self):
        with pytest.raises(TypeError, match="expecting nested tensors or tables"):
            utils.recursiveResizeAs(None, [1.0])


def test_recursiveFill():
    table = nested()
    assert utils.recursiveFill(table, 2) is table
    assert (table[1][0] == 2).all() and table[1][1]["a"] == 2
    with pytest.raises(TypeError, match="nested"):
        utils.recursiveFill("x", 1)


class TestRecursiveAdd:
    def test_adds_with_and_without_a_factor(self):
        a, b = nested(), nested()
        assert utils.recursiveAdd(a, b) == (a, b)
        assert np.array_equal(a[0], [0, 2, 4])
        utils.recursiveAdd(a, -0.5, b)
        assert np.array_equal(a[0], [0, 1.5, 3]) and (a[1][0] == 1.5).all()

    def test_counts_not_shapes_matter_and_nothing_is_broadcast(self):
        a = np.zeros((2, 2))
        utils.recursiveAdd(a, 2, np.arange(4.0))
        assert np.array_equal(a, [[0, 2], [4, 6]])
        for wrong in (np.zeros(2), np.zeros((2, 1)), [np.zeros(4)]):
            with pytest.raises(ValueError, match="one shape"):
                utils.recursiveAdd(a, wrong)

    def test_tables_of_other_keys_are_refused(self):
        with pytest.raises(ValueError, match="one shape"):
            utils.recursiveAdd([np.zeros(1)], [np.zeros(1), np.zeros(1)])


class TestRecursiveCopy:
    def test_is_deep_and_reuses(self):
        source = nested()
        t1, _ = utils.recursiveCopy(None, source)
        assert np.array_equal(t1[1][0], source[1][0]) and not np.shares_memory(t1[0], source[0])
        again, _ = utils.recursiveCopy(t1, source)
        assert again is t1 and again[0] is t1[0]


class TestRecursiveCast:
    def test_what_is_of_the_type_stays_itself(self):
        x = np.zeros(2)
        assert utils.recursiveCast(None, [x], "torch.DoubleTensor")[0] is x

    def test_others_are_copied_into_the_buffer(self):
        buffer = utils.recursiveCast(None, {"a": [np.ones(2, np.float32)]}, "torch.DoubleTensor")
        again = utils.recursiveCast(buffer, {"a": [np.full(2, 3, np.float32)]}, "torch.DoubleTensor")
        assert again["a"][0] is buffer["a"][0] and (again["a"][0] == 3).all()
        assert again["a"][0].dtype == np.float64


def test_sequence_takes_lists_and_numbered_dicts():
    assert utils.sequence((1, 2)) == (1, 2)
    assert utils.sequence({1: "a", 2: "b", 4: "d", "x": 0}) == ["a", "b"]
    with pytest.raises(TypeError, match="table"):
        utils.sequence(np.zeros(2))


def test_addSingletonDimension():
    t = np.arange(6.0).reshape(2, 3)
    assert utils.addSingletonDimension(t).shape == (1, 2, 3)
    view = utils.addSingletonDimension(t, 3)
    assert view.shape == (2, 3, 1) and np.shares_memory(view, t)
    assert utils.addSingletonDimension(np.empty(0), t, 2).shape == (2, 1, 3)
    assert utils.addSingletonDimension(t[:, ::2], 2).base is not None
    for dim in (0, 4):
        with pytest.raises(ValueError, match="invalid dimension"):
            utils.addSingletonDimension(t, dim)


def test_contiguousView():
    t = np.arange(6.0).reshape(2, 3)
    assert np.shares_memory(utils.contiguousView(None, t, 3, 2), t)
    buffer = np.empty((3, 2))
    view = utils.contiguousView(buffer, t.T, [6])
    assert np.array_equal(view, [0, 3, 1, 4, 2, 5]) and np.shares_memory(view, buffer)


def test_clear():
    m = nn.Linear(2, 2)
    held = m.weight
    m.table, m.keyed, m.text, m.flag, m.number = [1], {"a": 1}, "x", False, 3
    assert utils.clear(m, "weight", "table", "keyed", "text", "flag", "number", "absent") is m
    assert m.weight.shape == (0,) and held.shape == (2, 2)
    assert (m.table, m.keyed, m.text, m.flag, m.number) == ([], {}, None, False, None)
    m.output = np.zeros(3)
    assert utils.clear(m, ["output", "gradInput"]).output.size == 0


def test_numbers_and_sizes_as_torch_writes_them():
    assert utils.lua_number(3.0) == utils.lua_number(3) == "3"
    assert utils.lua_number(1 / 3) == "0.33333333333333"
    assert utils.lua_number(1e20) == "1e+20"
    assert utils.size_string((2, 3)) == "2x3"
    assert utils.sizes_of(2, 3) == utils.sizes_of([2, 3]) == utils.sizes_of(np.array([2, 3])) == (2, 3)
    assert utils.sizes_of(np.int64(2)) == utils.sizes_of(2) == (2,)
