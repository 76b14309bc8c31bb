"""CMulTable, CDivTable."""

import numpy as np

import nn


def test_cdiv_by_zero_is_infinite_without_a_warning():
    with np.errstate(all="raise"):
        m = nn.CDivTable()
        out = m.forward([np.array([1.0, 0.0]), np.zeros(2)])
        m.backward([np.array([1.0, 0.0]), np.zeros(2)], np.ones(2))
    assert out[0] == np.inf and np.isnan(out[1])


def test_cmul_gradient_is_exact_at_zeros():
    m = nn.CMulTable()
    table = [np.array([0.0, 0.0]), np.array([2.0, 0.0]), np.array([3.0, 4.0])]
    m.forward(table)
    grads = [g.copy() for g in m.backward(table, np.array([1.0, 1.0]))]
    assert [g.tolist() for g in grads] == [[6, 0], [0, 0], [0, 0]]
    table = [np.array([2.0]), np.array([3.0]), np.array([4.0])]
    m.forward(table)
    assert [g.item() for g in m.updateGradInput_efficient(table, np.array([10.0]))] == [120, 80, 60]
