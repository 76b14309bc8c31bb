"""CAddTable, CSubTable, CAddTensorTable."""

import numpy as np
import pytest

import nn


class TestCAddTable:
    def test_in_place_writes_over_the_first(self):
        a, b, go = np.ones(3), np.full(3, 2.0), np.full(3, 5.0)
        m = nn.CAddTable(True)
        assert m.forward([a, b]) is a and (a == 3).all()
        gradInput = m.backward([a, b], go)
        assert all(np.shares_memory(g, go) for g in gradInput)

    def test_gradients_follow_the_length(self):
        m = nn.CAddTable()
        for n in (3, 1, 2):
            table = [np.ones(2)] * n
            m.forward(table)
            assert len(m.backward(table, np.ones(2))) == n


def test_csub_and_cdiv_ignore_further_tensors():
    table = [np.array([6.0]), np.array([2.0]), "ignored"]
    assert nn.CSubTable().forward(table) == 4
    m = nn.CDivTable()
    assert m.forward(table) == 3
    assert [g.item() for g in m.backward(table, np.ones(1))] == [0.5, -1.5]


def test_a_missing_gradient_of_a_tensor_table_is_refused():
    m = nn.CAddTensorTable()
    table = [np.ones(3), [np.ones(3), np.ones(3)]]
    m.forward(table)
    with pytest.raises(ValueError, match="1 gradients for 2 tensors"):
        m.backward(table, [np.ones(3)])
