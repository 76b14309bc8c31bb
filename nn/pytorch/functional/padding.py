"""Padding: constant numbers, reflected, repeated or wrapped borders; negative sizes crop."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from ... import thnn
from ..checks import is_float
from .differentiable import differentiable
from .geometry import fits, room

MODES = ("constant", "reflect", "replicate", "circular")


@lru_cache(maxsize=256)
def sources(mode: str, n: int, before: int, after: int) -> np.ndarray:
    """Which of ``n`` places each place of the padded axis copies; -1 where it copies none.

    Raises ``ValueError`` where the mode cannot: reflect needs sizes below ``n``, circular up to ``n``.
    """
    if n + before + after < 0:
        raise ValueError(f"pad: sizes ({before}, {after}) crop more than the {n} places there are")
    place = np.arange(-before, n + after)
    if mode == "constant":
        if n + min(before, 0) + min(after, 0) < 0:
            raise ValueError(f"pad: sizes ({before}, {after}) crop more than the {n} places there are")
        return np.where((place >= 0) & (place < n), place, -1)
    if place.size == 0 and (n > 0 or mode == "circular"):
        return place
    if n == 0:
        raise ValueError(f"pad: {mode} cannot make {place.size} places of {n}")
    if mode == "replicate":
        return np.clip(place, 0, n - 1)
    if mode == "reflect":
        if max(before, after) >= n:
            raise ValueError(f"pad: reflect needs sizes below that of the input, {n}, got ({before}, {after})")
        place = np.abs(place)
        return np.where(place >= n, 2 * (n - 1) - place, place)
    if max(before, after) > n:
        raise ValueError(f"pad: circular sizes ({before}, {after}) wrap more than once around {n}")
    kept = np.arange(max(0, -before), n - max(0, -after))  # what is left of a cropped axis is wrapped
    if kept.size == 0:
        raise ValueError(f"pad: circular has nothing left to wrap of {n} places cropped by ({before}, {after})")
    return kept[(np.arange(place.size) - max(0, before)) % kept.size]


def _axes(input: Any, pad: Any, mode: str) -> list:
    """The sources of the last axes of ``input``, outermost first; ``ValueError`` for sizes that do not fit."""
    pad = tuple(int(p) for p in pad)
    if mode not in MODES:
        raise NotImplementedError(f"pad: mode must be one of {', '.join(MODES)}, got {mode!r}")
    if len(pad) % 2 or len(pad) // 2 > input.ndim:
        raise ValueError(f"pad: {len(pad)} sizes for an input {input.shape}: two for each of the last dimensions")
    axes = len(pad) // 2
    if mode != "constant" and (axes not in (1, 2, 3) or input.ndim not in (axes + 1, axes + 2)):
        raise NotImplementedError(f"pad: {mode} takes 2, 4 or 6 sizes for one to three dimensions behind one or two")
    if mode != "constant" and any(n == 0 for n in input.shape[-axes - 1 :] if input.ndim):
        raise ValueError(f"pad: {mode} of an empty input {input.shape}")
    found = [sources(mode, n, *pair) for n, pair in zip(input.shape[input.ndim - axes :], _pairs(pad))]
    if mode in ("reflect", "replicate") and axes == 1 and not found[0].size:  # in planes and volumes it may, in PyTorch
        raise ValueError(f"pad: {mode} by {pad} leaves nothing of an input {input.shape}")
    return found


def _pairs(pad: Any) -> list[tuple[int, int]]:
    """The sizes before and after each of the last axes, outermost first."""
    return [(int(pad[i]), int(pad[i + 1])) for i in reversed(range(0, len(pad), 2))]


def _windows(axes: list) -> tuple:
    """For each axis of a constant padding, the places that are copied and where they come from."""
    to, of = [], []
    for places in axes:
        kept = np.flatnonzero(places >= 0)
        first = kept[0] if kept.size else 0
        to.append(slice(first, first + kept.size))
        of.append(slice(places[first], places[first] + kept.size) if kept.size else slice(0, 0))
    return (..., *to), (..., *of)


@lru_cache(maxsize=256)
def _inverse(n: int, before: int, after: int) -> np.ndarray:
    """Where each of ``n`` places was copied to by a constant padding; -1 for nowhere."""
    places, found = sources("constant", n, before, after), np.full(n, -1)
    kept = np.flatnonzero(places >= 0)
    found[places[kept]] = kept
    return found


def _by_kernel(input: Any, axes: list) -> bool:
    """Whether the kernel takes it: floats, padded in one to three dimensions."""
    return is_float(input) and 1 <= len(axes) <= 3


def _copied(input: Any, axes: list, mode: str, value: Any, y: Any) -> None:
    """The same for numbers and dimensions that the kernel does not take."""
    if mode == "constant":
        to, of = _windows(axes)
        y.fill(value or 0)
        y[to] = input[of]
    else:
        y[...] = input[(..., *np.ix_(*axes))]


def _volumes(x: Any, axes: int) -> Any:
    """``x`` as planes x three axes."""
    return x.reshape(prod(x.shape[: x.ndim - axes]), *[1] * (3 - axes), *x.shape[x.ndim - axes :])


def _three(axes: list) -> list:
    return [np.zeros(1, np.int64)] * (3 - len(axes)) + axes


def pad_backward(
    gradOutput: Any, input: Any, pad: Any, mode: str = "constant", value: float | None = None, *, out: Any = None
) -> tuple:
    """Every gradient is added to the place its output was copied from."""
    axes = _axes(input, pad, mode)
    fits("pad", gradOutput, input.shape[: input.ndim - len(axes)] + tuple(places.size for places in axes))
    gx = room(out, input.shape, gradOutput.dtype, gradOutput)
    if not _by_kernel(gradOutput, axes):
        to, of = _windows(axes)
        gx.fill(0)
        gx[of] = gradOutput[to]
    elif gx.size:
        g, gx_ = _volumes(thnn.contiguous(gradOutput), len(axes)), _volumes(gx, len(axes))
        if mode == "constant":  # no place is copied twice
            sizes = input.shape[input.ndim - len(axes) :]
            thnn.AxesGather_updateOutput(g, gx_, *_three([_inverse(n, *pair) for n, pair in zip(sizes, _pairs(pad))]))
        else:
            thnn.AxesGather_updateGradInput(g, gx_, *_three(axes))
    return (gx,)


@differentiable(pad_backward)
def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None, *, out: Any = None) -> Any:
    """Pad the last dimensions: ``pad`` is (left, right, top, bottom, front, back ...), the last dimension first.

    ``mode``: "constant" (any number of dimensions, filled with ``value``, 0 if None), "reflect", "replicate" or
    "circular" (one to three dimensions behind one or two others). Negative sizes crop. Errors: ``ValueError`` for
    sizes that do not fit, ``NotImplementedError`` for other modes and ranks. Whole numbers may be padded, too.
    """
    if mode != "constant" and value:
        raise ValueError(f"pad: mode {mode!r} takes no value, got {value}")
    axes = _axes(input, pad, mode)
    shape = input.shape[: input.ndim - len(axes)] + tuple(places.size for places in axes)
    y = room(out, shape, input.dtype, input)
    if not _by_kernel(input, axes):
        _copied(input, axes, mode, value, y)
    elif y.size:
        x = thnn.contiguous(input)
        thnn.AxesGather_updateOutput(_volumes(x, len(axes)), _volumes(y, len(axes)), *_three(axes), value or 0.0)
    return y
