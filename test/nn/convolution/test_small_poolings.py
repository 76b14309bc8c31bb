"""Every pooling on small images, one geometry after another, against windows that NumPy gathers pixel by pixel."""

from itertools import product
from math import ceil, prod

import numpy as np
import pytest
from geometries import DILATED, PLAIN, SMALL, SMALL_DILATED, mixed, numbers, square

import nn

pytestmark = pytest.mark.slow

PLANES = 3
TOLERANCE = {"float": 1e-5, "double": 1e-13}
DTYPES = {"float": np.dtype("f4"), "double": np.dtype("f8")}


def poolable(axes):
    """Those whose pad a pooling takes: at most half of the kernel."""
    return [axis for axis in axes if axis.pad <= axis.kernel // 2]


def count(axis, up, padded):
    """Outputs of an axis; rounded up, the last window must still begin inside the image or its border before it."""
    if not up:
        return axis.outputs
    outputs = ceil((axis.size + 2 * axis.pad - axis.span) / axis.stride) + 1
    return outputs - (padded and (outputs - 1) * axis.stride >= axis.size + axis.pad)


def windows(geometry, up=False):
    """For each axis the pixels of every window that are inside, and what a mean divides by with the border and without.

    Rounded up, strides larger than the kernel have windows beyond the image; what a mean divides by is then 0 or less,
    as Torch has it.
    """
    padded, pixels, extents, inside = any(axis.pad for axis in geometry), [], [], []
    for axis in geometry:
        starts = [o * axis.stride - axis.pad for o in range(count(axis, up, padded))]
        taps = range(0, axis.span, axis.gap)
        pixels.append([[s + t for t in taps if 0 <= s + t < axis.size] for s in starts])
        extents.append([min(s + axis.kernel, axis.size + axis.pad) - s for s in starts])
        inside.append([min(s + axis.kernel, axis.size) - max(s, 0) for s in starts])
    return pixels, extents, inside


def flat_windows(pixels, sizes):
    """Flat places of all windows, one row each, filled up with -1."""
    rows = []
    for window in product(*pixels):
        grid = np.meshgrid(*(np.array(w, int) for w in window), indexing="ij")
        rows.append(np.ravel_multi_index([g.ravel() for g in grid], sizes))
    table = np.full((len(rows), max(1, *map(len, rows))), -1)
    for row, places in zip(table, rows):
        row[: len(places)] = places
    return table


def gathered(x, table, filler):
    """x of every window, [n][c][window][pixel]."""
    flat = x.reshape(*x.shape[:2], -1)
    return np.concatenate([flat, np.full((*flat.shape[:2], 1), filler, x.dtype)], 2)[:, :, table]


def largest(x, table, dy):
    """Output (-inf where a window has no pixel), gradInput and flat places of maxima (-1: none)."""
    seen = gathered(x, table, -np.inf)
    best = seen.argmax(3)
    y = np.take_along_axis(seen, best[..., None], 3)[..., 0]
    places = table[np.arange(len(table)), best]
    dx = np.zeros((*x.shape[:2], prod(x.shape[2:]) + 1))
    n, c, _ = np.ogrid[tuple(map(slice, places.shape))]
    np.add.at(dx, (n, c, places), dy.reshape(places.shape))
    return y, dx[..., :-1], places


@np.errstate(divide="ignore", invalid="ignore")
def average(x, table, divisors, dy):
    """Sums of the windows over their divisors (0 / 0 where a window has no extent), and gradInput."""
    y = gathered(x.astype(float), table, 0).sum(3) / divisors
    dx = np.zeros((*x.shape[:2], prod(x.shape[2:]) + 1))
    for row, places in enumerate(table):
        share = dy.reshape(*x.shape[:2], -1)[..., row] / divisors[row]
        np.add.at(dx, (slice(None), slice(None), places), share[..., None])
    return y, dx[..., :-1]


def distinct(shape, kind):
    """Different numbers in any order, the same in both types."""
    return np.random.default_rng(0).permutation(prod(shape)).reshape(shape).astype(DTYPES[kind]) / 8


def run(module, x):
    """Output, gradInput and a gradOutput, the same numbers in both types."""
    y = module.forward(x)
    dy = np.random.default_rng(1).normal(size=y.shape).astype("f4").astype(x.dtype)
    return y, module.backward(x, dy), dy


def check(found, expected, kind, geometry):
    for name, a, b in zip(("output", "gradInput"), found, expected):
        b = b.reshape(a.shape)
        some = ~np.isneginf(b)
        assert (a[~some] == np.finfo(a.dtype).min).all(), (name, kind, geometry)  # the maximum of no pixels
        scale = max(1, np.nanmax(np.abs(b[some]), initial=0))
        same = np.allclose(a[some], b[some], rtol=0, atol=TOLERANCE[kind] * scale, equal_nan=True)
        assert same, (name, kind, geometry)


def sweep_max(make, geometries, up=False):
    for geometry in geometries:
        pixels, x = windows(geometry, up)[0], distinct((2, PLANES, *(a.size for a in geometry)), "double")
        table, expected = flat_windows(pixels, x.shape[2:]), None
        for kind, dtype in DTYPES.items():
            module = getattr(make(geometry), kind)()
            y, dx, dy = run(module.ceil() if up else module, x.astype(dtype))
            assert y.shape[2:] == tuple(map(len, pixels)), geometry
            expected = expected or largest(x, table, dy)
            check((y, dx), expected, kind, geometry)
            if len(geometry) == 2:
                assert np.array_equal(module.indices, expected[2].reshape(y.shape) + 1), geometry


@pytest.mark.parametrize("up", [False, True], ids=["floor", "ceil"])
def test_max(up):
    def make(geometry):
        return nn.SpatialMaxPooling(*numbers(geometry, "kernel", "stride", "pad"))

    axes = poolable(PLAIN)
    long = [axis._replace(size=axis.size + 31) for axis in axes[::3]]
    sweep_max(make, [*square(axes, 2), *mixed(axes, 2), *zip(axes[::3], long)], up)


@pytest.mark.parametrize("up", [False, True], ids=["floor", "ceil"])
def test_dilated_max(up):
    def make(geometry):
        return nn.SpatialDilatedMaxPooling(*numbers(geometry, "kernel", "stride", "pad", "gap"))

    axes = poolable(DILATED)
    sweep_max(make, [*square(axes, 2), *mixed(axes, 2)], up)


@pytest.mark.parametrize("up", [False, True], ids=["floor", "ceil"])
def test_max_of_volumes(up):
    def make(geometry):
        return nn.VolumetricMaxPooling(*numbers(geometry, "kernel", "stride", "pad"))

    axes = poolable(SMALL)
    sweep_max(make, [*square(axes, 3), *mixed(axes, 3)], up)


def test_dilated_max_of_volumes():
    def make(geometry):
        return nn.VolumetricDilatedMaxPooling(*numbers(geometry, "kernel", "stride", "pad", "gap"))

    sweep_max(make, mixed(poolable(SMALL_DILATED), 3))


def sweep_average(make, geometries, up=False, include=True, divide=True):
    for geometry in geometries:
        x, expected = distinct((2, PLANES, *(a.size for a in geometry)), "double"), None
        pixels, extents, inside = windows(geometry, up)
        counted = product(*(extents if include else inside))
        whole = 1 if divide else prod(axis.kernel for axis in geometry)
        table, divisors = flat_windows(pixels, x.shape[2:]), np.array([prod(window) / whole for window in counted])
        for kind, dtype in DTYPES.items():
            module = getattr(make(geometry), kind)()
            y, dx, dy = run(module.ceil() if up else module, x.astype(dtype))
            expected = expected or average(x, table, divisors, dy)
            check((y, dx), expected, kind, geometry)


@pytest.mark.parametrize("divide", [True, False], ids=["mean", "sum"])
@pytest.mark.parametrize("include", [True, False], ids=["with border", "without border"])
@pytest.mark.parametrize("up", [False, True], ids=["floor", "ceil"])
def test_average(up, include, divide):
    def make(geometry):
        module = nn.SpatialAveragePooling(*numbers(geometry, "kernel", "stride", "pad"))
        module.count_include_pad, module.divide = include, divide
        return module

    axes = poolable(PLAIN)
    long = [axis._replace(size=axis.size + 31) for axis in axes[::3]]
    sweep_average(make, [*square(axes, 2), *mixed(axes, 2), *zip(axes[::3], long)], up, include, divide)


def test_average_of_volumes():
    def make(geometry):
        return nn.VolumetricAveragePooling(*numbers(geometry, "kernel", "stride"))

    axes = [axis for axis in SMALL if not axis.pad]
    sweep_average(make, [*square(axes, 3), *mixed(axes, 3)])


@pytest.mark.parametrize("norm", [1, 2, 3])
def test_norms(norm):
    axes = [axis for axis in PLAIN if not axis.pad]
    for kind in TOLERANCE:
        for geometry in mixed(axes, 2):
            x = distinct((2, PLANES, *(a.size for a in geometry)), kind) / 100 + 1
            module = getattr(nn.SpatialLPPooling(PLANES, norm, *numbers(geometry, "kernel", "stride")), kind)()
            y, dx, dy = run(module, x)
            table = flat_windows(windows(geometry)[0], x.shape[2:])
            ones = np.ones(len(table))
            power = average(x.astype(float) ** norm, table, ones, dy)[0]
            flow = dy.reshape(power.shape) * power ** (1 / norm - 1)
            back = average(x, table, ones, flow)[1].reshape(x.shape) * x.astype(float) ** (norm - 1)
            check((y, dx), (power ** (1 / norm), back), kind, geometry)


def test_frames():
    axes = [axis for axis in PLAIN if not axis.pad]
    for kind, axis in product(TOLERANCE, axes):
        x = distinct((2, PLANES, axis.size), kind)
        module = getattr(nn.TemporalMaxPooling(axis.kernel, axis.stride), kind)()
        y, dx, dy = run(module, x.transpose(0, 2, 1))
        table = flat_windows(windows([axis])[0], x.shape[2:])
        expected = largest(x, table, np.ascontiguousarray(dy.transpose(0, 2, 1)))
        check((y.transpose(0, 2, 1), dx.transpose(0, 2, 1)), expected, kind, axis)


def adaptive(size, outputs):
    return [list(range(i * size // outputs, -(-(i + 1) * size // outputs))) for i in range(outputs)]


def test_adaptive():
    for kind, (H, W) in product(TOLERANCE, mixed([(s, o) for s in range(1, 10) for o in range(1, 8)], 2)):
        x = distinct((2, PLANES, H[0], W[0]), kind)
        pixels = adaptive(*H), adaptive(*W)
        table = flat_windows(pixels, x.shape[2:])
        y, dx, dy = run(getattr(nn.SpatialAdaptiveAveragePooling(W[1], H[1]), kind)(), x)
        check((y, dx), average(x, table, (table >= 0).sum(1), dy), kind, (H, W))
        y, dx, dy = run(getattr(nn.SpatialAdaptiveMaxPooling(W[1], H[1]), kind)(), x)
        check((y, dx), largest(x, table, dy), kind, (H, W))


def fractional(size, pool, outputs, u):
    """Windows at steps of (size - pool) / (outputs - 1) pixels, moved by u of a step; the last one ends the axis."""
    alpha = (size - pool) / (outputs - 1) if outputs > 1 else 0
    starts = [int((i + u) * alpha) - int(u * alpha) for i in range(outputs - 1)] + [size - pool]
    return [list(range(start, start + pool)) for start in starts]


@pytest.mark.parametrize("dims", [2, 3])
def test_fractional(dims):
    axes = [(s, k, o) for k in (2, 3) for o in range(1, 5) for s in range(o + k, o + k + 4)]
    for geometry in mixed(axes, dims):
        x = distinct((2, PLANES, *(size for size, _, _ in geometry)), "double")
        turned = geometry[::-1]
        cls = nn.SpatialFractionalMaxPooling if dims == 2 else nn.VolumetricFractionalMaxPooling
        module = cls(*(k for _, k, _ in turned), *(o for _, _, o in turned))
        y, dx, dy = run(module, x)
        for n, c in np.ndindex(x.shape[:2]):
            u = module.randomSamples[n, c][::-1]
            table = flat_windows([fractional(*axis, v) for axis, v in zip(geometry, u)], x.shape[2:])
            check((y[n, c], dx[n, c]), largest(x[n : n + 1, c : c + 1], table, dy[n, c]), "double", geometry)


@pytest.mark.parametrize("dims", [2, 3])
def test_unpooling(dims):
    axes = [axis._replace(stride=axis.kernel) for axis in SMALL if axis.stride == 1 and not axis.pad]
    pooling, unpooling = (nn.SpatialMaxPooling, nn.SpatialMaxUnpooling)
    if dims == 3:
        pooling, unpooling = (nn.VolumetricMaxPooling, nn.VolumetricMaxUnpooling)
    for kind, geometry in product(TOLERANCE, [*square(axes, dims), *mixed(axes, dims)]):
        pool = getattr(pooling(*numbers(geometry, "kernel", "stride")), kind)()
        x = distinct((2, PLANES, *(a.size for a in geometry)), kind)
        small = pool.forward(x)
        y, dx, dy = run(getattr(unpooling(pool), kind)(), small)
        table = flat_windows(windows(geometry)[0], x.shape[2:])
        _, spread, places = largest(x, table, small)
        back = np.take_along_axis(dy.reshape(2, PLANES, -1), places, 2)
        check((y, dx), (spread, back), kind, geometry)
