"""Kernels that choose by the length of rows, and those that no recorded case is long enough for."""

import numpy as np
import pytest

import nn
from nn import thnn
from nn.thnn.criterion import class_nll_criterion_cuda
from nn.thnn.simple import linear_cuda
from nn.thnn.transfer import prelu_cuda

LENGTHS = [1, 10, 100, 1000, 1500]
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-13}


def drawn(*shape, dtype):
    return np.random.default_rng(3).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", LENGTHS)
def test_soft_max(cupy, n, dtype):
    x, g = 5 * drawn(6, n, dtype=dtype), drawn(6, n, dtype=dtype)
    x[1] += 1e4
    x[0, : n // 2] = -np.inf
    for name in ("SoftMax", "LogSoftMax"):
        module = getattr(nn, name)().type("torch.FloatTensor" if dtype is np.float32 else "torch.DoubleTensor")
        y, dx = module.forward(x).copy(), module.backward(x, g).copy()
        there = module.type("torch.CudaTensor" if dtype is np.float32 else "torch.CudaDoubleTensor")
        np.testing.assert_allclose(
            there.forward(cupy.asarray(x)).get(), y, rtol=TOLERANCE[dtype], atol=1e-6 * (dtype is np.float32)
        )
        dx_there = there.backward(cupy.asarray(x), cupy.asarray(g)).get()
        np.testing.assert_allclose(dx_there, dx, rtol=1e-4, atol=TOLERANCE[dtype] * 10)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n", [3, 64, 200])
def test_extrema_of_rows(cupy, n, sign):
    x = np.round(drawn(5, n, dtype=np.float64), 1)
    x[1, n // 2 :] = np.nan
    x[2] = np.inf
    results = []
    for xp in (np, cupy):
        y, places = xp.empty(5), xp.empty(5, np.int64)
        thnn.Max_updateOutput(xp.asarray(x), y, places, 1, sign)
        results.append((y, places))
    (y, places), (there, places_there) = results
    np.testing.assert_array_equal(there.get(), y)
    np.testing.assert_array_equal(places_there.get(), places)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7, 3, 900), (5000, 4), (37, 70), (5, 33, 2, 3), (2, 1)])
