"""GatedLinearUnit, a * sigmoid(b); inputs are pairs x (a, b) x elements."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@ranged
def _gate(low, high, x, y, n):
    """Pairs ``low`` to ``high``, of ``n`` numbers each."""
    x_, y_ = simd.at(x, 0), simd.at(y, 0)
    for p in range(low, high):
        for i in range(0, n, simd.lanes(x)):
            a, b = simd.load_first(x_, 2 * p * n + i, n - i), simd.load_first(x_, (2 * p + 1) * n + i, n - i)
            simd.store_first(y_, p * n + i, a * vecmath.sigmoid(b), n - i)


def GatedLinear_updateOutput(input: Any, output: Any) -> None:
    """``output = a * sigmoid(b)``"""
    n = output.shape[1]
    _gate(len(output), 0.5 * output.size, input.reshape(-1), output.reshape(-1), n)


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
