"""The convolution's kernels beside the CPU's: all tiles, TF32, many taps, splits, groups; plans and their limits."""

import numpy as np
import pytest

import torch7 as torch
from nn.thnn.convolution import convolution, convolution_cuda
from nn.thnn.cuda.conv import model, plans

CASES = {  # name: images, planes, size, output planes, kernel, stride, border, dilation, groups
    "border": (2, 3, (9, 11), 5, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    "stride, groups": (1, 4, (8, 8), 6, (3, 3), (2, 2), (1, 1), (1, 1), 2),
    "dilation": (2, 5, (7, 6), 7, (2, 3), (2, 1), (0, 2), (1, 2), 1),
    "many planes": (1, 16, (12, 12), 130, (1, 1), (1, 1), (0, 0), (1, 1), 1),
    "many taps": (1, 20, (6, 6), 6, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    "sequence": (3, 6, (17,), 4, (5,), (3,), (2,), (1,), 2),
    "volume": (1, 2, (5, 6, 7), 3, (3, 2, 3), (2, 1, 2), (1, 0, 1), (1, 2, 1), 1),
    "depth-wise": (2, 8, (6, 6), 8, (3, 3), (1, 1), (1, 1), (2, 2), 8),
    "wide": (1, 3, (15, 15), 8, (7, 7), (2, 2), (3, 3), (1, 1), 1),
    "deep": (1, 32, (5, 6), 5, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    "large windows": (2, 2, (21, 21), 3, (11, 11), (4, 4), (2, 2), (1, 1), 1),
    "several products": (1, 2, (13, 14), 3, (17, 16), (1, 1), (8, 8), (1, 1), 1),
    "several products, stride": (1, 2, (23, 40), 2, (16, 33), (2, 3), (4, 2), (1, 1), 1),
    "long sequence": (2, 3, (50,), 4, (45,), (1,), (3,), (1,), 1),
}


def drawn(case, dtype):
    N, C, size, O, kernel, stride, pad, dilation, groups = case
    generator = np.random.default_rng(0)
    shapes = (N, C, *size), (O, C // groups, *kernel), (O,)
    x, w, b = (generator.standard_normal(shape).astype(dtype) for shape in shapes)
    spans = ((k - 1) * d + 1 for k, d in zip(kernel, dilation))
    out = [(n + 2 * p - span) // s + 1 for n, span, s, p in zip(size, spans, stride, pad)]
    return x, w, b, generator.standard_normal((N, O, *out)).astype(dtype), (stride, pad, dilation, groups)


def passes(entries, x, w, b, g, geometry, to):
    """Output, gradients of input, weight and bias; and the full convolution of g with a bias."""
    x, w, b, g = map(to, (x, w, b, g))
    y, dx, dw, db, full = (v * 0 for v in (g, x, w, b, x))
    entries.Convolution_updateOutput(x, y, w, b, geometry)
    entries.Convolution_updateGradInput(g, dx, w, geometry)
    bias = to(np.arange(x.shape[1]).astype(g.dtype.type))
    entries.Convolution_updateGradInput(g, full, w, geometry, bias)
    entries.Convolution_accGradParameters(x, g, dw, db, geometry, 0.5)
    return y, dx, dw, db, full


def agree(found, expected, tolerance):
    for a, b in zip(found, expected):
        error = np.linalg.norm(a.get() - b) / np.linalg.norm(b)
        assert error <= tolerance, error  # a NaN is no small error


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_as_on_the_cpu(cupy, name, dtype):
    given = drawn(CASES[name], dtype)
    expected = passes(convolution, *given, lambda x: x.copy())
    agree(passes(convolution_cuda, *given, cupy.asarray), expected, 1e-6 if dtype is np.float32 else 1e-14)


@pytest.mark.parametrize(
    ("tile", "weights", "tf32"), [(128, 0, False), (64, 1, False), (64, 2, False), (128, 0, True), (64, 0, True)]
)
@pytest.mark.parametrize(("name", "splits"), [("border", 1), ("many planes", 1), ("wide", 3), ("volume", 2)])
def test_tiles_and_tensor_cores(cupy, name, splits, tile, weights, tf32, monkeypatch):
    """``weights``: which of the tiles for their gradient."""
    monkeypatch.setattr(model, "best_weights", lambda kernels, *a: kernels[weights])
    monkeypatch.setattr(convolution_cuda, "_multiprocessors", lambda: 1)
    monkeypatch.setattr(model, "choose", lambda *a: model.Choice(tile, splits, 0.0))
    given = drawn(CASES[name], np.float32)
    expected = passes(convolution, *given, lambda x: x.copy())
    torch.allow_tf32(tf32)
    try:
        agree(passes(convolution_cuda, *given, cupy.asarray), expected, 2e-3 if tf32 else 1e-6)
    finally:
        torch.allow_tf32(False)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("splits", [2, 3, 16])
@pytest.mark.parametrize("name", ["deep", "stride, groups", "several products"])
def test_splits_of_k(cupy, name, splits, dtype, monkeypatch):
    """Also more splits than there are steps, of which some have nothing to add."""
    choose, seen = model.choose, []

    def split(kernels, rows, columns, depth, groups, divisible, card):
        seen.append(divisible)
        return model.Choice(64, splits if divisible else 1, 0.0)

    monkeypatch.setattr(model, "choose", split)
    given = drawn(CASES[name], dtype)
    expected = passes(convolution, *given, lambda x: x.copy())
    agree(passes(convolution_cuda, *given, cupy.asarray), expected, 1e-6 if dtype is np.float32 else 1e-14)
    assert any(seen) and (name != "stride, groups" or not all(seen))
    assert choose(model.EXACT, 5, 30, 288, 1, True, model.Card(132)).tile == 64


def test_batches_are_cut_where_int32_ends(cupy, monkeypatch):
    given = drawn(CASES["border"], np.float64)
    expected = passes(convolution, *given, lambda x: x.copy())
    monkeypatch.setattr(convolution_cuda, "LARGEST", 3 * 9 * 11)
    agree(passes(convolution_cuda, *given, cupy.asarray), expected, 1e-14)


def test_division_by_a_constant():
    for d in [*range(1, 300), 1024, 3136, 12544, 50176, 65537, 2**20 + 7, 2**30]:
        mul, shift = plans.magic(d)
        n = np.r_[np.arange(0, 2000), np.random.default_rng(d).integers(0, 2**31, 2000), 2**31 - 1].astype(np.uint64)
        assert ((((n * np.uint64(mul)) >> np.uint64(32)) + n) >> np.uint64(shift) == n // np.uint64(d)).all()


def test_plans_are_kept(cupy):
    given = drawn(CASES["border"], np.float32)
    passes(convolution_cuda, *given, cupy.asarray)
    before = [f.cache_info().misses for f in (plans.forward, plans.backward_input, plans.backward_weights)]
    passes(convolution_cuda, *given, cupy.asarray)
    assert before == [f.cache_info().misses for f in (plans.forward, plans.backward_input, plans.backward_weights)]
