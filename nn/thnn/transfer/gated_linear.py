"""GatedLinearUnit, a * sigmoid(b); inputs are pairs x (a, b) x elements."""

from __future__ import annotations

from typing import Any

import numba
from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import LAUNCH
from ..cpu.simd import math as vecmath


@kernel
def _gate(x, y):
    for p in range(len(y)):
        a, b, out = x[p, 0], x[p, 1], y[p]
        for i in range(out.size):
            out[i] = a[i] * vecmath.sigmoid(b[i])


@parallel
def _gate_parallel(x, y, parts):
    pairs = len(y)
    for t in prange(parts):
        part = slice(pairs * t // parts, pairs * (t + 1) // parts)
        _gate(x[part], y[part])


def GatedLinear_updateOutput(input: Any, output: Any) -> None:
    """``output = a * sigmoid(b)``"""
    if 0.5 * output.size < LAUNCH:
        _gate(input, output)
    else:
        _gate_parallel(input, output, numba.get_num_threads())


@kernel
def _gradient(x, dy, dx):
    one = x.dtype.type(1)
    for p in range(len(dy)):
        a, b, g = x[p, 0], x[p, 1], dy[p]
        da, db = dx[p, 0], dx[p, 1]
        for i in range(g.size):
            gate = vecmath.sigmoid(b[i])
            da[i] = g[i] * gate
            db[i] = g[i] * a[i] * gate * (one - gate)


@parallel
def _gradient_parallel(x, dy, dx, parts):
    pairs = len(dy)
    for t in prange(parts):
        part = slice(pairs * t // parts, pairs * (t + 1) // parts)
        _gradient(x[part], dy[part], dx[part])


def GatedLinear_updateGradInput(input: Any, gradOutput: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput * (sigmoid(b), a * sigmoid(b) * (1 - sigmoid(b)))``"""
    if 0.7 * gradOutput.size < LAUNCH:
        _gradient(input, gradOutput, gradInput)
    else:
        _gradient_parallel(input, gradOutput, gradInput, numba.get_num_threads())
