"""CMaxTable, CMinTable."""

import numpy as np

import nn


class TestCMaxTable:
    def test_ties_go_to_the_first(self):
        table = [np.array([1.0, 5.0, 2.0]), np.array([1.0, 4.0, 3.0]), np.array([1.0, 5.0, 3.0])]
        m = nn.CMaxTable()
        assert m.forward(table).tolist() == [1, 5, 3]
        assert m.maxIdx.tolist() == [1, 1, 2]
        grads = m.backward(table, np.array([7.0, 8.0, 9.0]))
        assert [g.tolist() for g in grads] == [[7, 8, 0], [0, 0, 9], [0, 0, 0]]
        m = nn.CMinTable()
        assert m.forward(table).tolist() == [1, 4, 2] and m.minIdx.tolist() == [1, 2, 1]

    def test_nan_sticks_in_the_first_and_never_wins_later(self):
        out = nn.CMaxTable().forward([np.array([np.nan, 1.0]), np.array([1.0, np.nan])])
        assert np.isnan(out[0]) and out[1] == 1

    def test_conversion_after_a_forward(self):
        m = nn.CMaxTable()
        m.forward([np.zeros(2), np.ones(2)])
        m.float()
        assert m.forward([np.zeros(2, np.float32), np.ones(2, np.float32)]).dtype == np.float32
