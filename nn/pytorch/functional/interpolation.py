"""Resampling of one to three dimensions: every mode is a table of taps along each axis."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from ... import thnn
from .average_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool1d_backward,
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    adaptive_avg_pool3d,
    adaptive_avg_pool3d_backward,
)
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import room, sizes

#: mode -> numbers of dimensions it is for
MODES = {"nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "area": (1, 2, 3), "linear": (1,), "bilinear": (2,)}
MODES |= {"bicubic": (2,), "trilinear": (3,)}
AREA = {
    1: (adaptive_avg_pool1d, adaptive_avg_pool1d_backward),
    2: (adaptive_avg_pool2d, adaptive_avg_pool2d_backward),
    3: (adaptive_avg_pool3d, adaptive_avg_pool3d_backward),
}


def _linear_filter(x: Any) -> Any:
    return np.maximum(0, 1 - np.abs(x))


def cubic_filter(x: Any, a: float) -> Any:
    """Keys' cubic convolution with slope ``a`` at 1 (1981)."""
    x, a = np.abs(x), x.dtype.type(a)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return np.where(x <= 1, near, np.where(x >= 2, x.dtype.type(0), far))  # NaN stays


def _step(n: int, o: int, align_corners: bool, scale: float | None, number: Any) -> Any:
    """How far apart the outputs' sources are, in the type that is computed in."""
    if align_corners:
        return number(n - 1) / number(o - 1) if o > 1 else number(0)
    return number(1 / scale) if scale is not None and scale > 0 else number(n) / number(o)


def _nearest(n: int, o: int, scale: float | None, number: Any, exact: bool) -> tuple:
    step = _step(n, o, False, scale, number)
    source = (np.arange(o).astype(number) + number(0.5 if exact else 0)) * step
    places = np.minimum(np.floor(source.astype(np.float32)).astype(np.int64), n - 1)
    return places[:, None], np.ones((o, 1), number)


def _smooth(n: int, o: int, align_corners: bool, scale: float | None, number: Any, cubic: bool) -> tuple:
    """Two or four taps around each source; the border's place stands for those outside."""
    step, i = _step(n, o, align_corners, scale, number), np.arange(o).astype(number)
    source = step * i if align_corners else step * (i + number(0.5)) - number(0.5)
    if not cubic:
        source = i if n == o else np.maximum(source, 0)
    below = np.minimum(np.floor(source).astype(np.int64), n - 1)
    rest = np.clip(source - below.astype(number), 0, 1)
    if not cubic:
        above = below if n == o else np.minimum(below + 1, n - 1)
        return np.stack([below, above], 1), np.stack([1 - rest, rest], 1)
    offsets = np.arange(-1, 3)
    weights = cubic_filter(rest[:, None] - offsets.astype(number), -0.75)
    return np.clip(below[:, None] + offsets, 0, n - 1), weights


def _antialiased(n: int, o: int, align_corners: bool, scale: float | None, number: Any, cubic: bool) -> list:
    """Filters that widen with the step, normalised within the input."""
    step = _step(n, o, align_corners, scale, number)
    half, wide = number(2 if cubic else 1), max(step, number(1))
    support, found = half * wide, []
    for i in range(o):
        center = step * number(i + 0.5)
        low, high = max(int(center - support + number(0.5)), 0), min(int(center + support + number(0.5)), n)
        x = (np.arange(low, high).astype(number) - center + number(0.5)) / wide
        w = cubic_filter(x, -0.5) if cubic else _linear_filter(x)
        found.append((np.arange(low, high), w / w.sum()))
    return found


