"""Pooling: NaN, ties, ceil mode, divisors, indices, refusals."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F

NAN, INF = np.nan, np.inf


def row(*numbers):
    return np.array([numbers], float)


@pytest.mark.parametrize(
    ("x", "y", "places"),
    [
        (row(NAN, 5, NAN, NAN), [NAN, NAN], [0, 3]),
        (row(1, 1, 0, 1), [1, 1], [0, 3]),
        (row(-INF, -INF, -INF, 2), [-INF, 2], [0, 3]),
    ],
)
def test_max_pool(x, y, places):
    values, indices = tnn.MaxPool1d(2, return_indices=True).forward(x)
    np.testing.assert_array_equal(values, [y])
    np.testing.assert_array_equal(indices, [places])
    assert indices.dtype == np.int64


def test_the_last_nan_of_a_window():
    assert F.max_pool1d(row(NAN, 5, NAN, 4), 4, return_indices=True)[1] == [[2]]
    assert F.adaptive_max_pool1d(row(NAN, 5, NAN, 4), 1, True)[1] == [[2]]


def test_indices_are_flat_in_the_plane():
    x = np.arange(25.0).reshape(1, 5, 5)
    y, indices = F.max_pool2d(x, 3, 2, 1, return_indices=True)
    np.testing.assert_array_equal(indices.ravel(), [6, 8, 9, 16, 18, 19, 21, 23, 24])
    (gx,) = F.max_pool2d_backward(np.ones_like(y), x, 3, 2, 1)
    np.testing.assert_array_equal(np.flatnonzero(gx), indices.ravel())


@pytest.mark.parametrize(
    ("n", "k", "s", "p", "floor", "ceil"),
    [(5, 2, 2, 0, 2, 3), (5, 2, 2, 1, 3, 3), (6, 3, 2, 1, 3, 4), (5, 3, 3, 1, 2, 2), (7, 2, 3, 1, 3, 3)],
)
def test_sizes(n, k, s, p, floor, ceil):
    x = np.ones((1, n))
    for ceil_mode, size in ((False, floor), (True, ceil)):
        assert F.max_pool1d(x, k, s, p, ceil_mode=ceil_mode).shape == (1, size)
        assert F.avg_pool1d(x, k, s, p, ceil_mode).shape == (1, size)


def test_divisors():
    x = np.ones((1, 6))
    np.testing.assert_allclose(F.avg_pool1d(x, 3, 2, 1, True), [[2 / 3, 1, 1, 0.5]])
    np.testing.assert_allclose(F.avg_pool1d(x, 4, 3, 1, True), [[0.75, 1, 0.5]])
    np.testing.assert_array_equal(F.avg_pool1d(x, 3, 2, 1, True, False), np.ones((1, 4)))
    y = tnn.AvgPool2d(3, 2, 1, True, divisor_override=4).forward(np.ones((1, 6, 6)))
    np.testing.assert_array_equal(y[0, 0], [1, 1.5, 1.5, 0.5])


def test_power_average():
    np.testing.assert_allclose(tnn.LPPool1d(2, 3, 2, True).forward(np.ones((1, 6))), np.full((1, 3), 3**0.5))
    assert F.lp_pool1d(row(-1, -2), 1.0, 2) == -3
    assert np.isnan(F.lp_pool1d(row(-1, -2), 3.0, 2))
    assert F.lp_pool1d(row(-3, -4), INF, 2) == 4
    (gx,) = F.lp_pool1d_backward(row(1), row(-1, -2), 1.0, 2)
    np.testing.assert_array_equal(gx, row(1, 1))
    np.testing.assert_array_equal(F.lp_pool1d_backward(row(1), row(0, 0), 2.0, 2)[0], row(0, 0))


def test_adaptive_windows_overlap():
    np.testing.assert_allclose(F.adaptive_avg_pool1d(np.arange(8.0)[None], 5), [[0.5, 2, 3.5, 5, 6.5]])
    np.testing.assert_array_equal(F.adaptive_max_pool1d(np.arange(8.0)[None], 5), [[1, 3, 4, 6, 7]])
    assert tnn.AdaptiveAvgPool3d((None, 2, 7)).forward(np.ones((2, 3, 4, 5), np.float32)).shape == (2, 3, 2, 7)


def test_unpool():
    module, x = tnn.MaxUnpool1d(2), row(3, 4)
    indices = np.array([[1, 1]])
    np.testing.assert_array_equal(module.forward(x, indices), row(0, 4, 0, 0))
    np.testing.assert_array_equal(module.backward([x, indices], row(1, 2, 3, 4))[0], row(2, 2))
    assert module.forward(x, indices, output_size=[5]).shape == (1, 5)
    for size in (2, 6):
        with pytest.raises(ValueError, match="output_size"):
            module.forward(x, indices, output_size=[size])
    with pytest.raises(ValueError, match="between 0 and 3"):
        module.forward(x, np.array([[1, 4]]))


def test_fold_adds_what_unfold_copies():
    y = tnn.Fold(3, 2).forward(np.ones((1, 4, 4)))
    np.testing.assert_array_equal(y, [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]])
    x = np.arange(9.0).reshape(1, 3, 3)
    np.testing.assert_array_equal(F.unfold(x, 2)[:, 0], [0, 1, 3, 4])
    np.testing.assert_array_equal(F.unfold_backward(np.ones((4, 4)), x, 2)[0], y[0])


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_average_is_its_adjoint(dims):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 2, *(7, 5, 6)[:dims]))
    module = getattr(tnn, f"AvgPool{dims}d")(3, 2, 1, True, False)
    y = module.forward(x)
    g = rng.standard_normal(y.shape)
    np.testing.assert_allclose((module.backward(x, g) * x).sum(), (g * y).sum())


@pytest.mark.parametrize(
    "call",
    [
        lambda: F.max_pool1d(np.ones((1, 4)), 2, padding=2),
        lambda: F.max_pool1d(np.ones((1, 4)), 5),
        lambda: F.max_pool1d(np.ones((1, 4)), 2, 0),
        lambda: F.max_pool2d(np.ones((1, 4)), 2),
        lambda: F.avg_pool1d(np.ones((1, 0)), 1),
        lambda: F.avg_pool2d(np.ones((1, 4, 4)), 2, divisor_override=0),
        lambda: F.adaptive_avg_pool1d(np.ones((1, 4)), None),
        lambda: F.fold(np.ones((5, 4)), 3, 2),
        lambda: F.fold(np.ones((4, 5)), 3, 2),
        lambda: F.unfold(np.ones((1, 2, 2)), 3),
        lambda: F.max_pool1d_backward(np.ones((1, 3)), np.ones((1, 4)), 2),
    ],
)
def test_refused(call):
    with pytest.raises(ValueError):
        call()


def test_indices_outside_are_refused():
    with pytest.raises(IndexError):
        F.max_pool1d_backward(np.ones((1, 2)), np.ones((1, 4)), 2, indices=np.array([[0, 4]]))


def test_output_size_by_position():
    pool, unpool = tnn.MaxPool1d(2, return_indices=True), tnn.MaxUnpool1d(2)
    y, places = pool(np.arange(5.0).reshape(1, 1, 5))
    z = unpool(y, places, (1, 1, 5))
    assert z.tolist() == [[[0, 1, 0, 3, 0]]]
    assert unpool.backward([y, places], np.ones_like(z))[0].tolist() == [[[1, 1]]]

    class Back(tnn.Module):
        def __init__(self):
            super().__init__()
            self.pool, self.unpool = pool, unpool

        def forward(self, x):
            y, places = self.pool(x)
            return self.unpool(y, places, x.size())

    x = np.arange(5.0).reshape(1, 1, 5)
    net = Back()
    assert net(x).tolist() == z.tolist()
    assert net.backward(x, np.ones_like(z)).tolist() == [[[0, 1, 0, 1, 0]]]


def by_formula(x, kernel, stride, padding, dilation):
    """Values and places of max pooling of a plane, window by window: NaN wins, the last of them, else the first."""
    counts = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(x.shape, kernel, stride, padding, dilation)
    ]
    y, places = np.empty(counts, x.dtype), np.empty(counts, np.int64)
    for at in np.ndindex(*counts):
        axes = [
            [i for i in range(a * s - p, a * s - p + d * (k - 1) + 1, d) if 0 <= i < n]
            for a, n, k, s, p, d in zip(at, x.shape, kernel, stride, padding, dilation)
        ]
        flat = [
            int(np.ravel_multi_index(i, x.shape))
            for i in np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, x.ndim)
        ]
        values = x.ravel()[flat]
        nan = np.flatnonzero(np.isnan(values))
        best = nan[-1] if nan.size else np.argmax(values)
        y[at], places[at] = values[best], flat[best]
    return y, places


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "padding", "dilation"),
    [
        ((70,), (3,), (1,), (1,), (1,)),
        ((70,), (4,), (3,), (2,), (2,)),
        ((9, 40), (3, 3), (2, 2), (1, 1), (1, 1)),
        ((7, 53), (2, 5), (1, 4), (1, 2), (2, 1)),
        ((4, 5, 37), (2, 3, 2), (2, 1, 2), (1, 1, 0), (1, 2, 1)),
        ((4, 5, 37), (3, 2, 3), (1, 2, 3), (0, 1, 1), (1, 1, 2)),
    ],
)
def test_rows_of_windows(shape, kernel, stride, padding, dilation, dtype):
    """Ties and NaN in windows that vectors take together, at borders and at other strides."""
    r = np.random.default_rng(0)
    x = r.integers(0, 4, shape).astype(dtype)
    x[r.random(shape) < 0.1] = NAN
    x[r.random(shape) < 0.1] = -INF
    pool = getattr(F, f"max_pool{len(shape)}d")
    y, places = pool(x[None], kernel, stride, padding, dilation, return_indices=True)
    wanted = by_formula(x, kernel, stride, padding, dilation)
    np.testing.assert_array_equal(y[0], wanted[0])
    np.testing.assert_array_equal(places[0], wanted[1])


def test_a_window_without_a_place():
    """Its places lie on both sides of the plane; the value is minus infinity, and no gradient leaves the plane."""
    x = np.ones((1, 2, 1))
    y, places = F.max_pool2d(x, (1, 2), 1, (0, 1), (1, 2), return_indices=True)
    np.testing.assert_array_equal(y, [[[-INF], [-INF]]])
    assert (places < x.size).all()
    g = F.max_pool2d_backward(np.ones_like(y), x, (1, 2), 1, (0, 1), (1, 2))[0]
    assert g.shape == x.shape and np.isfinite(g).all()


@pytest.mark.parametrize(("n", "k", "s", "p"), [(70, 3, 1, 1), (70, 3, 2, 1), (71, 5, 3, 2), (33, 33, 1, 0)])
def test_means_of_rows(n, k, s, p):
    x = np.random.default_rng(0).standard_normal((2, 3, n))
    padded = np.pad(x, [(0, 0), (0, 0), (p, p)])
    count = (n + 2 * p - k) // s + 1
    y = np.stack([padded[..., a * s : a * s + k].sum(-1) / k for a in range(count)], -1)
    np.testing.assert_allclose(F.avg_pool1d(x, k, s, p), y, rtol=1e-13, atol=1e-14)
    g, back = np.random.default_rng(1).standard_normal(y.shape), np.zeros(padded.shape)
    for a in range(count):
        back[..., a * s : a * s + k] += g[..., a : a + 1] / k
    np.testing.assert_allclose(F.avg_pool1d_backward(g, x, k, s, p)[0], back[..., p : p + n], rtol=1e-13, atol=1e-14)


def test_cube_roots():
    x = np.array([[0, -0.0, 1e-30, 1e-12, 0.5, 27, 1e30, np.inf, -np.inf, np.nan, -8]])
    for dtype, rtol in (("float32", 3e-7), ("float64", 5e-16)):
        y = F.lp_pool1d(x.astype(dtype), 3, 1)
        with np.errstate(all="ignore"):
            cube = x.astype(dtype) ** 3
            expected = np.where((cube < 0) & np.isfinite(cube), np.nan, np.cbrt(np.abs(cube)))
            np.testing.assert_allclose(y, expected, rtol=rtol)
    with pytest.raises(TypeError, match="one integer"):
        F.lp_pool1d(x, 3, (1,))


@pytest.mark.parametrize("size", [(4, 2), (3, 5), (7, 1), (8, 8)])
def test_adaptive_means_back(size):
    """Windows that tile the plane, that overlap, and both along one axis."""
    r = np.random.default_rng(0)
    x, g = r.normal(size=(2, 8, 10)), r.normal(size=(2, *size))
    expected = np.zeros_like(x)
    for i in range(size[0]):
        for j in range(size[1]):
            rows = slice(8 * i // size[0], -(-8 * (i + 1) // size[0]))
            columns = slice(10 * j // size[1], -(-10 * (j + 1) // size[1]))
            part = expected[:, rows, columns]
            part += (g[:, i, j] / part[0].size)[:, None, None]
    np.testing.assert_allclose(F.adaptive_avg_pool2d_backward(g, x, size)[0], expected, atol=1e-14)


@pytest.mark.parametrize("kind", [tnn.AdaptiveAvgPool2d, tnn.AdaptiveMaxPool2d])
def test_adaptive_sizes_are_whole(kind):
    for wrong, error in (
        (0.5, TypeError),
        ((2, 1.5), TypeError),
        (True, TypeError),
        (2**63, ValueError),
        (-1, ValueError),
    ):
        with pytest.raises(error, match="output_size must"):
            kind(wrong)(np.ones((1, 4, 4), np.float32))
