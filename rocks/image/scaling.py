"""``image.scale``: other sizes by bilinear, bicubic or nearest interpolation, rows first, then columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7.arrays import describe
from torch7.lua import is_number
from torch7.tensor.checks import store

from ..arguments import whole


def scale(*args: Any) -> Any:
    """``scale(x, width, height [, mode])``, ``scale(x, size [, mode])`` or ``scale(dst, x [, mode])``.

    ``size`` is the longer side as a number or text, ``'WxH'``, ``'^n'`` (the shorter side), ``'*f'`` or ``'*n/d'``
    (a factor). The mode is ``'bilinear'`` (default; where a side shrinks, means over the part that falls on a pixel),
    ``'bicubic'`` or ``'simple'``.
    """
    mode = args[-1] if len(args) > 2 and (isinstance(args[-1], str) or args[-1] is None) else None
    rest = args[:-1] if len(args) > 2 and (isinstance(args[-1], str) or args[-1] is None) else args
    if len(rest) == 2 and hasattr(rest[1], "shape") and getattr(rest[1], "ndim", 0):
        dst, x = rest
        return store(dst, _scaled(x, dst.shape[-1], dst.shape[-2], mode))
    if len(rest) == 2:
        return _scaled(rest[0], *_size(rest[0], rest[1]), mode)
    if len(rest) == 3:
        return _scaled(rest[0], rest[1], rest[2], mode)
    raise TypeError(
        "image.scale(x, width, height [, mode]), image.scale(x, size [, mode]) or image.scale(dst, x [, mode])"
    )


def _size(x: Any, size: Any) -> tuple[float, float]:
    height, width = x.shape[-2:]
    if is_number(size) or re.fullmatch(r"\s*[\d.]+\s*", size):
        over, under = float(size), max(width, height)
    elif found := re.search(r"(\d+)x(\d+)", size):
        return int(found[1]), int(found[2])
    elif found := re.search(r"\^(\d+)", size):
        over, under = int(found[1]), min(width, height)
    elif found := re.search(r"\*(\d+)/(\d+)", size):
        over, under = int(found[1]), int(found[2])
    elif found := re.search(r"\*([\d.]+)", size):
        over, under = float(found[1]), 1
    else:
        raise ValueError(f"image.scale: the size is 'WxH', 'MAX', '^MIN', '*SC' or '*SCn/SCd', not {size!r}")
    return width * over / under, height * over / under


def _scaled(x: Any, width: float, height: float, mode: str | None) -> Any:
    if getattr(x, "ndim", 0) not in (2, 3):
        raise ValueError(f"image.scale: a picture is [planes x] height x width, got {describe(x)}")
    width, height = whole(width), whole(height)
    if min(width, height, *x.shape[-2:]) < 1:
        raise ValueError(f"image.scale: {describe(x)} to width {width} and height {height}")
    mode = mode or "bilinear"
    if mode == "simple":
        return x[..., _nearest(x.shape[-2], height)[:, None], _nearest(x.shape[-1], width)]
    if mode not in _WEIGHTS:
        raise ValueError(f"image.scale: the mode is simple, bicubic or bilinear, not {mode!r}")
    rows = _along(x, width, _WEIGHTS[mode])
    return np.ascontiguousarray(_along(rows.swapaxes(-1, -2), height, _WEIGHTS[mode]).swapaxes(-1, -2))


def _nearest(length: int, to: int) -> np.ndarray:
    """Places in single precision, as the original counts them: a rounding decides which pixel is taken."""
    step = np.float32(length) / np.float32(to)
    return np.minimum((np.arange(to, dtype=np.float32) * step).astype(np.int64), length - 1)


def _along(x: Any, to: int, weights: Callable[[int, int], np.ndarray]) -> Any:
    """The last dimension in another length. Whole numbers are cut, as C converts them."""
    if to == x.shape[-1]:
        return x
    y = x @ weights(x.shape[-1], to).T.astype(x.dtype if x.dtype.kind == "f" else np.float64)
    if x.dtype.kind == "f":
        return y
    limits = np.iinfo(x.dtype)
    return np.clip(y + 1e-6, limits.min, limits.max).astype(x.dtype)


def _linear(length: int, to: int) -> np.ndarray:
    """Interpolation between neighbours where it grows, means over parts where it shrinks: to x length."""
    weights = np.zeros((to, length))
    if to > length:
        place = np.arange(to) * ((length - 1) / (to - 1))
        left = np.minimum(place.astype(np.int64), length - 1)
        rows = np.arange(to)
        np.add.at(weights, (rows, left), 1 - (place - left))
        np.add.at(weights, (rows, np.minimum(left + 1, length - 1)), place - left)
        return weights
    edges = np.arange(to + 1) * (length / to)
    cells = np.arange(length)
    weights = np.clip(np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells), 0, 1)
    return weights / weights.sum(1, keepdims=True)


def _cubic(length: int, to: int) -> np.ndarray:
    """Catmull-Rom splines through four neighbours; beyond the ends the line of the last two goes on."""
    weights = np.zeros((to, length))
    if length == 1 or to == 1:
        weights[:, -1] = 1  # the last pixel is always the last one
        return weights
    place = np.arange(to) * ((length - 1) / (to - 1))
    left = np.minimum(place.astype(np.int64), length - 2)
    t = place - left
    taps = np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]) / 2
    for row, (a, (first, second, third, fourth)) in enumerate(zip(left, taps.T)):
        if a == 0:
            second, third = second + 2 * first, third - first
        else:
            weights[row, a - 1] += first
        if a + 2 < length:
            weights[row, a + 2] += fourth
        else:
            third, second = third + 2 * fourth, second - fourth
        weights[row, a] += second
        weights[row, a + 1] += third
    return weights


_WEIGHTS = {"bilinear": _linear, "bicubic": _cubic}
