"""Outputs that copy input positions, chosen axis by axis: padding, cropping and nearest-neighbour upsampling."""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.runtime.jit import kernel, parallel


@kernel
def _gather_plane(x, y, depths, rows, columns):
    for t in range(depths.size):
        for i in range(rows.size):
            if depths[t] < 0 or rows[i] < 0:
                y[t, i] = 0
                continue
            source, target = x[depths[t], rows[i]], y[t, i]
            for j in range(columns.size):
                target[j] = source[columns[j]] if columns[j] >= 0 else 0


@kernel
def _scatter_row(flow, target, columns):
    for j in range(columns.size):
        if columns[j] >= 0:
            target[columns[j]] += flow[j]


@kernel
def _scatter_plane(dy, dx, depths, rows, columns):
    dx[:] = 0
    for t in range(depths.size):
        for i in range(rows.size):
            if depths[t] >= 0 and rows[i] >= 0:
                _scatter_row(dy[t, i], dx[depths[t], rows[i]], columns)


@parallel
def _gather(x, y, depths, rows, columns):
    for plane in prange(x.shape[0]):
        _gather_plane(x[plane], y[plane], depths, rows, columns)


@parallel
def _scatter(dy, dx, depths, rows, columns):
    for plane in prange(dx.shape[0]):
        _scatter_plane(dy[plane], dx[plane], depths, rows, columns)


def AxesGather_updateOutput(input: Any, output: Any, depths: Any, rows: Any, columns: Any) -> None:
    """``output[p, t, i, j] = input[p, depths[t], rows[i], columns[j]]``, or 0 where a source is negative."""
    _gather(input, output, depths, rows, columns)


def AxesGather_updateGradInput(gradOutput: Any, gradInput: Any, depths: Any, rows: Any, columns: Any) -> None:
    """Every gradient is added to the position its output was copied from."""
    _scatter(gradOutput, gradInput, depths, rows, columns)
