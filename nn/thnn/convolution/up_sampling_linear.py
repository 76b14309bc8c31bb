"""Linear interpolation along up to three axes, from corner to corner: rows are blended in vectors, then columns.

The neighbours of an axis rise with the position, so that the outputs which an input takes part in are consecutive.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, kernel, parallel
from ..cpu.runtime.partition import bound
from ..cpu.simd import registers as simd
from .box_sums import row_like


@kernel
def _shares(below, above, weights, size):
    """For each of ``size`` inputs the outputs it takes part in, first and last (exclusive), and its weights in them."""
    bounds = np.zeros((size, 2), np.int64)
    for k in range(below.size):
        for place in (below[k], above[k]):
            if bounds[place, 1] == 0:
                bounds[place, 0] = k
            bounds[place, 1] = k + 1
    shares = np.zeros((size, (bounds[:, 1] - bounds[:, 0]).max()), weights.dtype)
    for k in range(below.size):
        shares[below[k], k - bounds[below[k], 0]] += 1 - weights[k]
        shares[above[k], k - bounds[above[k], 0]] += weights[k]
    return bounds, shares


@inner
def _blend(a, b, c, d, far, low, row):
    """row = (1 - far) ((1 - low) a + low b) + far ((1 - low) c + low d)"""
    for j in range(row.size):
        row[j] = (1 - far) * ((1 - low) * a[j] + low * b[j]) + far * ((1 - low) * c[j] + low * d[j])


@inner
def _interpolate(x, y, row, depths, rows, columns):
    (t0, t1, tw), (i0, i1, iw), (j0, j1, jw) = depths, rows, columns
    for t in range(t0.size):
        for i in range(i0.size):
            _blend(x[t0[t], i0[i]], x[t0[t], i1[i]], x[t1[t], i0[i]], x[t1[t], i1[i]], tw[t], iw[i], row)
            target = y[t, i]
            for j in range(target.size):
                target[j] = (1 - jw[j]) * row[np.uint64(j0[j])] + jw[j] * row[np.uint64(j1[j])]


@inner
def _gather_rows(dy, t_bounds, t_shares, i_bounds, i_shares, row):
    """row = the rows of dy an input row takes part in, times its shares in them"""
    width = dy.shape[2]
    for j in range(0, width, simd.lanes(dy)):
        total = simd.splat(dy, 0)
        for t in range(t_bounds[0], t_bounds[1]):
            for i in range(i_bounds[0], i_bounds[1]):
                share = t_shares[t - t_bounds[0]] * i_shares[i - i_bounds[0]]
                v = simd.load_first(dy, (t * dy.shape[1] + i) * width + j, width - j)
                total = simd.fma(v, simd.splat(dy, share), total)
        simd.store(row, j, total)


@inner
def _gather_columns(row, columns, target):
    """target[j] = what of the row input column j takes part in, times its shares"""
    bounds, shares = columns
    for j in range(target.size):
        first, last = bounds[j, 0], bounds[j, 1]
        total = row.dtype.type(0)
        for k in range(first, last):
            total += shares[j, k - first] * row[k]
        target[j] = total


@inner
def _spread(dy, dx, row, depths, rows, columns):
    """The transpose of :func:`_interpolate`."""
    for t in range(dx.shape[0]):
        for i in range(dx.shape[1]):
            _gather_rows(dy, depths[0][t], depths[1][t], rows[0][i], rows[1][i], row)
            _gather_columns(row, columns, dx[t, i])


@parallel
def _forward(x, y, depths, rows, columns, parts):
    for part in prange(parts):
        row = np.empty(x.shape[3], x.dtype)
        for plane in range(bound(len(x), part, parts, 1), bound(len(x), part + 1, parts, 1)):
            _interpolate(x[plane], y[plane], row, depths, rows, columns)


@parallel
def _backward(dy, dx, depths, rows, columns, parts):
    for part in prange(parts):
        row = row_like(dy, dy.shape[3])
        for plane in range(bound(len(dx), part, parts, 1), bound(len(dx), part + 1, parts, 1)):
            _spread(dy[plane], dx[plane], row, depths, rows, columns)


def UpSamplingLinear_updateOutput(input: Any, output: Any, *axes: Any) -> None:
    """Planes x depth x height x width; ``axes``: of each axis, both neighbours and the weight of the upper one."""
    depths, rows, columns = axes[:3], axes[3:6], axes[6:]
    _forward(input, output, depths, rows, columns, numba.get_num_threads())


def UpSamplingLinear_updateGradInput(gradOutput: Any, gradInput: Any, *axes: Any) -> None:
    shares = (_shares(*axes[3 * k : 3 * k + 3], size) for k, size in enumerate(gradInput.shape[1:]))
    _backward(gradOutput, gradInput, *shares, numba.get_num_threads())
