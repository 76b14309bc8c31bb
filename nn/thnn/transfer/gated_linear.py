"""GatedLinearUnit, a * sigmoid(b); inputs are pairs x (a, b) x elements."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath


@ranged
def _gate(low, high, x, y):
    for p in range(low, high):
        a, b, out = x[p, 0], x[p, 1], y[p]
        for i in range(out.size):
            out[i] = a[i] * vecmath.sigmoid(b[i])


def GatedLinear_updateOutput(input: Any, output: Any) -> None:
    """``output = a * sigmoid(b)``"""
    _gate(len(output), 0.5 * output.size, input, output)


@ranged
def _gradient(low, high, x, dy, dx):
    one = x.dtype.type(1)
    for p in range(low, high):
        a, b, g = x[p, 0], x[p, 1], dy[p]
        da, db = dx[p, 0], dx[p, 1]
        for i in range(g.size):
            gate = vecmath.sigmoid(b[i])
            da[i] = g[i] * gate
            db[i] = g[i] * a[i] * gate * (one - gate)


def GatedLinear_updateGradInput(input: Any, gradOutput: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput * (sigmoid(b), a * sigmoid(b) * (1 - sigmoid(b)))``"""
    _gradient(len(gradOutput), 0.7 * gradOutput.size, input, gradOutput, gradInput)
