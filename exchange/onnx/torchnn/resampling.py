"""Borders, shuffles and resampling."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn.pytorch.functional as F

from ..graph import Graph, Value
from ..rules.pooling import along
from .registry import Arguments, called, function, layer


@function("pad")
def pad(g: Graph, a: Arguments, y: Any) -> str:
    """Numbers come in pairs from the last axis on; what is not constant copies places along each axis."""
    pairs = list(zip(a.pad[::2], a.pad[1::2]))[::-1]
    if a.mode == "constant":
        return g.pad(a.input, [(int(p), int(q)) for p, q in pairs], 0.0 if a.value is None else float(a.value))
    name = a.input.name
    for axis, (before, after) in enumerate(pairs, a.input.ndim - len(pairs)):
        if before or after:
            places = F.sources(a.mode, a.input.shape[axis], before, after)
            name = g.op("Gather", name, g.constant(places, np.int64), axis=axis)
    return name


KINDS = ("Reflection", "Replication", "Circular", "Constant", "Zero")


@layer(*(f"{kind}Pad{n}d" for kind in KINDS for n in (1, 2, 3)))
def padding_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "pad", y, x[0], m.padding, m.mode, m.value)


@function("pixel_shuffle", "pixel_unshuffle")
def pixel_shuffle(g: Graph, a: Arguments, y: Value) -> str:
    """(..., C, r, r, H, W) and (..., C, H, r, W, r), one into the other."""
    x, shuffled = a.input, a.name == "pixel_shuffle"
    r = a.upscale_factor if shuffled else a.downscale_factor
    front, (H, W) = x.sizes[:-3], x.shape[-2:]
    if shuffled:
        inner, order = [x.shape[-3] // r**2, r, r, H, W], (0, 3, 1, 4, 2)
    else:
        inner, order = [x.shape[-3], H // r, r, W // r, r], (0, 2, 4, 1, 3)
    n = len(front)
    apart = g.reshape(x, [*front, *inner])
    return g.reshape(g.op("Transpose", apart, perm=[*range(n), *(n + i for i in order)]), y.sizes)


@function("channel_shuffle", "native_channel_shuffle")
def channel_shuffle(g: Graph, a: Arguments, y: Any) -> str:
    order = np.arange(a.input.shape[1]).reshape(a.groups, -1).T.reshape(-1)
    return g.op("Gather", a.input, g.constant(order, np.int64), axis=1)


@layer("PixelShuffle", "PixelUnshuffle", "ChannelShuffle")
def shuffle_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    name = {"PixelShuffle": "pixel_shuffle", "PixelUnshuffle": "pixel_unshuffle"}.get(type(m).__name__)
    factor = vars(m).get("upscale_factor") or vars(m).get("downscale_factor")
    return called(g, name, y, x[0], factor) if name else called(g, "channel_shuffle", y, x[0], m.groups)


@function("interpolate", "upsample", "upsample_bilinear", "upsample_nearest")
def interpolate(g: Graph, a: Arguments, y: Value) -> str:
    """A matrix along each axis: what the function makes of ones at one place of it."""
    settings = {k: v for k, v in a.items() if k not in ("name", "input")}
    own = getattr(F, a.name)
    matrices = []
    for axis in range(2, a.input.ndim):
        n = a.input.shape[axis]
        shape = [1, n, *a.input.shape[2:]]
        basis = np.zeros(shape)
        for i in range(n):
            basis[(0, i, *[slice(None)] * (axis - 2), i)] = 1
        made = own(basis, **settings)
        matrices.append(made[(0, slice(None), *[0 if k != axis else slice(None) for k in range(2, made.ndim)])].T)
    return along(g, a.input, matrices)


@layer("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d")
def upsample_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "interpolate", y, x[0], *m.settings())


@function("affine_grid")
def affine_grid(g: Graph, a: Arguments, y: Value) -> str:
    """What the identity's grid is, with ones, times the rows of theta."""
    dims = a.theta.shape[1]
    identity = np.eye(dims, dims + 1)[None]
    grid = F.affine_grid(identity, [1, *a.size[1:]], a.align_corners).reshape(-1, dims)
    points = g.constant(np.concatenate([grid, np.ones((len(grid), 1))], 1))
    return g.reshape(g.op("MatMul", points, g.op("Transpose", a.theta, perm=[0, 2, 1])), y.sizes)


@function("grid_sample")
def grid_sample(g: Graph, a: Arguments, y: Any) -> str:
    if a.input.ndim != 4:
        raise g.refuse("grid_sample of volumes")
    mode = a.mode if g.opset < 20 else {"bilinear": "linear", "bicubic": "cubic"}.get(a.mode, a.mode)
    settings = {"padding_mode": a.padding_mode, "align_corners": int(bool(a.align_corners))}
    return g.op("GridSample", a.input, a.grid, mode=mode, **settings)
