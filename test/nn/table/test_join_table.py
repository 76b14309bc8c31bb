"""JoinTable."""

import numpy as np
import pytest
from filling import tensors

import nn


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
