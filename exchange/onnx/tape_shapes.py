"""Operators that move elements, as the tape computes them."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn.pytorch.functional as F

from .tape_operators import OPERATORS, integers, operator


@operator("Transpose")
def transpose(x: list, a: dict) -> Any:
    return np.transpose(x[0], a.get("perm") or tuple(range(x[0].ndim))[::-1])


@operator("Reshape")
def reshape(x: list, a: dict) -> Any:
    sizes = [x[0].shape[i] if n == 0 and not a.get("allowzero", 0) else n for i, n in enumerate(integers(x[1]))]
    return x[0].reshape(tuple(sizes))


@operator("Flatten")
def flatten(x: list, a: dict) -> Any:
    axis = a.get("axis", 1)
    axis = axis + x[0].ndim if axis < 0 else axis
    return x[0].reshape(int(np.prod(x[0].shape[:axis])), int(np.prod(x[0].shape[axis:])))


@operator("Squeeze")
def squeeze(x: list, a: dict) -> Any:
    axes = a.get("axes", x[1] if len(x) > 1 else None)
    away = [i for i, n in enumerate(x[0].shape) if n == 1] if axes is None else integers(axes)
    away = [i % x[0].ndim for i in away]
    return x[0].reshape(tuple(n for i, n in enumerate(x[0].shape) if i not in away))


@operator("Unsqueeze")
def unsqueeze(x: list, a: dict) -> Any:
    axes = integers(a.get("axes", x[1] if len(x) > 1 else None))
    ndim = x[0].ndim + len(axes)
    places, sizes = {i % ndim for i in axes}, iter(x[0].shape)
    return x[0].reshape(tuple(1 if i in places else next(sizes) for i in range(ndim)))


@operator("Concat")
def concat(x: list, a: dict) -> Any:
    return np.concatenate(x, a["axis"])


@operator("Slice")
def slices(x: list, a: dict) -> Any:
    starts, ends = (integers(a.get(n, x[i] if len(x) > i else None)) for i, n in ((1, "starts"), (2, "ends")))
    axes = a.get("axes", x[3] if len(x) > 3 and x[3] is not None else range(len(starts)))
    steps = x[4] if len(x) > 4 and x[4] is not None else [1] * len(starts)
    index = [slice(None)] * x[0].ndim
    for start, end, axis, step in zip(starts, ends, integers(axes), integers(steps)):
        behind = step < 0 and end < -x[0].shape[axis]  # a stop in front of the first
        index[axis] = slice(start, None if behind else end, step)
    return x[0][tuple(index)]


@operator("Gather")
def gather(x: list, a: dict) -> Any:
    """Of places by numbers, in an axis; a table of rows too."""
    places = np.asarray(getattr(x[1], "data", x[1])).astype(np.int64)
    return x[0][(*[slice(None)] * (a.get("axis", 0) % x[0].ndim), places)]


@operator("Split")
def split(x: list, a: dict) -> Any:
    sizes = a.get("split", x[1] if len(x) > 1 else None)
    return tuple(np.split(x[0], np.cumsum(integers(sizes))[:-1].tolist(), a.get("axis", 0)))


@operator("Expand")
def expand(x: list, a: dict) -> Any:
    """By a product with ones."""
    sizes = [1 if n == -1 else n for n in integers(x[1])]
    return x[0] * np.ones(np.broadcast_shapes(tuple(sizes), x[0].shape), x[0].dtype)


@operator("Tile")
def tile(x: list, a: dict) -> Any:
    value = x[0]
    for axis, count in enumerate(integers(x[1])):
        value = value if count == 1 else np.concatenate([value] * count, axis)
    return value


PAD_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@operator("Pad")
def pad(x: list, a: dict) -> Any:
    """Some axes only in operator set 18 and later; copies of places by their numbers, as functions take few axes."""
    pads = integers(a.get("pads", x[1] if len(x) > 1 else None))
    ndim, n = x[0].ndim, len(pads) // 2
    axes = integers(x[3]) if len(x) > 3 and x[3] is not None else range(n)
    around = {axis % ndim: (pads[i], pads[i + n]) for i, axis in enumerate(axes)}
    mode = PAD_MODES[a.get("mode", "constant")]
    if mode == "constant":
        value = a.get("value", x[2] if len(x) > 2 and x[2] is not None else 0.0)
        flat = [k for axis in reversed(range(ndim)) for k in around.get(axis, (0, 0))]
        return F.pad(x[0], tuple(flat), "constant", float(np.reshape(value, ())))
    value = x[0]
    for axis, (before, after) in around.items():
        if before or after:
            places = F.sources(mode, value.shape[axis], before, after)
            value = value[(*[slice(None)] * axis, places)]
    return value


def _depth_to_space(x: list, a: dict) -> Any:
    (N, C, H, W), r = x[0].shape, a["blocksize"]
    if a.get("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x[0], r)
    apart = x[0].reshape(N, r, r, C // r**2, H, W)
    return np.transpose(apart, (0, 3, 4, 1, 5, 2)).reshape(N, C // r**2, H * r, W * r)


def _space_to_depth(x: list, a: dict) -> Any:
    (N, C, H, W), r = x[0].shape, a["blocksize"]
    apart = x[0].reshape(N, C, H // r, r, W // r, r)
    return np.transpose(apart, (0, 3, 5, 1, 2, 4)).reshape(N, C * r**2, H // r, W // r)


OPERATORS |= {"DepthToSpace": _depth_to_space, "SpaceToDepth": _space_to_depth}
