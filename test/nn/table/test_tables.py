"""Layers that rearrange tables: SplitTable, JoinTable, SelectTable, NarrowTable, FlattenTable, ZipTable(OneToMany)."""

import numpy as np
import pytest

import nn


def tensors(*values):
    return [np.full(2, float(v)) for v in values]


class TestSplitTable:
    def test_slices_are_views_of_any_type(self):
        x = np.arange(6).reshape(2, 3)
        out = nn.SplitTable(2).forward(x)
        assert len(out) == 3 and all(np.shares_memory(o, x) for o in out) and out[1].tolist() == [1, 4]

    def test_a_vector_gives_numbers(self):
        m = nn.SplitTable(1)
        assert m.forward(np.array([1.0, 2.5])) == [1.0, 2.5]
        assert np.array_equal(m.backward(np.array([1.0, 2.5]), [3.0, 4.0]), [3, 4])

    def test_gradInput_none_is_skipped(self):
        m = nn.SplitTable(1)
        m.gradInput = None
        x = np.ones((2, 3))
        assert m.backward(x, m.forward(x)) is None

    def test_an_earlier_output_stays(self):
        m = nn.SplitTable(1)
        out = m.forward(np.ones((3, 2)))
        assert len(m.forward(np.zeros((2, 2)))) == 2
        assert len(out) == 3 and (out[0] == 1).all()

    @pytest.mark.parametrize("dimension", [3, -3, 0])
    def test_a_missing_dimension_is_refused(self, dimension):
        with pytest.raises(ValueError, match="no dimension"):
            nn.SplitTable(dimension).forward(np.ones((2, 2)))

    def test_too_few_gradients_are_refused(self):
        m = nn.SplitTable(1)
        x = np.ones((3, 2))
        m.forward(x)
        with pytest.raises(ValueError, match="2 gradients for the 3 slices"):
            m.backward(x, [x[0], x[0]])


class TestJoinTable:
    def test_converts_other_types_and_gives_their_gradients_back(self):
        m = nn.JoinTable(1)
        table = [np.array([1, 2]), np.array([0.5], np.float32)]
        out = m.forward(table)
        assert out.dtype == np.float64 and out.tolist() == [1, 2, 0.5]
        a, b = m.backward(table, np.array([1.0, 2.0, 3.0]))
        assert a.dtype == np.int64 and b.dtype == np.float32 and b.tolist() == [3]

    def test_gradients_follow_the_length_of_the_table(self):
        m = nn.JoinTable(1)
        for n in (3, 1, 2):
            table = tensors(*range(n))
            m.forward(table)
            assert len(m.backward(table, np.ones(2 * n))) == n

    def test_sizes_that_do_not_fit_are_named(self):
        with pytest.raises(ValueError, match=r"2x3 .*, 3x2"):
            nn.JoinTable(1).forward([np.ones((2, 3)), np.ones((3, 2))])
        with pytest.raises(TypeError, match="table of tensors"):
            nn.JoinTable(1).forward([])


class TestSelectTable:
    def test_the_entry_itself_is_returned(self):
        table = [*tensors(1, 2), tensors(3)]
        assert nn.SelectTable(2).forward(table) is table[1]
        assert nn.SelectTable(-1).forward(table) is table[2]
        assert nn.SelectTable("k").forward({"k": table}) is table

    @pytest.mark.parametrize("index", [0, 3, -3, "k", None])
    def test_a_missing_entry_is_refused(self, index):
        with pytest.raises(IndexError, match="index does not exist in the input table"):
            nn.SelectTable(index).forward(tensors(1, 2))
        with pytest.raises(IndexError, match="index does not exist"):
            nn.SelectTable(index).forward({1: 0, 2: 0})

    def test_other_entries_get_zeros_of_their_own_shape_and_type(self):
        m = nn.SelectTable(1)
        table = [np.ones(2), [np.ones((1, 2), np.float32), {"a": np.ones(3, int)}]]
        for _ in range(2):
            gradInput = m.backward(table, np.array([5.0, 6.0]))
        assert gradInput[0].tolist() == [5, 6]
        assert gradInput[1][0].tolist() == [[0, 0]] and gradInput[1][0].dtype == np.float32
        assert gradInput[1][1]["a"].tolist() == [0, 0, 0]
        gradInput[1][0].fill(7)
        assert not m.backward(table, np.zeros(2))[1][0].any()

    def test_structure_may_change(self):
        m = nn.SelectTable(1)
        m.backward([np.ones(2), tensors(1, 2)], np.ones(2))
        assert len(m.backward([np.ones(2)], np.ones(2))) == 1
        assert set(m.backward({1: np.ones(2), "b": np.ones(1)}, np.ones(2))) == {1, "b"}

    def test_the_gradient_is_a_copy(self):
        m, go = nn.SelectTable(1), np.ones(2)
        m.backward(tensors(1, 2), go)
        m.backward(tensors(1, 2), np.zeros(2))
        assert (go == 1).all()

    def test_print(self):
        assert [str(nn.SelectTable(i)) for i in (1, -1, "A", 2.0)] == [
            "nn.SelectTable(1)",
            "nn.SelectTable(-1)",
            "nn.SelectTable(A)",
            "nn.SelectTable(2)",
        ]


