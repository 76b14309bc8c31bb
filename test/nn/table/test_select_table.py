"""SelectTable, NarrowTable."""

import numpy as np
import pytest
from filling import tensors

import nn


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
