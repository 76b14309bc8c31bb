"""Launches of attention.cu. The scores of some heads at a time are held together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..cuda.runtime import blocks, kernels
from ..cuda.tables import on_gpu
from ..cuda.workspace import take

_launch = kernels(__name__)
#: Elements of the scores that are held together, and heads: a grid has no more in its third axis.
SCORES, HEADS = 1 << 26, 1 << 15


class Matrices(NamedTuple):
    """Memory, column of the table of starts, elements of a head, from row to row, and from column to column."""

    data: Any
    column: int
    size: int
    row: int
    step: int = 1

    def turned(self) -> Matrices:
        return self._replace(row=self.step, step=self.row)


class Part(NamedTuple):
    """Some heads of a call: which ones, the table of their starts, and its operands."""

    heads: slice
    starts: Any
    query: Matrices
    key: Matrices
    value: Matrices
    output: Matrices
    sizes: tuple

    def own(self, x: Any) -> Matrices:
        """The rows of these heads in an array that has the heads one after the other."""
        rows, columns = x.shape[-2:]
        return Matrices(x.reshape(-1, rows, columns)[self.heads], -1, rows * columns, columns)

    def scratch(self, name: str) -> Matrices:
        (L, S, *_), count = self.sizes, len(self.starts)
        return Matrices(take(name, self.query.data.dtype, count * L * S), -1, L * S, S)

    def multiply(self, a: Matrices, b: Matrices, c: Matrices, shape: tuple, alpha: float = 1.0) -> None:
        """``c = alpha a b`` of every head; shape: rows, columns, inner size."""
        m, n, _ = shape
        grid, arrays = (-(-n // 64), -(-m // 64), len(self.starts)), (a.data, b.data, c.data, self.starts)
        _launch("head_products<T>", c.data.dtype, grid, 256, *arrays, *shape, alpha, *a[1:], *b[1:], *c[1:4])

    def masked(self, mask: Any, noise: Any) -> tuple:
        """What a kernel of rows takes: starts, mask, from its row to row, noise."""
        (L, S, *_) = self.sizes
        own = None if noise is None else noise.reshape(-1, L, S)[self.heads]
        return (self.starts, *((None, 0) if mask is None else mask), own)


def _parts(arrays: tuple) -> Iterator[Part]:
    operands, starts = arrays
    (L, E), (S, V) = operands[0][0], operands[2][0]
    starts = on_gpu(starts)
    many = max(1, min(HEADS, SCORES // max(1, L * S)))
    operands = [Matrices(memory, k, 0, pitch) for k, (_, pitch, memory) in enumerate(operands)]
    for first in range(0, len(starts), many):
        heads = slice(first, first + many)
        yield Part(heads, starts[heads], *operands, (L, S, E, V))


def Attention_updateOutput(arrays: tuple, mask: Any, causal: bool, scale: float, sums: Any, noise: Any = None) -> None:
    for part in _parts(arrays):
        L, S, E, V = part.sizes
        scores, rows = part.scratch("scores"), len(part.starts) * L
        part.multiply(part.query, part.key.turned(), scores, (L, S, E), scale)
        given = scores.data, *part.masked(mask, noise), sums[part.heads], rows, L, S, causal
        _launch("attention_weights<T>", sums.dtype, blocks(rows, 1), 128, *given)
        part.multiply(scores, part.value, part.output, (L, V, S))


def Attention_backward(
    arrays: tuple, mask: Any, causal: bool, scale: float, sums: Any, gradients: tuple, noise: Any = None
) -> None:
    for part in _parts(arrays):
        L, S, E, V = part.sizes
        dy, dq, dk, dv = (part.own(g) for g in gradients)
        scores, slopes, rows = part.scratch("scores"), part.scratch("slopes"), len(part.starts) * L
        part.multiply(part.query, part.key.turned(), scores, (L, S, E), scale)
        part.multiply(dy, part.value.turned(), slopes, (L, S, V))
        given = sums[part.heads], part.output.data, part.output.row, dy.data, rows, L, S, V, causal
        arguments = scores.data, slopes.data, *part.masked(mask, noise), *given
        _launch("attention_slopes<T>", sums.dtype, blocks(rows, 1), 128, *arguments)
        part.multiply(scores.turned(), dy, dv, (S, V, L))
        part.multiply(slopes, part.key, dq, (L, E, S), scale)
        part.multiply(slopes.turned(), part.query, dk, (S, E, L), scale)
