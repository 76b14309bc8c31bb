"""FractionalMaxPool2d and 3d: PyTorch's places for a seed, given samples, gradients, NaN, refusals."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F


def test_places_of_a_seed():
    x = np.arange(30, dtype=np.float32).reshape(1, 1, 5, 6)
    tnn.manual_seed(5)
    places = tnn.FractionalMaxPool2d(2, output_size=3, return_indices=True)(x)[1]
    assert places.ravel().tolist() == [7, 9, 11, 13, 15, 17, 25, 27, 29]
    places = tnn.FractionalMaxPool2d(2, output_ratio=0.7, return_indices=True)(x)[1]
    assert places.ravel().tolist() == [7, 8, 9, 11, 13, 14, 15, 17, 25, 26, 27, 29]
    pool = tnn.FractionalMaxPool3d((1, 2, 3), output_size=2, return_indices=True)
    places = pool(np.arange(60, dtype=np.float32).reshape(1, 3, 4, 5))[1]
    assert places.ravel().tolist() == [7, 9, 17, 19, 47, 49, 57, 59]


@pytest.mark.parametrize("dims", [2, 3])
def test_gradients(dims):
    x = np.random.default_rng(0).permutation(4 * 5 * 6 * 3).reshape(1, 3, 4, 5, 6)[(..., *(0,) * (3 - dims))] * 1.0
    samples = np.random.default_rng(1).random((1, 3, dims))
    pool = getattr(tnn, f"FractionalMaxPool{dims}d")(2, output_size=2, _random_samples=samples)
    agrees(pool, x)
    assert repr(pool) == f"FractionalMaxPool{dims}d()"
    backward = getattr(F, f"fractional_max_pool{dims}d_backward")
    y, g = pool(x), np.random.default_rng(2).normal(size=pool(x).shape)
    np.testing.assert_array_equal(backward(g, x, 2, 2, _random_samples=samples)[0], pool.backward(x, g))
    values, places = getattr(F, f"fractional_max_pool{dims}d_with_indices")(x, 2, 2, _random_samples=samples)
    np.testing.assert_array_equal(values, y)
    flat = x.reshape(3, -1)[np.arange(3)[:, None], places.reshape(3, -1)]
    np.testing.assert_array_equal(flat.ravel(), y.ravel())


def test_the_first_sample_is_the_widths():
    x, samples = np.arange(25.0).reshape(1, 1, 5, 5), np.array([[[0.0, 0.99]]])
    places = F.fractional_max_pool2d(x, 1, 3, _random_samples=samples, return_indices=True)[1]
    assert (places % 5)[0, 0, 0].tolist() == [0, 2, 4] and (places // 5)[0, 0, :, 0].tolist() == [0, 2, 4]
    samples = np.array([[[0.75, 0.0]]])  # starts int((i + u) 1.5) - int(1.5 u) for a step of 1.5
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    places = F.fractional_max_pool2d(x, 1, 3, _random_samples=samples, return_indices=True)[1]
    assert (places % 4)[0, 0, 0].tolist() == [0, 1, 3] and (places // 4)[0, 0, :, 0].tolist() == [0, 1, 3]


def test_nan_and_empty():
    x = np.zeros((2, 1, 4, 4))
    x[0, 0, 1, 1] = np.nan
    assert np.isnan(tnn.FractionalMaxPool2d(4, output_size=1).double()(x)).ravel().tolist() == [True, False]
    assert tnn.FractionalMaxPool2d(2, output_size=2).double()(x[:0]).shape == (0, 1, 2, 2)
    assert tnn.FractionalMaxPool2d(2, output_size=2).double()(x[0]).shape == (1, 2, 2)


def test_refusals():
    for settings in ({}, {"output_size": 2, "output_ratio": 0.5}, {"output_ratio": 1.0}, {"output_ratio": (0.5, 0.0)}):
        with pytest.raises(ValueError, match="output_ratio"):
            tnn.FractionalMaxPool2d(2, **settings)
    x = np.zeros((1, 1, 4, 4))
    with pytest.raises(ValueError, match="do not fit"):
        F.fractional_max_pool2d(x, 3, 3)
    with pytest.raises(ValueError, match="do not fit"):  # one place more than planes
        F.fractional_max_pool3d(np.zeros((1, 1, 3, 3, 3)), 2, 2)
    with pytest.raises(ValueError, match="samples"):
        F.fractional_max_pool2d(x, 2, 2, _random_samples=np.zeros((1, 2, 2)))
