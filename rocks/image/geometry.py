"""Cutting, flipping, moving and turning pictures: ``[planes x] height x width``, places counted from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.arrays import describe
from torch7.tensor.checks import axis_of

from ..arguments import into, whole
from .scaling import scale

_FORMATS = ("c", "tl", "tr", "bl", "br")


def need_picture(x: Any, name: str) -> Any:
    """``x``, which must have two or three dimensions."""
    if getattr(x, "ndim", 0) not in (2, 3):
        raise ValueError(f"image.{name}: a picture is [planes x] height x width, got {describe(x)}")
    return x


def crop(*args: Any) -> Any:
    """``crop([dst,] x, x1, y1 [, x2, y2])``: from (x1, y1) up to, but without, (x2, y2), or to the end.

    ``crop([dst,] x, format, width, height)``: from the centre ``'c'`` or a corner ``'tl'``, ``'tr'``, ``'bl'``,
    ``'br'``. A ``dst`` of another size takes the part scaled to it; with x1 and y1 alone its size is that of the part.
    """
    tensors = [a for a in args[:2] if hasattr(a, "ndim") and a.ndim]
    dst = args[0] if len(tensors) == 2 else None
    x, *places = args[1:] if dst is not None else args
    left, top, width, height = _part(need_picture(x, "crop"), places, dst)
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > x.shape[-1] or top + height > x.shape[-2]:
        raise IndexError(f"image.crop: {width} x {height} from ({left}, {top}) do not lie in {describe(x)}")
    part = x[..., top : top + height, left : left + width]
    if dst is None:
        return part.copy()
    if dst.shape == part.shape:
        dst[...] = part
        return dst
    return scale(dst, part)


def _part(x: Any, places: list, dst: Any) -> tuple[int, int, int, int]:
    rows, columns = x.shape[-2:]
    if places and isinstance(places[0], str):
        form, width, height = places[0], whole(places[1]), whole(places[2])
        if form not in _FORMATS:
            raise ValueError(f"image.crop: the format is one of {', '.join(_FORMATS)}, not {form!r}")
        if form == "c":
            return (columns - width) // 2, (rows - height) // 2, width, height
        return columns - width if "r" in form else 0, rows - height if "b" in form else 0, width, height
    if len(places) not in (2, 4):
        raise TypeError("image.crop([dst,] x, x1, y1 [, x2, y2]) or image.crop([dst,] x, format, width, height)")
    left, top = whole(places[0]), whole(places[1])
    if len(places) == 4 and places[2] is not None:
        return left, top, whole(places[2]) - left, whole(places[3]) - top
    rows, columns = (rows - top, columns - left) if dst is None else dst.shape[-2:]
    return left, top, columns, rows


@into()
def hflip(x: Any) -> Any:
    """Left and right changed."""
    return np.ascontiguousarray(need_picture(x, "hflip")[..., ::-1])


@into()
def vflip(x: Any) -> Any:
    """Above and below changed."""
    return np.ascontiguousarray(need_picture(x, "vflip")[..., ::-1, :])


@into()
def flip(x: Any, dim: int) -> Any:
    """The order along a dimension (from 1) turned round."""
    return np.ascontiguousarray(np.flip(x, axis_of(x, dim)))


@into()
def translate(x: Any, dx: float, dy: float) -> Any:
    """Moved ``dx`` to the right and ``dy`` down; zeros come in."""
    dx, dy = whole(dx), whole(dy)
    y = np.zeros_like(need_picture(x, "translate"), order="C")
    rows, columns = x.shape[-2:]
    if abs(dx) < columns and abs(dy) < rows:
        y[..., max(dy, 0) : rows + min(dy, 0), max(dx, 0) : columns + min(dx, 0)] = x[
            ..., max(-dy, 0) : rows + min(-dy, 0), max(-dx, 0) : columns + min(-dx, 0)
        ]
    return y


@into()
def rotate(x: Any, theta: float, mode: str | None = None) -> Any:
    """Turned by ``theta`` radians about the centre: ``'simple'`` (default) or ``'bilinear'``; the corners are 0.

    Pixel (i, j) is taken from ``c + R (i - w/2, j - h/2)``, where c is the centre in whole pixels.
    """
    mode = mode or "simple"
    if mode not in ("simple", "bilinear"):
        raise ValueError(f"image.rotate: the mode is simple or bilinear, not {mode!r}")
    rows, columns = need_picture(x, "rotate").shape[-2:]
    xc, yc = columns // 2, rows // 2
    return (_nearest_turned if mode == "simple" else _linear_turned)(x, np.float32(theta), xc, yc)


def _turned(x: Any, theta: Any, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel comes from, about the centre."""
    rows, columns = x.shape[-2:]
    cos, sin = dtype(np.cos(dtype(theta))), dtype(np.sin(dtype(theta)))
    i = (np.arange(columns) - columns / 2).astype(dtype)
    j = (np.arange(rows) - rows / 2).astype(dtype)[:, None]
    return cos * i - sin * j, cos * j + sin * i


def _nearest_turned(x: Any, theta: Any, xc: int, yc: int) -> Any:
    ri, rj = _turned(x, theta, np.float32)
    i, j = ri.astype(np.int64) + xc, rj.astype(np.int64) + yc  # towards zero
    inside = (i >= 0) & (i < x.shape[-1]) & (j >= 0) & (j < x.shape[-2])
    return np.where(inside, x[..., np.where(inside, j, 0), np.where(inside, i, 0)], x.dtype.type(0))


def _linear_turned(x: Any, theta: Any, xc: int, yc: int) -> Any:
    ri, rj = _turned(x, theta, np.float64)
    left, top = np.floor(ri), np.floor(rj)
    wi, wj = ri - left, rj - top
    i, j = left.astype(np.int64) + xc, top.astype(np.int64) + yc
    inside = (i >= 0) & (i + 1 < x.shape[-1]) & (j >= 0) & (j + 1 < x.shape[-2])
    i, j = np.where(inside, i, 0), np.where(inside, j, 0)
    right, below = np.minimum(i + 1, x.shape[-1] - 1), np.minimum(j + 1, x.shape[-2] - 1)
    y = (1 - wi) * (1 - wj) * x[..., j, i] + wi * (1 - wj) * x[..., j, right]
    y = y + (1 - wi) * wj * x[..., below, i] + wi * wj * x[..., below, right]
    return np.where(inside, y, 0).astype(x.dtype)
