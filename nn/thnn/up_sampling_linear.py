"""Linear interpolation along up to three axes, from corner to corner."""

from __future__ import annotations

from typing import Any

from numba import prange

from .jit import kernel, parallel


@kernel
def _interpolate(x, y, t0, t1, tw, i0, i1, iw, j0, j1, jw):
    for t in range(t0.size):
        for i in range(i0.size):
            a, b = x[t0[t], i0[i]], x[t0[t], i1[i]]
            c, d = x[t1[t], i0[i]], x[t1[t], i1[i]]
            for j in range(j0.size):
                p, q, w = j0[j], j1[j], jw[j]
                near = (1 - iw[i]) * ((1 - w) * a[p] + w * a[q]) + iw[i] * ((1 - w) * b[p] + w * b[q])
                far = (1 - iw[i]) * ((1 - w) * c[p] + w * c[q]) + iw[i] * ((1 - w) * d[p] + w * d[q])
                y[t, i, j] = (1 - tw[t]) * near + tw[t] * far


@kernel
def _spread(dy, dx, t0, t1, tw, i0, i1, iw, j0, j1, jw):
    """The transpose of :func:`_interpolate`."""
    dx[:] = 0
    for t in range(t0.size):
        for i in range(i0.size):
            a, b = dx[t0[t], i0[i]], dx[t0[t], i1[i]]
            c, d = dx[t1[t], i0[i]], dx[t1[t], i1[i]]
            for j in range(j0.size):
                p, q, w = j0[j], j1[j], jw[j]
                near, far = (1 - tw[t]) * dy[t, i, j], tw[t] * dy[t, i, j]
                a[p] += near * (1 - iw[i]) * (1 - w)
                a[q] += near * (1 - iw[i]) * w
                b[p] += near * iw[i] * (1 - w)
                b[q] += near * iw[i] * w
                c[p] += far * (1 - iw[i]) * (1 - w)
                c[q] += far * (1 - iw[i]) * w
                d[p] += far * iw[i] * (1 - w)
                d[q] += far * iw[i] * w


@parallel
def _forward(x, y, t0, t1, tw, i0, i1, iw, j0, j1, jw):
    for plane in prange(x.shape[0]):
        _interpolate(x[plane], y[plane], t0, t1, tw, i0, i1, iw, j0, j1, jw)


@parallel
def _backward(dy, dx, t0, t1, tw, i0, i1, iw, j0, j1, jw):
    for plane in prange(dx.shape[0]):
        _spread(dy[plane], dx[plane], t0, t1, tw, i0, i1, iw, j0, j1, jw)


def UpSamplingLinear_updateOutput(input: Any, output: Any, *axes: Any) -> None:
    """Planes x depth x height x width; ``axes``: of each axis, both neighbours and the weight of the upper one."""
    _forward(input, output, *axes)


def UpSamplingLinear_updateGradInput(gradOutput: Any, gradInput: Any, *axes: Any) -> None:
    _backward(gradOutput, gradInput, *axes)
