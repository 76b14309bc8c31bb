"""Convolutions along a table of connections against sums over taps in float64."""

import numpy as np
import pytest
from comparisons import check, on_threads

import nn.thnn.convolution.connected_weights as kernels
from nn import thnn

# images, input planes, output planes, size of the small planes, kernel, strides
MAPS = [(5, 3, 4, (7, 9), (3, 3), (1, 1)), (2, 6, 5, (12, 31), (2, 5), (2, 1)), (17, 1, 2, (3, 2), (1, 2), (3, 2))]


def connected(case):
    """A table with some planes twice and one output without connections, and random planes and weights."""
    images, inputs, outputs, (H, W), (kH, kW), (dH, dW) = case
    rng = np.random.default_rng(0)
    table = np.array([(i, o) for i in range(inputs) for o in range(outputs - 1) if (i + o) % 3] + [(0, 0), (0, 0)])
    large = rng.normal(size=(images, inputs, (H - 1) * dH + kH, (W - 1) * dW + kW))
    return table, large, rng.normal(size=(len(table), kH, kW)), rng.normal(size=(images, outputs, H, W)), rng


def seen(large, a, b, small, dH, dW):
    """What one tap sees of the large planes."""
    H, W = small.shape[2:]
    return large[:, :, a : a + (H - 1) * dH + 1 : dH, b : b + (W - 1) * dW + 1 : dW]


def sums(table, large, weight, small, dH, dW):
    """Small planes of the large ones, large ones of the small ones, and the gradient of the weights."""
    down, up, dw = np.zeros_like(small), np.zeros_like(large), np.zeros_like(weight)
    for k, (i, o) in enumerate(table):
        for a, b in np.ndindex(*weight.shape[1:]):
            view = seen(large, a, b, small, dH, dW)[:, i]
            down[:, o] += weight[k, a, b] * view
            seen(up, a, b, small, dH, dW)[:, i] += weight[k, a, b] * small[:, o]
            dw[k, a, b] = np.sum(view * small[:, o])
    return down, up, dw


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", MAPS, ids=str)
def test_connected_planes(case, dtype):
    table, large, weight, small, rng = connected(case)
    dH, dW = case[-1]
    b = rng.normal(size=small.shape[1])
    down, up, dw = sums(table, large, weight, small, dH, dW)
    expected = down + b[:, None, None], up, 1 + 0.5 * dw, 1 + 0.5 * small.sum((0, 2, 3))
    x, w, dy, bias = (v.astype(dtype) for v in (large, weight, small, b))

    def passes():
        y, dx, gw, gb = np.full_like(dy, np.nan), np.full_like(x, np.nan), np.ones_like(w), np.ones_like(bias)
        thnn.SpatialConvolutionMap_updateOutput(x, y, w, bias, table, dW, dH)
        thnn.SpatialConvolutionMap_updateGradInput(dy, dx, w, table, dW, dH)
        thnn.SpatialConvolutionMap_accGradParameters(x, dy, gw, gb, table, dW, dH, 0.5)
        return y, dx, gw, gb

    check(on_threads(passes), expected, dtype)


def test_many_connections_in_turns(monkeypatch):
    table, large, weight, small, _ = connected(MAPS[0])
    found = []
    for limit in (kernels.SUM_BYTES, 5_000):
        monkeypatch.setattr(kernels, "SUM_BYTES", limit)
        found.append(np.zeros_like(weight))
        thnn.SpatialConvolutionMap_accGradParameters(large, small, found[-1], np.zeros(4), table, 1, 1, 1)
    check(found[:1], [sums(table, large, weight, small, 1, 1)[2]], np.float64)
    check(found[1:], found[:1], np.float64)


@pytest.mark.parametrize("case", MAPS, ids=str)
def test_full_connected_planes(case):
    table, large, w, small, rng = connected(case)
    dH, dW = case[-1]
    b = rng.normal(size=large.shape[1])
    down, up, dw = sums(table, large, w, small, dH, dW)
    turned = table[:, ::-1]

    def passes():
        y, dx, gw, gb = np.full_like(large, np.nan), np.full_like(small, np.nan), np.ones_like(w), np.ones_like(b)
        thnn.SpatialFullConvolutionMap_updateOutput(small, y, w, b, turned, dW, dH)
        thnn.SpatialFullConvolutionMap_updateGradInput(large, dx, w, turned, dW, dH)
        thnn.SpatialFullConvolutionMap_accGradParameters(small, large, gw, gb, turned, dW, dH, 0.5)
        return y, dx, gw, gb

    expected = up + b[:, None, None], down, 1 + 0.5 * dw, 1 + 0.5 * large.sum((0, 2, 3))
    check(on_threads(passes), expected, np.float64)
