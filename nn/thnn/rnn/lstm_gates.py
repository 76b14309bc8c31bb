"""The gates of one step of PyTorch's LSTM.

``i, f, o = sigmoid(a + u)``, ``g = tanh(a + u)``, ``c' = f c + i g``, ``h' = o tanh(c')``: a and u are the products
with the input and with the state, biases included, rows i f g o of H each. Rows of ``kept`` are i, f, g, o and the
tanh, for backward.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@inner
def _sum(a, u, at, count):
    return simd.load_first(a, at, count) + simd.load_first(u, at, count)


@inner
def _forward_row(a, u, c, kept, next, sizes):
    """One row; ``next``: state and cell; ``sizes``: H, and where the row begins in arrays of H numbers a row."""
    H, at = sizes
    for j in range(0, H, simd.lanes(a)):
        count, gates, five = H - j, 4 * at + j, 5 * at + j
        i, f = vecmath.sigmoid(_sum(a, u, gates, count)), vecmath.sigmoid(_sum(a, u, gates + H, count))
        g, o = vecmath.tanh(_sum(a, u, gates + 2 * H, count)), vecmath.sigmoid(_sum(a, u, gates + 3 * H, count))
        cell = simd.fma(f, simd.load_first(c, at + j, count), i * g)
        squashed = vecmath.tanh(cell)
        simd.store_first(kept, five, i, count)
        simd.store_first(kept, five + H, f, count)
        simd.store_first(kept, five + 2 * H, g, count)
        simd.store_first(kept, five + 3 * H, o, count)
        simd.store_first(kept, five + 4 * H, squashed, count)
        simd.store_first(next[0], at + j, o * squashed, count)
        simd.store_first(next[1], at + j, cell, count)


@ranged
def _forward(low, high, a, u, c, kept, next, H):
    for row in range(low, high):
        _forward_row(a, u, c, kept, next, (H, row * H))


@inner
def _backward_row(kept, c, given, da, dc, sizes):
    H, at = sizes
    for j in range(0, H, simd.lanes(c)):
        count, gates, five = H - j, 4 * at + j, 5 * at + j
        i, f = simd.load_first(kept, five, count), simd.load_first(kept, five + H, count)
        g, o = simd.load_first(kept, five + 2 * H, count), simd.load_first(kept, five + 3 * H, count)
        squashed, dh = simd.load_first(kept, five + 4 * H, count), simd.load_first(given[0], at + j, count)
        d = simd.fma(dh * o, 1 - squashed * squashed, simd.load_first(given[1], at + j, count))
        simd.store_first(da, gates, d * g * i * (1 - i), count)
        simd.store_first(da, gates + H, d * simd.load_first(c, at + j, count) * f * (1 - f), count)
        simd.store_first(da, gates + 2 * H, d * i * (1 - g * g), count)
        simd.store_first(da, gates + 3 * H, dh * squashed * o * (1 - o), count)
        simd.store_first(dc, at + j, d * f, count)


@ranged
def _backward(low, high, kept, c, given, da, dc, H):
    for row in range(low, high):
        _backward_row(kept, c, given, da, dc, (H, row * H))


def _flat(*arrays: Any) -> tuple:
    return tuple(x.reshape(x.size) for x in arrays)


def LSTMGates_updateOutput(a: Any, u: Any, c: Any, kept: Any, output: Any, cell: Any) -> None:
    """The next state and cell of N x H, and ``kept``, N x 5H."""
    N, H = c.shape
    _forward(N, 3.0 * c.size, *_flat(a, u, c, kept), _flat(output, cell), H)


def LSTMGates_updateGradInput(kept: Any, c: Any, gradOutput: Any, gradCell: Any, gradA: Any, gradC: Any) -> None:
    """The gradient of both products, and that of the cell before; ``gradCell`` is the one of the next cell."""
    N, H = c.shape
    _backward(N, 1.5 * c.size, *_flat(kept, c), _flat(gradOutput, gradCell), *_flat(gradA, gradC), H)
