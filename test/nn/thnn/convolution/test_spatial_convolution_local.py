"""Convolutions with a kernel for every pixel against sums over taps in float64."""

import numpy as np
import pytest
from comparisons import check, on_threads

from nn import thnn

# images, input planes, output planes, size of the input, kernel, strides, pads
LOCALS = [
    (3, 2, 5, (6, 7), (3, 2), (1, 1), (0, 0)),
    (19, 3, 17, (5, 9), (3, 5), (2, 1), (1, 2)),
    (1, 1, 2, (4, 40), (2, 20), (1, 3), (0, 4)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", LOCALS, ids=str)
def test_local(case, dtype):
    images, inputs, outputs, size, kernel, stride, pad = case
    rng = np.random.default_rng(0)
    H, W = ((n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, pad))
    x, w = rng.normal(size=(images, inputs, *size)), rng.normal(size=(H, W, outputs, inputs, *kernel))
    b, dy = rng.normal(size=(outputs, H, W)), rng.normal(size=(images, outputs, H, W))
    wide = np.pad(x, ((0, 0), (0, 0), (pad[0],) * 2, (pad[1],) * 2))
    y, dwide, dw = np.zeros_like(dy), np.zeros_like(wide), np.zeros_like(w)
    for r, c in np.ndindex(H, W):
        patch = np.s_[:, :, r * stride[0] : r * stride[0] + kernel[0], c * stride[1] : c * stride[1] + kernel[1]]
        y[:, :, r, c] = np.einsum("niab,oiab->no", wide[patch], w[r, c]) + b[:, r, c]
        dwide[patch] += np.einsum("no,oiab->niab", dy[:, :, r, c], w[r, c])
        dw[r, c] = np.einsum("no,niab->oiab", dy[:, :, r, c], wide[patch])
    dx = dwide[:, :, pad[0] : pad[0] + size[0], pad[1] : pad[1] + size[1]]
    bare = y - b
    xs, ws, bs, dys = (v.astype(dtype) for v in (x, w, b, dy))

    def passes():
        out, plain, gx = np.full_like(dys, np.nan), np.full_like(dys, np.nan), np.full_like(xs, np.nan)
        gw, gb = np.ones_like(ws), np.ones_like(bs)
        thnn.SpatialConvolutionLocal_updateOutput(xs, out, ws, bs, stride, pad)
        thnn.SpatialConvolutionLocal_updateOutput(xs, plain, ws, None, stride, pad)
        thnn.SpatialConvolutionLocal_updateGradInput(dys, gx, ws, stride, pad)
        thnn.SpatialConvolutionLocal_accGradParameters(xs, dys, gw, gb, stride, pad, 0.5)
        return out, plain, gx, gw, gb

    check(on_threads(passes), (y, bare, dx, 1 + 0.5 * dw, 1 + 0.5 * dy.sum(0)), dtype)
