"""Max pooling over windows that begin where they are told, plane by plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, parallel
from .windows import lowest


@inner
def _best_of_rows(x, a, first, size, best, place):
    """The same for the part of a window at depth ``a``, from the best so far on."""
    for b in range(first[1], first[1] + size[1]):
        for c in range(first[2], first[2] + size[2]):
            if x[a, b, c] > best:
                best, place = x[a, b, c], (a * x.shape[1] + b) * x.shape[2] + c + 1
    return best, place


@inner
def _best(x, first, size, lowest):
    """Largest value of the window at ``first`` and its flat position from 1; 0 where there is none."""
    best, place = lowest, 0
    for a in range(first[0], first[0] + size[0]):
        best, place = _best_of_rows(x, a, first, size, best, place)
    return best, place


@inner
def _pool_plane(x, y, places, starts, size, lowest):
    """The maxima of one plane; whether some window has none."""
    empty = False
    for a in range(y.shape[0]):
        for b in range(y.shape[1]):
            for c in range(y.shape[2]):
                first = starts[0][a], starts[1][b], starts[2][c]
                y[a, b, c], places[a, b, c] = _best(x, first, size, lowest)
                empty |= places[a, b, c] == 0
    return empty


@parallel
def _pool(x, y, places, starts, size, lowest):
    empty = np.zeros(x.shape[0], np.bool_)
    for p in prange(x.shape[0]):
        own = starts[0][p], starts[1][p], starts[2][p]
        empty[p] = _pool_plane(x[p], y[p], places[p], own, size, lowest)
    return empty.any()


@parallel
def _scatter(dy, dx, places):
    outside = np.zeros(dx.shape[0], np.bool_)
    for p in prange(dx.shape[0]):
        plane, flow, where = dx[p].ravel(), dy[p].ravel(), places[p].ravel()
        plane[:] = 0
        for i in range(flow.size):
            if 0 < where[i] <= plane.size:
                plane[where[i] - 1] += flow[i]
            else:
                outside[p] = True
    return outside.any()


def FractionalMaxPooling_starts(u: Any, axis: int, sizes: tuple[int, int, int], whole: bool = False) -> Any:
    """Where windows begin for every number in column ``axis`` of ``u``, computed in its type: planes x windows.

    ``sizes``: places, places of a window, windows. With ``whole`` planes x 3 x windows: begin, end and size.
    """
    size, pool, out = sizes
    starts = np.full((len(u), out), size - pool, np.int64)
    if out > 1:
        own, number = u[:, axis, None], u.dtype.type
        alpha = number(size - pool) / number(out - 1)
        steps = np.trunc((np.arange(out - 1, dtype=u.dtype) + own) * alpha) - np.trunc(own * alpha)
        starts[:, :-1] = np.fmin(np.fmax(steps, 0), size - pool)
    return np.stack([starts, starts + pool, np.full_like(starts, pool)], 1) if whole else starts


def FractionalMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, starts: list, size: tuple[int, int, int]
) -> int:
    """Planes x three axes; ``starts[axis][plane, i]``: where window i begins. Returns 0 if one has none, or -1."""
    return _pool(input, output, indices, tuple(starts), size, lowest(input.dtype)) - 1


def FractionalMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> bool:
    """Every gradient goes to the flat place its maximum came from; returns whether some place lies outside."""
    return _scatter(gradOutput, gradInput, indices)
