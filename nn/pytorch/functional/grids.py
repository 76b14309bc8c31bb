"""Sampling at the places of a grid, and the grids of affine maps (Jaderberg et al. 2015)."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from torch7 import arrays

from ... import thnn
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits
from .interpolation import cubic_filter


class How(NamedTuple):
    """What to do with the coordinates of a grid."""

    mode: str
    padding: str
    align_corners: bool
    dims: int


MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


def _how(input: Any, grid: Any, mode: str, padding_mode: str, align_corners: Any) -> How:
    """The settings; errors for what does not fit."""
    if mode not in MODES or padding_mode not in PADDINGS:
        raise ValueError(f"grid_sample: modes are {MODES} and {PADDINGS}, got {mode!r} and {padding_mode!r}")
    check_float("grid_sample", input, grid)
    dims = input.ndim - 2
    if dims not in (2, 3) or grid.ndim != input.ndim or grid.shape[-1] != dims or len(grid) != len(input):
        raise ValueError(f"grid_sample: input {input.shape} and grid {grid.shape} do not fit")
    if mode == "bicubic" and dims == 3:
        raise ValueError("grid_sample: 'bicubic' is for planes alone")
    if 0 in input.shape[1:]:
        raise ValueError(f"grid_sample: only the batch may be empty, got {input.shape}")
    return How(mode, padding_mode, bool(align_corners), dims)


def _pixels(g: Any, n: int, align_corners: bool) -> tuple:
    """The coordinate -1..1 in pixels of an axis of n, and its slope: to the outer pixels' centres, or edges."""
    number = g.dtype.type
    if align_corners:
        return (g + 1) / 2 * (n - 1), number((n - 1) / 2)
    return ((g + 1) * n - 1) / 2, number(n / 2)


def _clipped(x: Any, n: int, how: How) -> tuple:
    """Within 0..n - 1, with slope 0 from the bounds on; NaN counts as 0 in planes, as n - 1 in volumes."""
    inside, nan = (x > 0) & (x < n - 1), 0 if how.dims == 2 else n - 1
    clipped = np.where(np.isnan(x), nan, np.clip(x, 0, n - 1))
    return clipped.astype(x.dtype), inside.astype(x.dtype)


def _reflected(x: Any, n: int, how: How) -> tuple:
    """Mirrored at the outer centres or edges until inside, then clipped; and the slope."""
    low, span = (0.0, n - 1) if how.align_corners else (-0.5, n)
    if span == 0:
        return np.zeros_like(x), np.zeros_like(x)
    number = x.dtype.type
    away = x - number(low)
    sign = np.where(away < 0, number(-1), number(1))
    away = np.abs(away)
    rest, odd = np.fmod(away, number(span)), np.floor(away / number(span)) % 2 != 0
    inside, slope = _clipped(np.where(odd, number(span + low) - rest, rest + number(low)), n, how)
    return inside, slope * sign * np.where(odd, number(-1), number(1))


def _placed(x: Any, n: int, how: How) -> tuple:
    if how.padding == "border":
        return _clipped(x, n, how)
    return _reflected(x, n, how) if how.padding == "reflection" else (x, np.ones_like(x))


def _whole(x: Any) -> Any:
    """As integers; NaN and what is far away as a place that is never inside."""
    return np.where(np.abs(x) < 2**31, x, -1000).astype(np.int64)


def _axis(g: Any, n: int, how: How) -> list:
    """The taps along one axis: place (clipped), whether it counts, weight, and the weight's slope by ``g``."""
    x, slope = _pixels(g, n, how.align_corners)
    number = x.dtype.type
    if how.mode != "bicubic":
        x, inner = _placed(x, n, how)
        slope = slope * inner
    if how.mode == "nearest":
        places, weights, slopes = [_whole(np.rint(x))], [np.ones_like(x)], [np.zeros_like(x)]
    elif how.mode == "bilinear":
        low = np.floor(x)
        rest, places = x - low, [_whole(low), _whole(low) + 1]
        weights, slopes = [1 - rest, rest], [-slope, slope]
    else:
        low = np.floor(x)
        rest = x - low
        taps = [low + number(i) for i in range(-1, 3)]
        places = [_whole(_placed(tap, n, how)[0]) for tap in taps]
        weights = [cubic_filter(rest - number(i), -0.75) for i in range(-1, 3)]
        slopes = [_cubic_slope(rest - number(i)) * slope for i in range(-1, 3)]
    return [_tap(n, how, *tap) for tap in zip(places, weights, slopes)]


def _tap(n: int, how: How, place: Any, weight: Any, slope: Any) -> tuple:
    """The place within 0..n - 1, whether it is inside, weight and slope; in planes NaN passes through the weight."""
    inside = (place >= 0) & (place < n)
    slope = np.broadcast_to(slope, place.shape)
    if how.dims == 3:
        weight, slope = np.where(inside, weight, 0).astype(weight.dtype), np.where(inside, slope, 0)
    return np.where(inside, place, 0), inside, weight, slope


def _cubic_slope(x: Any) -> Any:
    """The derivative of :func:`cubic_filter` with slope -0.75."""
    size, a = np.abs(x), x.dtype.type(-0.75)
    near = (3 * (a + 2) * size - 2 * (a + 3)) * size
    far = ((3 * size - 10) * size + 8) * a
    return np.sign(x) * np.where(size <= 1, near, np.where(size < 2, far, 0)).astype(x.dtype)


