import numpy as np
import pytest

import nn
import torch7 as torch
from torch7 import registry


def data(*shape, dtype=np.float64):
    rng = np.random.default_rng(3)
    return rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape).astype(dtype)


def test_formula_and_running_statistics():
    x, _ = data(6, 3, 4, 5)
    m = nn.SpatialBatchNormalization(3, 1e-3, 0.2)
    y = m.forward(x)
    mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    expected = (x - mean[:, None, None]) / np.sqrt(var + 1e-3)[:, None, None] * m.weight[:, None, None]
    np.testing.assert_allclose(y, expected, atol=1e-12)
    np.testing.assert_allclose(m.running_mean, 0.2 * mean)
    n = x.size // 3
    np.testing.assert_allclose(m.running_var, 0.2 * var * n / (n - 1) + 0.8)


def test_a_batch_of_one_uses_running_statistics_and_keeps_them():
    m = nn.BatchNormalization(3)
    m.running_mean[...] = 2
    y = m.forward(np.full((1, 3), 5.0))
    np.testing.assert_allclose(y[0], 3 / np.sqrt(1 + 1e-5) * m.weight)
    assert (m.running_mean == 2).all()
    gradInput = m.backward(np.full((1, 3), 5.0), np.ones((1, 3)))
    np.testing.assert_allclose(gradInput[0], m.weight / np.sqrt(1 + 1e-5))


def test_a_sample_in_evaluation_keeps_the_callers_shape():
    m = nn.BatchNormalization(3).evaluate()
    x = np.ones(3)
    assert m.forward(x).shape == (1, 3)
    assert m.backward(x, np.ones((1, 3))).shape == (3,)
    assert x.shape == (3,)


def test_momentum_zero_is_kept():
    m = nn.BatchNormalization(3, None, 0)
    m.forward(data(4, 3)[0])
    assert (m.running_mean == 0).all()
    assert (m.running_var == 1).all()


def test_constant_feature_with_eps_zero():
    m = nn.BatchNormalization(2, 0.0)
    y = m.forward(np.ones((4, 2)))
    assert (y == 0).all()


@pytest.mark.parametrize(
    ("arguments", "error"), [((None,), TypeError), ((0,), ValueError), ((3, None, None, 1), TypeError)]
)
def test_wrong_arguments(arguments, error):
    with pytest.raises(error):
        nn.BatchNormalization(*arguments)


def test_backward_needs_forward():
    with pytest.raises(ValueError, match="must call updateOutput"):
        nn.BatchNormalization(3).backward(*data(4, 3))


def test_gradInput_none_is_skipped():
    m = nn.BatchNormalization(3)
    x, g = data(4, 3)
    m.gradInput = None
    m.forward(x)
    assert m.backward(x, g) is None
    assert m.gradBias.any()


#: More samples than blocks of sums, fewer than threads, and planes of less than a vector, of some and of many.
PLANES = [(9, 7, 33, 20), (130, 3, 5, 5), (1, 37, 9, 9), (2, 5, 1, 3), (70, 2, 16, 16), (3, 1, 4, 40)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [shape for shape in PLANES if shape[0] > 1], ids=str)
def test_planes_agree_with_the_formula(shape, dtype):
    """Means of ten deviations, and gradients nearly constant: what is summed and subtracted nearly cancels."""
    x, g = data(*shape, dtype=dtype)
    x, g = x + dtype(10), dtype(1e-3) * g + dtype(1)
    m = nn.SpatialBatchNormalization(shape[1], 1e-3)
    m = m.float() if dtype == np.float32 else m
    y, dx = m.forward(x).copy(), m.backward(x, g).copy()
    wide, slope = x.astype(np.float64), g.astype(np.float64)
    axes, spread = (0, 2, 3), m.weight.astype(np.float64)[:, None, None]
    mean, inverse = wide.mean(axes, keepdims=True), 1 / np.sqrt(wide.var(axes, keepdims=True) + 1e-3)
    normal = (wide - mean) * inverse
    steep = (slope * normal).mean(axes, keepdims=True)
    exact = np.finfo(dtype).eps
    np.testing.assert_allclose(y, normal * spread, atol=40 * exact)
    expected = (slope - slope.mean(axes, keepdims=True) - normal * steep) * inverse * spread
    np.testing.assert_allclose(dx, expected, atol=40 * exact)
    np.testing.assert_allclose(m.gradWeight, (slope * normal).sum(axes), atol=40 * exact * x.size / shape[1])
    np.testing.assert_allclose(m.gradBias, slope.sum(axes), rtol=4 * exact)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [1e3, -1e5])
def test_a_first_sample_far_from_the_others(dtype, offset):
    x, _ = data(40, 3, 6, 7, dtype=dtype)
    x[0] += dtype(offset)
    m = nn.SpatialBatchNormalization(3, 0, 1)
    m = m.float() if dtype == np.float32 else m
    y = m.forward(x)
    wide, axes = x.astype(np.float64), (0, 2, 3)
    exact = np.finfo(dtype).eps
    np.testing.assert_allclose(m.running_mean, wide.mean(axes), rtol=4 * exact)
    np.testing.assert_allclose(m.running_var, wide.var(axes, ddof=1), rtol=40 * exact)
    normal = (wide - wide.mean(axes, keepdims=True)) / wide.std(axes, keepdims=True)
    np.testing.assert_allclose(y, normal * m.weight[:, None, None], atol=40 * exact)


def test_constant_planes_have_no_deviation():
    x = np.full((5, 2, 3, 7), 0.1, np.float32)
    m = nn.SpatialBatchNormalization(2, 0).float()
    assert not m.forward(x).any()


@pytest.mark.parametrize("shape", [(40, 130), *PLANES], ids=str)
def test_results_do_not_depend_on_the_number_of_threads(shape):
    x, g = data(*shape, dtype=np.float32)
    results = []
    for threads in (1, 2, 3):
        torch.setnumthreads(threads)
        torch.manualSeed(1)
        m = (nn.BatchNormalization if len(shape) == 2 else nn.SpatialBatchNormalization)(shape[1]).float()
        results.append([m.forward(x).copy(), m.backward(x, g).copy(), m.gradWeight, m.gradBias, m.running_var])
    for a, *others in zip(*results):
        assert all(np.array_equal(a, b) for b in others)


def test_old_files_hold_the_inverse_deviation():
    fields = {"running_std": np.full(2, 2.0), "eps": 0.01}
    for upgrade in registry.upgrades(nn.BatchNormalization):
        upgrade(None, fields)
    np.testing.assert_allclose(fields["running_var"], 0.24)
    assert "running_std" not in fields
