"""SplitTable."""

import numpy as np
import pytest

import nn


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