@lru_cache(maxsize=256)
def taps(mode: str, n: int, o: int, align_corners: bool, scale: float | None, kind: tuple) -> tuple:
    """The taps of ``o`` outputs on ``n`` places, and those of the gradient: (starts, places, weights) each.

    ``kind`` is dimensions, whether the filters widen, and the type.
    """
    dims, antialias, dtype = kind
    number, cubic = np.dtype(dtype).type, mode == "bicubic"
    if antialias and n == o:  # whatever the scale
        rows = list(zip(np.arange(n)[:, None], np.ones((n, 1), number)))
    elif antialias:
        rows = _antialiased(n, o, align_corners, scale, number, cubic)
    elif mode == "nearest" and dims == 2 and o in (n, 2 * n):  # PyTorch copies in planes, whatever the scale
        rows = list(zip((np.arange(o) // (o // n))[:, None], np.ones((o, 1), number)))
    elif mode.startswith("nearest"):
        rows = list(zip(*_nearest(n, o, scale, number, mode != "nearest")))
    else:
        rows = list(zip(*_smooth(n, o, align_corners, scale, number, cubic)))
    counts = [len(places) for places, _ in rows]
    places, weights = (np.concatenate(part) for part in zip(*rows))
    outputs, order = np.repeat(np.arange(o), counts), np.argsort(places, kind="stable")
    given = np.bincount(places, minlength=n)
    forward = _starts(counts), places.astype(np.int64), weights.astype(number)
    return forward, (_starts(given), outputs[order], forward[2][order])


def _starts(counts: Any) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _along_depth(x: Any, table: tuple, out: Any = None) -> Any:
    """Volumes with their first axis made anew by a table of taps."""
    y = room(out, (*x.shape[:2], len(table[0]) - 1, *x.shape[3:]), x.dtype, x)
    if y.size:
        flat = (math.prod(x.shape[:2]), -1, math.prod(x.shape[3:]))
        thnn.AxisTaps_updateOutput(thnn.contiguous(x).reshape(flat), y.reshape(flat), *table)
    return y


def _in_planes(x: Any, tables: list, out: Any) -> Any:
    """The last axis, or the last two, made anew by tables of taps."""
    outer = x.shape[: x.ndim - len(tables)]
    y = room(out, (*outer, *(len(table[0]) - 1 for table in tables)), x.dtype, x)
    if y.size:
        planes = (math.prod(outer), 1)[: 3 - len(tables)]
        kept = [(np.array([0, 1]), np.array([0]), np.ones(1, x.dtype))] * (2 - len(tables))
        arrays = (a.reshape(*planes, *a.shape[len(outer) :]) for a in (thnn.contiguous(x), y))
        thnn.PlaneTaps_updateOutput(*arrays, *kept, *tables)
    return y


class Resampling:
    """The resolved arguments of one :func:`interpolate`; ``ValueError`` where they do not fit."""

    def __init__(
        self, input: Any, size: Any, scale_factor: Any, mode: str, align_corners: bool | None, recompute: bool | None,
        antialias: bool,
    ) -> None:  # fmt: skip
        check_float("interpolate", input)
        dims = input.ndim - 2
        if mode not in MODES:
            raise NotImplementedError(f"interpolate: mode must be one of {', '.join(MODES)}, got {mode!r}")
        if dims not in MODES[mode]:
            raise NotImplementedError(f"interpolate: {mode!r} is not for an input of {input.ndim} dimensions")
        if align_corners is not None and (mode.startswith("nearest") or mode == "area"):
            raise ValueError(f"interpolate: align_corners does not go with {mode!r}")
        if antialias and mode not in ("bilinear", "bicubic"):
            raise ValueError("interpolate: antialias goes with 'bilinear' and 'bicubic' alone")
        self.mode, self.align_corners, self.antialias, self.dims = mode, bool(align_corners), antialias, dims
        self.inputs, self.dtype = input.shape[2:], input.dtype.name
        self._resolve(size, scale_factor, recompute)
        if mode != "area" and (0 in input.shape[1:] or min(self.outputs) < 1):
            raise ValueError(f"interpolate: sizes must be positive, got an input {input.shape} to {self.outputs}")

    def _resolve(self, size: Any, scale_factor: Any, recompute: bool | None) -> None:
        if (size is None) == (scale_factor is None):
            raise ValueError(f"interpolate: one of size and scale_factor is needed, got {size} and {scale_factor}")
        self.scales: tuple = (None,) * self.dims
        if size is not None:
            if recompute:
                raise ValueError("interpolate: recompute_scale_factor goes with scale_factor alone")
            self.outputs = sizes("size", size, self.dims)
            return
        given = scale_factor if isinstance(scale_factor, (list, tuple)) else (scale_factor,) * self.dims
        if len(given) != self.dims:
            raise ValueError(f"interpolate: scale_factor must be one number or {self.dims}, got {scale_factor}")
        self.outputs = tuple(math.floor(float(n) * f) for n, f in zip(self.inputs, given))
        if not recompute:
            self.scales = tuple(map(float, given))

    def tables(self) -> list[tuple]:
        """For each axis the taps of the outputs and those of the gradient."""
        settings = zip(self.inputs, self.outputs, self.scales)
        kind = self.dims, self.antialias, self.dtype
        return [taps(self.mode, n, o, self.align_corners, s, kind) for n, o, s in settings]


def interpolate_backward(
    gradOutput: Any, input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None, recompute_scale_factor: bool | None = None, antialias: bool = False, *,
    out: Any = None,
) -> tuple:  # fmt: skip
    """The gradient of :func:`interpolate`."""
    plan = Resampling(input, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)
    if gradOutput.shape != (*input.shape[:2], *plan.outputs):
        raise ValueError(f"interpolate: gradOutput is {gradOutput.shape}, not {(*input.shape[:2], *plan.outputs)}")
    if mode == "area":
        return AREA[plan.dims][1](gradOutput, input, plan.outputs, out=out)
    tables = [table for _, table in plan.tables()]
    grad = _along_depth(gradOutput, tables.pop(0)) if plan.dims == 3 else gradOutput
    return (_in_planes(grad, tables, out),)


@differentiable(interpolate_backward)
def interpolate(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None, antialias: bool = False, *, out: Any = None,
) -> Any:  # fmt: skip
    """(N, C, one to three sizes) resampled to ``size``, or to its sizes times ``scale_factor``.

    Modes: nearest, nearest-exact, area, linear (3 dimensions), bilinear, bicubic (4), trilinear (5). ``align_corners``
    puts the outer places upon one another instead of the outer edges. A ``scale_factor`` is also the step between the
    sources, unless ``recompute_scale_factor`` takes it from the sizes. ``antialias`` widens the filters.
    """
    plan = Resampling(input, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)
    if mode == "area":
        return AREA[plan.dims][0](input, plan.outputs, out=out)
    tables = [table for table, _ in plan.tables()]
    if plan.dims < 3:
        return _in_planes(input, tables, out)
    return _along_depth(_in_planes(input, tables[1:], None), tables[0], out)


def upsample_backward(
    gradOutput: Any, input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None,
) -> tuple:  # fmt: skip
    """:func:`interpolate_backward`."""
    return interpolate_backward(gradOutput, input, size, scale_factor, mode, align_corners)


def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """The old name of :func:`interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """:func:`interpolate` with mode 'nearest'."""
    return interpolate(input, size, scale_factor, "nearest")


def upsample_nearest_backward(gradOutput: Any, input: Any, size: Any = None, scale_factor: Any = None) -> tuple:
    """:func:`interpolate_backward` with mode 'nearest'."""
    return interpolate_backward(gradOutput, input, size, scale_factor, "nearest")


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """:func:`interpolate` with mode 'bilinear' and aligned corners."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def upsample_bilinear_backward(gradOutput: Any, input: Any, size: Any = None, scale_factor: Any = None) -> tuple:
    """:func:`interpolate_backward` with mode 'bilinear' and aligned corners."""
    return interpolate_backward(gradOutput, input, size, scale_factor, "bilinear", True)
