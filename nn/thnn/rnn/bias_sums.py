"""The gradients of biases and peepholes of one step: sums over samples of the gradients of the gates' sums."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.records import Float, Int, Pointer, Table, reader, word, words
from ..cpu.simd import registers as simd


class Bias(NamedTuple):
    """A gradient of H elements: that of the sums from a column on, times a factor of N x H or not."""

    column: Int
    factor: Pointer
    has_factor: Int
    target: Pointer


class Rows(NamedTuple):
    """The gradients of the sums, N rows of ``width``; blocks of H."""

    data: Pointer
    width: Int
    N: Int
    H: Int


_bias_at = reader(Bias)


@inner
def _sum(rows, bias, k):
    """The sum over samples for a vector of columns from k on."""
    total, count = simd.splat(rows.data, 0), rows.H - k
    for n in range(rows.N):
        v = simd.load_first(rows.data, n * rows.width + bias.column + k, count)
        if bias.has_factor:
            v = v * simd.load_first(bias.factor, n * rows.H + k, count)
        total = total + v
    return total


@parallel_region
def _add(rows: Rows, entries: Table, count: Int, scale: Float, part, parts):
    """target += scale * sum over n of sums[n] * factor[n], for each entry"""
    for entry in range(count):
        bias = _bias_at(entries, entry, rows.data)
        for k in range(0, rows.H, simd.lanes(rows.data)):
            total, target = _sum(rows, bias, k), simd.load_first(bias.target, k, rows.H - k)
            simd.store_first(bias.target, k, simd.fma(total, scale, target), rows.H - k)


class BiasSums:
    """The sums for a list of gradients, whose arrays are kept by the caller."""

    def __init__(self, sums: np.ndarray, H: int, entries: list[Bias]) -> None:
        self.table = np.array([words(bias) for bias in entries], np.int64).reshape(-1, len(Bias._fields))
        self.call = _add.bind(sums.dtype, Rows(sums, sums.shape[1], len(sums), H), self.table, len(entries), 1.0)

    def bind(self, entry: int, factor: Any) -> None:
        """Let an entry use another factor."""
        self.table[entry, Bias._fields.index("factor")] = word(factor)

    def __call__(self, scale: float) -> None:
        """Add them all, times ``scale``."""
        self.call.frame[-1] = word(float(scale))
        self.call()
