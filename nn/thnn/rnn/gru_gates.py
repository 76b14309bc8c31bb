"""The gates of one step of PyTorch's GRU, whose reset gate acts behind the product with the state.

``r, z = sigmoid(a + u)``, ``n = tanh(a_n + r u_n)``, ``h' = (1 - z) n + z h``: a and u are the products with the input
and with the state, biases included, rows r z n of H each. Rows of ``kept`` are r, z, n and u_n, for backward.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@inner
def _forward_row(a, u, h, kept, y, sizes):
    """One row; ``sizes``: H, and where the row begins in arrays of H numbers a row."""
    H, at = sizes
    for j in range(0, H, simd.lanes(a)):
        count, gates, four = H - j, 3 * at + j, 4 * at + j
        r = vecmath.sigmoid(simd.load_first(a, gates, count) + simd.load_first(u, gates, count))
        z = vecmath.sigmoid(simd.load_first(a, gates + H, count) + simd.load_first(u, gates + H, count))
        un = simd.load_first(u, gates + 2 * H, count)
        n = vecmath.tanh(simd.fma(r, un, simd.load_first(a, gates + 2 * H, count)))
        simd.store_first(kept, four, r, count)
        simd.store_first(kept, four + H, z, count)
        simd.store_first(kept, four + 2 * H, n, count)
        simd.store_first(kept, four + 3 * H, un, count)
        simd.store_first(y, at + j, simd.fma(z, simd.load_first(h, at + j, count), (1 - z) * n), count)


@ranged
def _forward(low, high, a, u, h, kept, y, H):
    for row in range(low, high):
        _forward_row(a, u, h, kept, y, (H, row * H))


@inner
def _backward_row(kept, h, dy, da, du, dh, sizes):
    H, at = sizes
    for j in range(0, H, simd.lanes(h)):
        count, gates, four = H - j, 3 * at + j, 4 * at + j
        r, z = simd.load_first(kept, four, count), simd.load_first(kept, four + H, count)
        n, un = simd.load_first(kept, four + 2 * H, count), simd.load_first(kept, four + 3 * H, count)
        d = simd.load_first(dy, at + j, count)
        dn = d * (1 - z) * (1 - n * n)
        dr, dz = dn * un * r * (1 - r), d * (simd.load_first(h, at + j, count) - n) * z * (1 - z)
        for place, v in ((gates, dr), (gates + H, dz)):
            simd.store_first(da, place, v, count)
            simd.store_first(du, place, v, count)
        simd.store_first(da, gates + 2 * H, dn, count)
        simd.store_first(du, gates + 2 * H, dn * r, count)
        simd.store_first(dh, at + j, d * z, count)


@ranged
def _backward(low, high, kept, h, dy, given, H):
    da, du, dh = given
    for row in range(low, high):
        _backward_row(kept, h, dy, da, du, dh, (H, row * H))


def _flat(*arrays: Any) -> tuple:
    return tuple(x.reshape(x.size) for x in arrays)


def GRUGates_updateOutput(a: Any, u: Any, h: Any, kept: Any, output: Any) -> None:
    """The next state of N x H, and ``kept``, N x 4H."""
    N, H = h.shape
    _forward(N, 2.0 * h.size, *_flat(a, u, h, kept, output), H)


def GRUGates_updateGradInput(kept: Any, h: Any, gradOutput: Any, gradA: Any, gradU: Any, gradH: Any) -> None:
    """The gradients of both products, and that part of the state's which does not pass through them."""
    N, H = h.shape
    _backward(N, 1.0 * h.size, *_flat(kept, h, gradOutput), _flat(gradA, gradU, gradH), H)
