import numpy as np
import pytest

import nn
import torch7 as torch

INDICES = np.array([[3, 1, 3], [5, 3, 2]])


def backward(m, scale=1.0, indices=INDICES):
    m.zeroGradParameters()
    g = np.random.default_rng(4).standard_normal(m.forward(indices).shape)
    m.backward(indices, g, scale)
    return g


def test_gradients_of_repeated_rows_add_up():
    m = nn.LookupTable(5, 4)
    g = backward(m, 0.5)
    expected = np.zeros((5, 4))
    np.add.at(expected, INDICES.ravel() - 1, 0.5 * g.reshape(-1, 4))
    np.testing.assert_allclose(m.gradWeight, expected, atol=1e-14)
    assert m.gradInput.dtype == np.int64
    assert not m.gradInput.any()


def test_padding_is_shown_but_not_learned():
    m = nn.LookupTable(5, 4).setPadding(3)
    backward(m)
    np.testing.assert_array_equal(m.output[0, 0], m.weight[2])
    assert not m.gradWeight[2].any()
    assert m.gradWeight[0].any()


def test_gradients_divided_by_frequency():
    m = nn.LookupTable(5, 4).scaleGradByFreq()
    g = backward(m).reshape(-1, 4)
    np.testing.assert_allclose(m.gradWeight[2], (g[0] + g[2] + g[4]) / 3)
    np.testing.assert_allclose(m.gradWeight[0], g[1])


@pytest.mark.parametrize(("p", "norm"), [(None, 2), (1, 1), (3, 3)])
def test_used_rows_are_limited(p, norm):
    m = nn.LookupTable(5, 4, 0, 0.7, p)
    before = m.weight.copy()
    m.forward(INDICES)
    norms = np.linalg.norm(m.weight, norm, 1)
    used = np.unique(INDICES) - 1
    assert (norms[used] <= 0.7 + 1e-6).all()
    np.testing.assert_array_equal(m.weight[3], before[3])
    np.testing.assert_allclose(m.weight[2] / before[2], (m.weight[2] / before[2])[0])


def test_only_direct_updates():
    m, other = nn.LookupTable(5, 4).accUpdateOnly(), nn.LookupTable(5, 4)
    other.weight[...] = m.weight
    g = backward(other)
    other.updateParameters(0.1)
    m.zeroGradParameters()
    m.forward(INDICES)
    m.accUpdateGradParameters(INDICES, g, 0.1)
    np.testing.assert_allclose(m.weight, other.weight)


def test_results_do_not_depend_on_the_number_of_threads():
    indices = np.random.default_rng(0).integers(1, 50, 3000)
    results = []
    for threads in (1, 2):
        torch.setnumthreads(threads)
        torch.manualSeed(1)
        m = nn.LookupTable(50, 48).float()
        g = np.random.default_rng(4).standard_normal(m.forward(indices).shape).astype(np.float32)
        m.backward(indices, g)
        results.append(m.gradWeight)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    ("wrong", "error"), [(np.array([6]), IndexError), (np.ones((1, 1, 1)), ValueError), (3, TypeError)]
)
def test_wrong_input(wrong, error):
    with pytest.raises(error):
        nn.LookupTable(5, 4).forward(wrong)


def test_wrong_norm():
    with pytest.raises(ValueError, match="norm type"):
        nn.LookupTable(5, 4, 0, 1, -1).forward(INDICES)