def _corners(input: Any, grid: Any, how: How) -> list:
    """For each combination of taps: flat places (N, P), -1 outside, and for each axis weight and slope."""
    dims, spatial = how.dims, input.shape[2:]
    points = grid.reshape(len(grid), prod(grid.shape[1:-1]), dims)
    with np.errstate(invalid="ignore", over="ignore"):  # the grid has the last axis first
        axes = [_axis(points[..., dims - 1 - a], n, how) for a, n in enumerate(spatial)]
    found = []
    for taps in product(*axes):
        place, inside = 0, True
        for n, tap in zip(spatial, taps):
            place, inside = place * n + tap[0], inside & tap[1]
        found.append((np.where(inside, place, -1), [tap[2] for tap in taps], [tap[3] for tap in taps]))
    return found


def _tables(corners: list, dtype: Any) -> tuple:
    """The places and the weights of all corners, (N, corners, P)."""
    places = np.stack([place for place, _, _ in corners], 1)
    weights = np.stack([prod(weights) for _, weights, _ in corners], 1)
    return arrays.dense(places, np.int64), arrays.dense(weights, dtype)  # a grid may be of any order


def _by_grid(corners: list, places: Any, along: Any, shape: tuple) -> Any:
    """The gradient by the coordinates from those by the weights; the grid has the last axis first."""
    gg = np.zeros(shape, along.dtype, like=along)
    for k, (_, weights, slopes) in enumerate(corners):
        for a, slope in enumerate(slopes):
            others = [w for b, w in enumerate(weights) if b != a]
            share = along[:, k] * slope * prod(others, start=slope.dtype.type(1))
            gg[..., -1 - a] += np.where(places[:, k] >= 0, share, 0)
    return gg


def grid_sample_backward(
    gradOutput: Any, input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: bool | None = None, *, needs: tuple = (True, True),
) -> tuple:  # fmt: skip
    """Gradients by input and grid of :func:`grid_sample`."""
    how = _how(input, grid, mode, padding_mode, align_corners)
    n, c = input.shape[:2]
    fits("grid_sample", gradOutput, (n, c, *grid.shape[1:-1]))
    points = prod(grid.shape[1:-1])
    corners, gx = _corners(input, grid, how), np.zeros(input.shape, input.dtype, like=input) if needs[0] else None
    gg = np.zeros(grid.shape, grid.dtype, like=grid) if needs[1] else None
    if not n or not points:
        return gx, gg
    (places, weights), g = _tables(corners, input.dtype), thnn.contiguous(gradOutput).reshape(n, c, points)
    if gx is not None:
        thnn.PointTaps_updateGradInput(g, places, weights, gx.reshape(n, c, -1))
    if gg is not None and mode != "nearest":  # constant between two places
        along = np.empty_like(weights)
        thnn.PointTaps_accGradWeights(thnn.contiguous(input).reshape(n, c, -1), places, g, along)
        gg = _by_grid(corners, places, along, (n, points, how.dims)).reshape(grid.shape)
    return gx, gg


@differentiable(grid_sample_backward, "input", "grid")
def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """The values of (N, C, H, W) at a grid (N, H', W', 2) of (x, y) within -1..1; (N, C, D, H, W) with (x, y, z).

    Modes 'bilinear', 'nearest' (ties to even) and 'bicubic' (planes alone). Outside are zeros, the border, or the
    input's reflection. -1 and 1 are the outer edges, or with ``align_corners`` the centres of the outer pixels.
    """
    how = _how(input, grid, mode, padding_mode, align_corners)
    n, c = input.shape[:2]
    y = np.zeros((n, c, *grid.shape[1:-1]), input.dtype, like=input)
    if y.size:
        places, weights = _tables(_corners(input, grid, how), input.dtype)
        thnn.PointTaps_updateOutput(thnn.contiguous(input).reshape(n, c, -1), places, weights, y.reshape(n, c, -1))
    return y


def _base(size: tuple, align_corners: bool, dtype: Any) -> np.ndarray:
    """The identity's grid of homogeneous coordinates: (places, dimensions + 1)."""
    axes = []
    for n in size[2:]:
        axis = np.linspace(-1, 1, n).astype(dtype) if n > 1 else np.zeros(1, dtype)
        axes.append(axis if align_corners else axis * dtype.type(n - 1) / dtype.type(n))
    coordinates = np.meshgrid(*axes, indexing="ij")[::-1]
    return np.stack([*coordinates, np.ones(size[2:], dtype)], -1).reshape(-1, len(size) - 1)


def _check_affine(theta: Any, size: Any) -> tuple:
    check_float("affine_grid", theta)
    size = tuple(map(int, size))
    if len(size) not in (4, 5) or theta.shape[1:] != (len(size) - 2, len(size) - 1) or len(theta) != size[0]:
        raise ValueError(f"affine_grid: theta {theta.shape} and size {size} do not fit")
    if min(size) <= 0:
        raise ValueError(f"affine_grid: sizes must be positive, got {size}")
    return size


def affine_grid_backward(gradOutput: Any, theta: Any, size: Any, align_corners: bool | None = None) -> tuple:
    """The gradient of :func:`affine_grid`."""
    size = _check_affine(theta, size)
    fits("affine_grid", gradOutput, (size[0], *size[2:], len(size) - 2))
    base = np.asarray(_base(size, bool(align_corners), theta.dtype), like=theta)
    return (np.swapaxes(gradOutput.reshape(len(theta), -1, theta.shape[1]), 1, 2) @ base,)


@differentiable(affine_grid_backward, "theta")
def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    """The grid of affine maps ``theta`` (N, 2, 3) for outputs ``size`` (N, C, H, W); (N, 3, 4) and (N, C, D, H, W).

    Output: (N, H, W, 2) or (N, D, H, W, 3), for :func:`grid_sample` with the same ``align_corners``.
    """
    size = _check_affine(theta, size)
    base = np.asarray(_base(size, bool(align_corners), theta.dtype), like=theta)
    return (base @ np.swapaxes(theta, 1, 2)).reshape(size[0], *size[2:], len(size) - 2)
