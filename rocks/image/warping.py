"""``image.warp``, ``polar`` and ``logpolar``: pixels taken from the places that a field says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from torch7.arrays import describe
from torch7.tensor.checks import store

from ..arguments import into

_RADIUS = 3  # of the Lanczos kernel


def warp(*args: Any) -> Any:
    """``warp([dst,] x, field [, mode, offset, clamp_mode, pad])``: pixel (y, x) is taken from ``field[:, y, x]``.

    ``x`` is [planes x] height x width, ``field`` 2 x height x width with rows first. With ``offset`` (True by default)
    the place itself is added. The mode is ``'simple'``, ``'bilinear'`` (default), ``'bicubic'`` or ``'lanczos'``.
    Places outside are moved to the border, or have the value ``pad`` (0) where ``clamp_mode`` is ``'pad'``.
    """
    if len(args) > 2 and hasattr(args[2], "shape") and getattr(args[2], "ndim", 0):
        return store(args[0], _warped(*args[1:]))
    return _warped(*args)


warp.sources = 2


def affinetransform(*args: Any) -> Any:
    """``affinetransform([dst,] x, matrix [, mode, translation, clamp_mode, pad])``: the pixel at p is taken from
    ``c + M (p - c) - t``, c the centre.

    ``matrix`` is 2 x 2 and ``translation`` two numbers, rows first; the others are those of :func:`warp`.
    """
    if len(args) > 2 and getattr(args[2], "ndim", 0):
        return store(args[0], _transformed(*args[1:]))
    return _transformed(*args)


affinetransform.sources = 2


def _transformed(
    x: Any, matrix: Any, mode: Any = None, translation: Any = None, clamp_mode: Any = None, pad: Any = None
) -> Any:
    matrix, moved = np.asarray(matrix, float), np.zeros(2) if translation is None else np.asarray(translation, float)
    if getattr(x, "ndim", 0) not in (2, 3) or matrix.shape != (2, 2) or moved.size != 2:
        raise ValueError(
            "image.affinetransform: [planes x] height x width, a matrix of 2 x 2 and a translation of 2, got "
            f"{describe(x)}, {describe(matrix)} and {describe(moved)}"
        )
    places = np.indices(x.shape[-2:], float).reshape(2, -1)
    centre = (np.array(x.shape[-2:])[:, None] - 1) / 2
    field = centre + matrix @ (places - centre) - moved.reshape(2, 1)
    return _warped(x, field.reshape(2, *x.shape[-2:]), mode, False, clamp_mode, pad)


def _warped(x: Any, field: Any, mode: Any = None, offset: Any = None, clamp_mode: Any = None, pad: Any = None) -> Any:
    mode, clamp_mode = mode or "bilinear", clamp_mode or "clamp"
    if mode not in _TAPS:
        raise ValueError(f"image.warp: the mode is one of {', '.join(_TAPS)}, not {mode!r}")
    if clamp_mode not in ("clamp", "pad"):
        raise ValueError(f"image.warp: clamp_mode is clamp or pad, not {clamp_mode!r}")
    if pad is not None and clamp_mode == "clamp":
        raise ValueError("image.warp: a value for what lies outside goes with clamp_mode = 'pad'")
    if x.ndim not in (2, 3) or field.ndim != 3 or len(field) != 2:
        raise ValueError(
            "image.warp: [planes x] height x width and a field of 2 x height x width, got "
            f"{describe(x)} and {describe(field)}"
        )
    places = field.astype(np.float32)
    if offset is None or offset:
        places = places + np.indices(field.shape[1:], np.float32)
    last = np.array(x.shape[-2:], np.float32)[:, None, None] - 1
    y = _taken(x, np.clip(places, 0, last), mode)
    if clamp_mode == "pad":
        outside = ((places < 0) | (places > last)).any(0)
        y = np.where(outside, x.dtype.type(pad or 0), y)
    return y


def _taken(x: Any, places: np.ndarray, mode: str) -> Any:
    """The weighted taps around places that lie inside, columns first, then rows; what is beyond is the border."""
    wide, high = x.shape[-1] - 1, x.shape[-2] - 1
    (rows, row_weights), (columns, column_weights) = (_TAPS[mode](p.astype(np.float64)) for p in places)
    total: Any = 0
    for v, wv in zip(rows, row_weights):
        v = np.clip(v, 0, high)
        line: Any = 0
        for u, wu in zip(columns, column_weights):
            line = line + wu * x[..., v, np.clip(u, 0, wide)]
        total = total + wv * line
    return np.asarray(total).astype(x.dtype)


def _simple(p: np.ndarray) -> tuple[list, list]:
    return [np.floor(p + 0.5).astype(np.int64)], [1.0]


def _bilinear(p: np.ndarray) -> tuple[list, list]:
    first = np.floor(p).astype(np.int64)
    return [first, first + 1], [first + 1 - p, p - first]


def _bicubic(p: np.ndarray) -> tuple[list, list]:
    """The cubic through the values at -1, 0, 1 and 2."""
    first = np.floor(p).astype(np.int64)
    d = p - first
    before = -d / 3 + d**2 / 2 - d**3 / 6
    after = d + d**2 / 2 - d**3 / 2
    second = -d / 6 + d**3 / 6
    return [first - 1, first, first + 1, first + 2], [before, 1 - before - after - second, after, second]


def _lanczos(p: np.ndarray) -> tuple[list, list]:
    first = np.floor(p).astype(np.int64)
    places = [first + i for i in range(1 - _RADIUS, _RADIUS + 1)]
    weights = [np.where(np.abs(p - u) <= _RADIUS, np.sinc(p - u) * np.sinc((p - u) / _RADIUS), 0) for u in places]
    total = sum(weights)
    return places, [w / total for w in weights]


_TAPS = {"simple": _simple, "bilinear": _bilinear, "bicubic": _bicubic, "lanczos": _lanczos}


_RADIAL_DOC = """The picture in {}polar coordinates: angles downwards, {}radii to the right.

    ``f([dst,] x [, interpolation, mode])``: ``'simple'`` (default) or ``'bilinear'``; ``mode`` ``'valid'``
    (default) ends at the nearer border, ``'full'`` at the corners.
    """


def _radial(name: str, log: bool) -> Any:
    @into()
    def convert(x: Any, interpolation: str | None = None, mode: str | None = None) -> Any:
        interpolation, mode = interpolation or "simple", mode or "valid"
        if interpolation not in ("simple", "bilinear") or mode not in ("valid", "full"):
            raise ValueError(f"image.{name}: simple or bilinear and valid or full, not {interpolation!r}, {mode!r}")
        rows, columns = x.shape[-2:]
        side = max(rows, columns)
        most = math.hypot(rows, columns) / 2 if mode == "full" else min(rows, columns) / 2
        steps = np.arange(side) / side
        r = np.exp(steps * math.log(most)) if log else steps * most
        a = 2 * np.pi * np.arange(side)[:, None] / side
        return _blank(x, np.stack([r * np.cos(a) + rows / 2, -r * np.sin(a) + columns / 2]), interpolation)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = _RADIAL_DOC.format("log-" if log else "", "logarithms of " if log else "")
    return convert


def _blank(x: Any, places: np.ndarray, interpolation: str) -> Any:
    """Pixels whose place rounds down into the picture, 0 elsewhere; the last row and column are not interpolated."""
    last = np.array(x.shape[-2:])[:, None, None] - 1
    whole = np.floor(places)
    inside = ((whole >= 0) & (whole <= last)).all(0)
    if interpolation == "simple":
        places = whole
    else:
        places = np.where((whole + 1 > last).any(0), whole, places)
    y = _taken(x, np.clip(places, 0, last), "simple" if interpolation == "simple" else "bilinear")
    return np.where(inside, y, x.dtype.type(0))


polar = _radial("polar", log=False)
logpolar = _radial("logpolar", log=True)