class TestNarrowTable:
    def test_entries_themselves(self):
        table = tensors(1, 2, 3)
        out = nn.NarrowTable(2, 2).forward(table)
        assert out[0] is table[1] and out[1] is table[2] and len(out) == 2
        assert len(nn.NarrowTable(3, 5).forward(table)) == 1
        assert nn.NarrowTable(9).forward(table) == []

    def test_gradients_and_zeros(self):
        m, go = nn.NarrowTable(2), np.ones(2)
        table = tensors(1, 2, 3)
        gradInput = m.backward(table, [go])
        assert gradInput[1] is go and not gradInput[0].any() and not gradInput[2].any()
        m.offset = 1
        m.backward(table, [np.full(2, 2.0)])
        assert (go == 1).all(), "zeros are not written into what the caller passed"

    def test_bad_offsets_and_gradients(self):
        for offset in (None, 0, -1):
            with pytest.raises(ValueError, match=r"nn.NarrowTable\(offset, length\)"):
                nn.NarrowTable(offset)
        with pytest.raises(ValueError, match="1 gradients for 2 entries"):
            nn.NarrowTable(1, 2).backward(tensors(1, 2), tensors(1))


class TestFlattenTable:
    def test_leaves_in_order_by_reference(self):
        a, b, c, d = tensors(1, 2, 3, 4)
        m = nn.FlattenTable()
        out = m.forward([a, [b, (c,)], {"x": d}])
        assert [o is e for o, e in zip(out, (a, b, c, d))] == [True] * 4
        g = tensors(5, 6, 7, 8)
        gradInput = m.backward([a, [b, (c,)], {"x": d}], g)
        assert gradInput[0] is g[0] and gradInput[1][0] is g[1] and gradInput[1][1][0] is g[2]
        assert gradInput[2]["x"] is g[3]

    def test_the_output_stays_while_the_tensors_do(self):
        m = nn.FlattenTable()
        a, b = tensors(1, 2)
        out = m.forward([a, [b]])
        assert m.forward([a, [b]]) is out
        assert m.forward([b, [a]]) is not out and out[0] is a
        assert m.backward([a], [b]) == [b]
        assert m.float() is m and m.type() == "torch.FloatTensor"

    def test_counts_must_agree(self):
        with pytest.raises(ValueError, match="1 gradients for 2 tensors"):
            nn.FlattenTable().backward(tensors(1, 2), tensors(1))
        with pytest.raises(TypeError, match="must be a table"):
            nn.FlattenTable().forward(np.ones(2))


class TestZip:
    def test_there_and_back(self):
        m = nn.ZipTable()
        a1, a2, b1, b2, c1, c2 = tensors(1, 2, 3, 4, 5, 6)
        out = m.forward([[a1, a2], [b1, b2], [c1, c2]])
        assert len(out) == 2 and out[1][2] is c2
        back = m.backward([[a1, a2], [b1, b2], [c1, c2]], out)
        assert len(back) == 3 and back[0][1] is a2
        assert m.forward([[a1], [b1]]) == [[a1, b1]] and len(out) == 2

    def test_one_to_many(self):
        m = nn.ZipTableOneToMany()
        v, a, b, c = tensors(1, 2, 3, 4)
        out = m.forward([v, [a, b, c]])
        assert out[2][0] is v and out[2][1] is c
        g = [tensors(1, 5), tensors(2, 6), tensors(3, 7)]
        gradV, others = m.backward([v, [a, b, c]], g)
        assert gradV.tolist() == [6, 6] and others[1] is g[1][1]
        assert g[0][0].tolist() == [1, 1]
        assert m.backward([v, [a]], g[:1])[0].tolist() == [1, 1]

    def test_shapes_are_checked(self):
        with pytest.raises(ValueError, match="different lengths: 2, 1"):
            nn.ZipTable().forward([tensors(1, 2), tensors(3)])
        with pytest.raises(ValueError, match="table of element and table"):
            nn.ZipTableOneToMany().forward(tensors(1, 2))


def test_gradients_of_other_inputs_are_refused():
    x = np.ones((4, 6))
    module = nn.MapTable(nn.Linear(6, 2))
    module.forward([x, x])
    with pytest.raises(ValueError, match="2 inputs, 1 gradients"):
        module.backward([x, x], [np.ones((4, 2))])
    module = nn.CosineDistance()
    module.forward([x[:1], x[:1]])
    with pytest.raises(ValueError, match="forward before backward"):
        module.backward([x, x], np.ones(1))
    module = nn.JoinTable(1)
    module.forward([x, x])
    with pytest.raises(TypeError, match="gradOutput"):
        module.backward([x, x], [x])