def test_batch_norm_in_shares(cupy, shape, dtype):
    """Channels of so many elements that several blocks share one, and of few; far from 0."""
    x, g = drawn(*shape, dtype=dtype) + 100, drawn(*shape, dtype=dtype)
    channels, results = shape[1], []
    for xp in (np, cupy):
        arrays = xp.asarray(x), xp.asarray(g)
        y, dx = xp.empty_like(arrays[0]), xp.empty_like(arrays[0])
        vectors = [xp.asarray(np.linspace(0.5, 1, channels).astype(dtype)) for _ in range(8)]
        weight, bias, mean, var, saved_mean, saved_inverse, dw, db = vectors
        state = (mean, var), (saved_mean, saved_inverse)
        thnn.BatchNormalization_updateOutput(arrays[0], y, (weight, bias), *state, True, 0.1, 1e-5)
        thnn.BatchNormalization_backward(*arrays, dx, (weight, dw, db), state, True, 2.0, 1e-5)
        results.append((y, dx, mean, var, dw, db))
    for here, there in zip(*results):
        np.testing.assert_allclose(
            there.get(), here, rtol=1e-4 if dtype is np.float32 else 1e-9, atol=1e-4 if dtype is np.float32 else 1e-10
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("few", [1 << 22, 0], ids=["tiles", "cuBLAS"])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(cupy, bias, few, dtype, monkeypatch):
    """Several tiles each way, the last ones not full, over several pieces of k."""
    monkeypatch.setattr(linear_cuda, "FEW", few)
    x, g, w = drawn(37, 70, dtype=dtype), drawn(37, 45, dtype=dtype), drawn(45, 70, dtype=dtype)
    results = []
    for xp in (np, cupy):
        X, G, W, b, db = map(xp.array, (x, g, w, g[0], g[1]))
        b, db = (b, db) if bias else (None, None)
        y, dx, dw = xp.empty_like(G), xp.empty_like(X), W * 2
        thnn.Linear_updateOutput(X, y, W, b)
        thnn.Linear_updateGradInput(G, dx, W)
        thnn.Linear_accGradParameters(X, G, dw, db, 0.5)
        results.append((y, dx, dw, *([db] if bias else [])))
    for here, there in zip(*results):
        np.testing.assert_allclose(there.get(), here, rtol=0, atol=2e-5 if dtype is np.float32 else 1e-13)


def test_maps_at_addresses_that_are_no_multiple_of_16(cupy):
    x = cupy.asarray(drawn(1003, dtype=np.float32))
    for first in (0, 1, 3):
        part, y = x[first:], cupy.empty(1003, np.float32)[first:]
        thnn.Tanh_updateOutput(part, y)
        np.testing.assert_allclose(y.get(), np.tanh(part.get()), rtol=1e-6)


def test_words_that_repeat(cupy):
    words, dy = np.random.default_rng(0).integers(1, 9, 60), drawn(60, 131, dtype=np.float64)
    words[:30] = 4
    expected, dw = np.zeros((8, 131)), cupy.zeros((8, 131))
    thnn.LookupTable_accGradParameters(words, dy, expected, None, 2, 0.5)
    thnn.LookupTable_accGradParameters(cupy.asarray(words), cupy.asarray(dy), dw, None, 2, 0.5)
    np.testing.assert_allclose(dw.get(), expected, rtol=1e-12, atol=1e-13)


def test_soft_max_of_a_thread_that_has_no_number(cupy):
    """Of a long row a thread takes every 256th element."""
    x = drawn(2, 1500, dtype=np.float64)
    x[0, 7::256] = np.nan
    y = nn.SoftMax().type("torch.CudaDoubleTensor").forward(cupy.asarray(x)).get()
    assert np.isnan(y[0]).all()
    assert not np.isnan(y[1]).any()


@pytest.mark.parametrize("bad", [None, 5, 300])
def test_a_loss_of_many_labels(cupy, monkeypatch, bad):
    """Several blocks leave their parts."""
    monkeypatch.setattr(class_nll_criterion_cuda, "SHARE", 64)
    x, labels = drawn(400, 5, dtype=np.float64), np.random.default_rng(4).integers(1, 6, 400)
    criterion = nn.ClassNLLCriterion(np.arange(1.0, 6))
    expected = criterion.forward(x, labels)
    there = criterion.type("torch.CudaDoubleTensor")
    if bad is not None:
        labels[bad], labels[350] = 7, 6
        with pytest.raises(IndexError, match="got 7"):
            float(there.forward(cupy.asarray(x), cupy.asarray(labels)))
    else:
        np.testing.assert_allclose(float(there.forward(cupy.asarray(x), cupy.asarray(labels))), expected, rtol=1e-13)


@pytest.mark.parametrize("offset", [0, 1])
@pytest.mark.parametrize("shape", [(3, 2, 8, 8), (2, 3, 5, 9)])
@pytest.mark.parametrize("slopes", [0, 1])
def test_gradients_of_slopes_in_shares(cupy, monkeypatch, slopes, shape, offset):
    """By packs of 16 bytes where planes and addresses allow it."""
    monkeypatch.setattr(prelu_cuda, "SHARE", 16)
    x, g = drawn(2, *shape, dtype=np.float64)
    module = nn.PReLU(slopes * shape[1])
    module.zeroGradParameters()
    module.backward(x, module.forward(x) * 0 + g, 0.5)
    expected = module.gradWeight.copy()
    there = module.type("torch.CudaDoubleTensor")
    there.zeroGradParameters()
    room = cupy.zeros((2, x.size + 1))[:, offset : offset + x.size]
    there_x, there_g = (room[k].reshape(shape) for k in range(2))
    there_x[...], there_g[...] = cupy.asarray(x), cupy.asarray(g)
    there.forward(there_x)
    there.backward(there_x, there_g, 0.5)
    np.testing.assert_allclose(there.gradWeight.get(), expected, rtol=1e-13)
