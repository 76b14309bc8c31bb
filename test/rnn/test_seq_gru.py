"""SeqGRU's kernels: any number of threads, samples or units shared out, and no memory taken once sizes are known."""

import tracemalloc

import numpy as np
import pytest

import nn
import torch7 as torch

SIZES = [(5, 3, 7, 200), (4, 20, 33, 270), (6, 40, 10, 130), (2, 1, 3, 300), (5, 9, 8, 5)]


@pytest.fixture
def threads():
    before = torch.getnumthreads()
    yield torch.setnumthreads
    torch.setnumthreads(before)


def made(D, H, dtype="double"):
    torch.manualSeed(3)
    layer = getattr(nn.SeqGRU(D, H), dtype)()
    return layer.maskZero()


def drawn(shape, seed, dtype):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float", "double"])
@pytest.mark.parametrize("T, N, D, H", SIZES)
def test_the_same_bits_for_any_number_of_threads(T, N, D, H, dtype, threads):
    layer, results = made(D, H, dtype), []
    x, dy = drawn((T, N, D), 1, layer._dtype), drawn((T, N, H), 2, layer._dtype)
    x[1, 0] = 0
    for count in (1, 2, 3):
        threads(count)
        layer.zeroGradParameters()
        parts = [layer.forward(x), layer.backward(x, dy), layer.grad_h0, layer.gradWeight, layer.gradBias]
        results.append([part.copy() for part in parts])
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other))


@pytest.mark.parametrize("T, N, D, H", SIZES)
def test_the_formula(T, N, D, H, threads):
    threads(2)
    layer = made(D, H)
    x = drawn((T, N, D), 1, float)
    x[0, N // 2] = 0
    y, h = layer.forward(x), np.zeros((N, H))
    W, U = layer.weight[:D], layer.weight[D:]
    for t in range(T):
        gates = 1 / (1 + np.exp(-(x[t] @ W + layer.bias + np.hstack([h @ U[:, : 2 * H], h]))[:, : 2 * H]))
        r, u = gates[:, :H], gates[:, H:]
        candidate = np.tanh(x[t] @ W[:, 2 * H :] + layer.bias[2 * H :] + (r * h) @ U[:, 2 * H :])
        h = (1 - u) * candidate + u * h
        h[~x[t].any(axis=1)] = 0
        np.testing.assert_allclose(y[t], h, rtol=1e-12, atol=1e-12)


def test_no_memory_is_taken_at_constant_sizes():
    layer = made(16, 96, "float")
    x, dy = drawn((20, 32, 16), 1, np.float32), drawn((20, 32, 96), 2, np.float32)
    layer.maskzero = False

    def step():
        layer.forward(x)
        layer.backward(x, dy)

    step()
    step()
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000 < x.nbytes
