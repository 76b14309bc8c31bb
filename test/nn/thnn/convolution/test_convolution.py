"""The convolution engine against sums over taps in float64."""

from itertools import product

import numba
import numpy as np
import pytest

import torch7
from nn import thnn
from nn.thnn.convolution.convolution import GRAD_INPUT, GRAD_WEIGHT, OUTPUT, _chosen, _shape
from nn.thnn.cpu.conv.winograd import output as winograd_output
from nn.thnn.cpu.conv.winograd import shapes

TOLERANCE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-14}

# Stride, pad, dilation and groups.
PLAIN = ((1, 1), (0, 0), (1, 1), 1)

# batch, channels, size, outputs, kernel, stride, pad, dilation, groups
CASES = [
    (2, 3, (9, 11), 5, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 16, (8, 8), 32, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (3, 17, (13, 7), 40, (3, 5), (2, 3), (1, 2), (1, 1), 1),
    (5, 6, (14, 14), 48, (5, 5), (1, 1), (0, 0), (1, 1), 1),
    (1, 8, (10, 12), 70, (3, 3), (1, 1), (2, 2), (2, 2), 2),
    (2, 12, (12, 12), 12, (3, 3), (2, 2), (1, 1), (1, 1), 12),
    (2, 4, (11, 13), 7, (3, 3), (3, 2), (2, 3), (2, 3), 1),
    (2, 5, (5, 6, 7), 9, (2, 3, 3), (2, 1, 2), (1, 1, 0), (1, 2, 1), 1),
    (2, 5, (23,), 33, (4,), (2,), (1,), (1,), 1),
    (1, 64, (6, 6), 128, (1, 1), (1, 1), (0, 0), (1, 1), 1),
    (1, 3, (9, 9), 4, (2, 2), (3, 3), (0, 0), (1, 1), 1),
    (2, 20, (5, 5), 20, (5, 5), (1, 1), (4, 4), (1, 1), 1),
    (1, 1, (1, 1), 1, (1, 1), (2, 2), (0, 0), (1, 1), 1),
    (3, 3, (20, 21), 24, (7, 5), (3, 4), (2, 1), (1, 1), 1),
    (2, 9, (6, 5, 7), 11, (3, 2, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    (2, 3, (18, 40), 40, (5, 5), (1, 2), (2, 2), (1, 1), 1),
    (5, 18, (32, 32), 17, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (5, 70, (6, 7), 40, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (3, 40, (13, 17), 30, (1, 1), (1, 1), (0, 0), (1, 1), 1),
]

# Shapes with few output channels or few input channels.
CASES += [
    (19, 2, (12, 40), 3, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 1, (60, 50), 2, (5, 5), (1, 1), (0, 0), (1, 1), 1),
    (2, 6, (11, 13), 8, (3, 3), (2, 2), (2, 1), (2, 1), 2),
    (3, 7, (9, 9), 7, (3, 3), (1, 1), (1, 1), (1, 1), 7),
    (2, 3, (50,), 4, (5,), (2,), (1,), (1,), 1),
    (2, 2, (5, 6, 20), 2, (2, 3, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    (2, 12, (14, 14), 6, (5, 5), (1, 1), (0, 0), (1, 1), 1),
    (3, 3, (9, 10), 20, (5, 5), (2, 1), (1, 0), (1, 1), 1),
    (2, 4, (5, 6, 8), 10, (3, 4, 5), (1, 1, 1), (0, 0, 1), (1, 1, 1), 1),
    (5, 6, (8, 9), 20, (6, 5), (1, 2), (1, 0), (1, 1), 1),
    (2, 20, (9, 9), 18, (2, 2), (3, 3), (0, 0), (1, 1), 1),
]

# Shapes that Winograd's algorithm takes in float32.
WINOGRAD = [
    (2, 64, (13, 9), 64, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (3, 80, (8, 8), 96, (3, 3), (1, 1), (0, 0), (1, 1), 1),
    (1, 64, (61, 40), 64, (3, 3), (1, 1), (2, 2), (1, 1), 1),
    (2, 64, (14, 15), 64, (5, 5), (1, 1), (2, 2), (1, 1), 1),
    (5, 256, (6, 6), 256, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (4, 64, (32, 32), 128, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (12, 64, (26, 19), 80, (4, 4), (2, 2), (0, 0), (1, 1), 1),
    (7, 80, (23, 25), 64, (4, 4), (2, 2), (2, 2), (1, 1), 1),
    (16, 64, (11, 18), 64, (4, 4), (2, 2), (3, 3), (1, 1), 1),
    (32, 256, (8, 8), 192, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (70, 208, (8, 8), 64, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (4, 32, (30, 31), 48, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (3, 16, (13, 15), 32, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (7, 16, (16, 17), 16, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (3, 16, (130, 121), 32, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (37, 64, (8, 8), 64, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (9, 31, (20, 17), 23, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (33, 90, (8, 8), 60, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (1, 210, (9, 9), 230, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 14, (20, 12), 30, (5, 5), (1, 1), (2, 2), (1, 1), 1),
    (4, 60, (32, 32), 62, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (2, 18, (5, 9, 10), 33, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1),
    (2, 32, (12, 14), 16, (5, 5), (1, 1), (2, 2), (1, 1), 1),
    (2, 16, (5, 9, 10), 32, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1),
    (1, 32, (8, 12, 12), 16, (2, 3, 3), (1, 1, 1), (0, 0, 0), (1, 1, 1), 1),
    (3, 16, (3, 8, 8), 16, (3, 5, 5), (1, 1, 1), (2, 2, 2), (1, 1, 1), 1),
    (2, 32, (4, 8, 11), 48, (1, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1), 1),
    (1, 16, (2, 20, 20), 16, (2, 3, 3), (1, 1, 1), (1, 2, 2), (1, 1, 1), 1),
]
# Planes that fill half vectors better than whole ones.
HALVES = [
    (9, 17, (20, 17), 17, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (5, 20, (9, 14), 24, (3, 3), (1, 1), (0, 0), (1, 1), 1),
    (3, 34, (12, 8), 18, (3, 3), (1, 1), (2, 2), (1, 1), 1),
    (4, 19, (14, 11), 23, (5, 5), (1, 1), (2, 2), (1, 1), 1),
    (40, 22, (8, 8), 40, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (1, 17, (60, 70), 21, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 17, (5, 9, 10), 18, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1),
]
WINOGRAD += HALVES


def test_winograd_takes_what_is_worth_its_transforms():
    def taken(*case):
        images, channels, size, outputs, kernel, stride, pad, dilation, groups = case
        shape = _shape((images, channels, *size), (outputs, channels, *kernel), (stride, pad, dilation, groups), False,
                       np.dtype(np.float32), False)  # fmt: skip
        return [_chosen(methods, shape).run.__module__.split(".")[-2] for methods in (OUTPUT, GRAD_INPUT, GRAD_WEIGHT)]

    for case in WINOGRAD:
        assert taken(*case)[2] == "winograd", case
    assert "winograd" not in taken(1, 16, (8, 8), 16, (3, 3), (1, 1), (1, 1), (1, 1), 1)
    assert "winograd" not in taken(32, 16, (2, 2), 16, (3, 3), (1, 1), (1, 1), (1, 1), 1)
    assert "winograd" not in taken(1, 16, (4, 8, 8), 32, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1)
    assert "winograd" not in taken(2, 16, (5, 9, 10), 32, (3, 3, 3), (2, 1, 1), (1, 1, 1), (1, 1, 1), 1)
    assert "winograd" not in taken(64, 64, (12, 12), 64, (4, 4), (2, 2), (1, 1), (1, 1), 1)
    assert taken(32, 64, (8, 8), 64, (4, 4), (2, 2), (1, 1), (1, 1), 1)[1:] == ["channels_last", "winograd"]


def windows(x, tap, out, stride, dilation):
    """The view of a padded input that one tap of the kernel sees."""
    spans = (slice(t * d, t * d + (n - 1) * s + 1, s) for t, n, s, d in zip(tap, out, stride, dilation))
    return x[(..., *spans)]


def reference(x, w, b, dy, stride, pad, dilation, groups):
    """Output, gradInput, gradWeight and gradBias (without what was there before)."""
    out, kernel = dy.shape[2:], w.shape[2:]
    n, channels, outputs = x.shape[0], x.shape[1] // groups, w.shape[0] // groups
    wide = np.pad(x.astype(np.float64), [(0, 0), (0, 0), *((p, p) for p in pad)])
    wide = wide.reshape(n, groups, channels, *wide.shape[2:])
    weight = w.astype(np.float64).reshape(groups, outputs, channels, *kernel)
    g = dy.astype(np.float64).reshape(n, groups, outputs, *out)
    y, dwide, dw = np.zeros(g.shape), np.zeros_like(wide), np.zeros_like(weight)
    for tap in product(*map(range, kernel)):
        seen, wt = windows(wide, tap, out, stride, dilation), weight[(..., *tap)]
        y += np.einsum("ngc...,goc->ngo...", seen, wt)
        dw[(..., *tap)] = np.einsum("ngcp,ngop->goc", seen.reshape(*seen.shape[:3], -1), g.reshape(*g.shape[:3], -1))
        windows(dwide, tap, out, stride, dilation)[...] += np.einsum("ngo...,goc->ngc...", g, wt)
    y = y.reshape(dy.shape) + b.reshape(-1, *[1] * len(out))
    inner = tuple(slice(p, p + s) for p, s in zip(pad, x.shape[2:]))
    dx = dwide.reshape(n, -1, *dwide.shape[3:])[(..., *inner)]
    return y, dx, dw.reshape(w.shape), dy.astype(np.float64).sum((0, *range(2, dy.ndim)))


def output_shape(case):
    batch, _, size, outputs, kernel, stride, pad, dilation, _ = case
    sizes = zip(size, kernel, stride, pad, dilation)
    return batch, outputs, *((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sizes)


@pytest.mark.parametrize("case", WINOGRAD, ids=str)
def test_winograd(case):
    check_three_passes(case, np.float32, 1e-5)


@pytest.mark.parametrize("case", HALVES, ids=str)
def test_half_vectors_have_the_bits_of_whole_ones(case, monkeypatch):
    batch, channels, size, outputs, kernel, *others = case
    rng = np.random.default_rng(0)
    kinds = (batch, channels, *size), (outputs, channels, *kernel), (outputs,), output_shape(case)
    x, w, b, dy = (rng.normal(size=kind).astype(np.float32) for kind in kinds)
    geometry, found = tuple(others), []
    for halves in (shapes.HALVES, 0):
        monkeypatch.setattr(shapes, "HALVES", halves)
        for kept in (shapes.vector_of, winograd_output._prepared):
            kept.cache_clear()
        y, dx, dw, db = np.empty_like(dy), np.empty_like(x), np.ones_like(w), np.ones_like(b)
        thnn.Convolution_updateOutput(x, y, w, b, geometry)
        thnn.Convolution_updateGradInput(dy, dx, w, geometry)
        thnn.Convolution_accGradParameters(x, dy, dw, db, geometry, 0.5)
        found.append([a.tobytes() for a in (y, dx, dw, db)])
    for kept in (shapes.vector_of, winograd_output._prepared):
        kept.cache_clear()
    assert found[0] == found[1]


def test_exact_sums_directly():
    rng = np.random.default_rng(0)
    x, w = (rng.normal(size=(64, 64, 3, 3)).astype(np.float32) for _ in range(2))
    geometry, outputs = ((1, 1), (1, 1), (1, 1), 1), []
    try:
        for exact in (False, True):
            assert torch7.exact(exact) is exact
            outputs.append(np.empty((64, 64, 3, 3), np.float32))
            thnn.Convolution_updateOutput(x, outputs[-1], w, None, geometry)
    finally:
        torch7.exact(False)
    true = np.empty((64, 64, 3, 3))
    thnn.Convolution_updateOutput(x.astype(float), true, w.astype(float), None, geometry)
    fast, exact = (np.sqrt(np.mean((y - true) ** 2)) for y in outputs)
    assert 0 < 1.5 * exact < fast


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_three_passes(case, dtype):
    check_three_passes(case, dtype, TOLERANCE[np.dtype(dtype)])


def check_three_passes(case, dtype, tolerance):
    """All three passes near the reference, and equal bit for bit for one thread and two."""
    batch, channels, size, outputs, kernel, stride, pad, dilation, groups = case
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, channels, *size)).astype(dtype)
    w = rng.normal(size=(outputs, channels // groups, *kernel)).astype(dtype)
    b, dy = rng.normal(size=outputs).astype(dtype), rng.normal(size=output_shape(case)).astype(dtype)
    c = rng.normal(size=channels).astype(dtype)
    geometry = (stride, pad, dilation, groups)
    y0, dx0, dw0, db0 = reference(x, w, b, dy, *geometry)
    kept, results = numba.get_num_threads(), []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        y, dx, full = (np.full(like.shape, np.nan, dtype) for like in (dy, x, x))
        dw, db = np.ones_like(w), np.ones_like(b)
        thnn.Convolution_updateOutput(x, y, w, b, geometry)
        thnn.Convolution_updateGradInput(dy, dx, w, geometry)
        thnn.Convolution_updateGradInput(dy, full, w, geometry, c)
        thnn.Convolution_accGradParameters(x, dy, dw, db, geometry, 0.5)
        results.append((y, dx, full, dw, db))
    numba.set_num_threads(kept)
    for one, two in zip(*results):
        assert np.array_equal(one, two)
    full0 = dx0 + c.reshape(-1, *[1] * len(size))
    for found, expected in zip(results[0], (y0, dx0, full0, 1 + 0.5 * dw0, 1 + 0.5 * db0)):
        assert np.abs(found - expected).max() < tolerance * max(1, np.abs(expected).max())


def test_without_bias():
    x, w = np.ones((1, 1, 4, 4)), np.ones((2, 1, 2, 2))
    y, dw = np.full((1, 2, 3, 3), np.nan), np.zeros_like(w)
    thnn.Convolution_updateOutput(x, y, w, None, PLAIN)
    assert np.all(y == 4)
    thnn.Convolution_accGradParameters(x, y, dw, None, PLAIN, 1)
    assert np.all(dw == 36)


def test_empty_batch_changes_nothing():
    x, w = np.ones((0, 3, 4, 4)), np.ones((2, 3, 2, 2))
    y, dw = np.ones((0, 2, 3, 3)), np.ones_like(w)
    thnn.Convolution_updateOutput(x, y, w, None, PLAIN)
    thnn.Convolution_accGradParameters(x, y, dw, None, PLAIN, 1)
    assert np.all(dw == 1)
