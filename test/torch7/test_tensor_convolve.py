import numpy as np
import pytest
from scipy import signal

import torch7 as torch

RNG = np.random.default_rng(3)


def plain(name, x, k, form):
    """One image, one kernel, by SciPy."""
    f = signal.convolve if name.startswith("conv") else signal.correlate
    return f(x, k, "full" if form == "F" else "valid", "direct")


@pytest.mark.parametrize("name", ["conv2", "xcorr2", "conv3", "xcorr3"])
@pytest.mark.parametrize("form", ["V", "F", None])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_one_image(name, form, dtype):
    d = int(name[-1])
    f = getattr(torch, name)
    for sizes, kernel in (
        ((5, 4, 6), (3, 2, 4)),
        ((3, 3, 3), (3, 3, 3)),
        ((4, 2, 5), (1, 1, 1)),
        ((1, 1, 1), (1, 1, 1)),
    ):
        x = (RNG.standard_normal(sizes[:d]) * 9).astype(dtype)
        k = (RNG.standard_normal(kernel[:d]) * 9).astype(dtype)
        got = f(x, k) if form is None else f(x, k, form)
        expected = plain(name, x, k, form or "V")
        assert got.dtype == dtype and got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=1e-12 if dtype == np.float64 else 1e-4, atol=1e-4)
        assert f(np.zeros_like(got), x, k, form) is not got


@pytest.mark.parametrize("name", ["conv2", "xcorr2", "conv3", "xcorr3"])
@pytest.mark.parametrize("form", ["V", "F"])
def test_planes(name, form):
    d = int(name[-1])
    x, k = RNG.standard_normal((3, 5, 4, 6)[: d + 1]), RNG.standard_normal((3, 2, 3, 2)[: d + 1])
    each = np.stack([plain(name, a, b, form) for a, b in zip(x, k)])
    np.testing.assert_allclose(getattr(torch, name)(x, k, form), each, atol=1e-12)
    maps = RNG.standard_normal((2, 3, 2, 3, 2)[: d + 2])
    summed = np.stack([sum(plain(name, a, b, form) for a, b in zip(x, row)) for row in maps])
    res = np.zeros(summed.shape)
    assert getattr(torch, name)(res, x, maps, form) is res
    np.testing.assert_allclose(res, summed, atol=1e-12)


def test_values_of_the_manual():
    assert torch.conv2(torch.ones(3, 3), torch.ones(2, 2)).tolist() == [[4, 4], [4, 4]]
    x, k = torch.Tensor([[1, 2], [3, 4]]), torch.Tensor([[1, 0], [0, 0]])
    assert torch.conv2(x, k).tolist() == [[4]] and torch.xcorr2(x, k).tolist() == [[1]]
    assert torch.conv2(x, k, "F").tolist() == [[1, 2, 0], [3, 4, 0], [0, 0, 0]]
    assert torch.xcorr2(x, k, "F").tolist() == [[0, 0, 0], [0, 1, 2], [0, 3, 4]]


def test_infinity_stays_where_it_is():
    x = torch.zeros(3, 3)
    x[0, 0] = np.inf
    assert np.isfinite(torch.conv2(x, torch.ones(2, 2), "F")[2:]).all()


@pytest.mark.parametrize(
    "x, k, form",
    [
        ((3, 3), (4, 2), "V"),
        ((3, 3), (2, 2, 2), "V"),
        ((2, 3, 3), (3, 2, 2), "V"),
        ((2, 3, 3), (4, 3, 2, 2), "F"),
        ((3, 3), (2, 2), "X"),
        ((3,), (2,), "V"),
        ((0, 3), (2, 2), "F"),
    ],
)
def test_what_does_not_fit(x, k, form):
    with pytest.raises(ValueError, match="conv2"):
        torch.conv2(np.zeros(x), np.zeros(k), form)


def test_types_must_agree():
    with pytest.raises(TypeError, match="one type"):
        torch.conv2(torch.ones(3, 3), torch.float(torch.ones(2, 2)))
