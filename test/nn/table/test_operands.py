"""What all layers of several tensors have in common: numbers of elements, types, buffers."""

import numpy as np
import pytest

import nn

PAIRS = [nn.CAddTable, nn.CSubTable, nn.CMulTable, nn.CDivTable, nn.CMaxTable, nn.CMinTable]


@pytest.mark.parametrize("make", PAIRS)
class TestElementCounts:
    def test_counts_decide_not_shapes(self, make):
        a, b = np.array([[4.0], [3.0], [2.0], [1.0]]), np.array([1.0, 2.0, 4.0, 5.0])
        m = make()
        out = m.forward([a, b])
        assert out.shape == (4, 1)
        np.testing.assert_array_equal(out.ravel(), make().forward([a.ravel(), b]))
        gradA, gradB = m.backward([a, b], np.ones(4))
        assert gradA.shape == (4, 1) and gradB.shape == (4,)

    @pytest.mark.parametrize("wrong", [(3,), (1,), (1, 1), (4, 4), ()])
    def test_nothing_is_broadcast(self, make, wrong):
        m = make()
        with pytest.raises(ValueError, match="different numbers of elements"):
            m.forward([np.ones(4), np.ones(wrong)])

    def test_types_are_strict(self, make):
        for other in (np.ones(4, np.float32), np.ones(4, int), [1.0] * 4):
            with pytest.raises(TypeError):
                make().forward([np.ones(4), other])
            with pytest.raises(TypeError):
                make().forward([other, np.ones(4)])

    def test_buffers_last(self, make):
        m, table = make(), [np.ones((2, 3)), np.ones((2, 3))]
        out = m.forward(table)
        grads = m.backward(table, out)
        first = [id(out), id(grads), *map(id, grads)]
        out = m.forward(table)
        grads = m.backward(table, out)
        assert first == [id(out), id(grads), *map(id, grads)]


@pytest.mark.parametrize("make", [nn.CAddTable, nn.CSubTable, nn.CMulTable, nn.CDivTable, nn.DotProduct])
def test_backward_goes_with_the_input_it_is_given(make):
    m, table = make(), [np.array([[2.0, 3.0]]), np.array([[4.0, 5.0]])]
    go = np.ones_like(m.forward(table))
    expected = [g.copy() for g in m.backward(table, go)]
    m.forward([np.ones((3, 5)), np.ones((3, 5))])
    assert all(map(np.array_equal, m.backward(table, go), expected))
