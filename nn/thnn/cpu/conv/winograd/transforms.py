"""The small linear maps of Winograd's convolution on six points, for vectors of channels.

m outputs and k taps with m + k = 7 are polynomials of degree below m and k; their product is known from its values at
the six points 0, +-sqrt(1/2), +-sqrt(2) and infinity. In two dimensions each map is applied to columns and rows:

    input     6 x 6 inputs    -> 6 x 6 values        one map for every k
    taps      k x k taps      -> 6 x 6 values
    output    6 x 6 values    -> n x n outputs

With m gradients of outputs as taps and n = k the same maps give the gradient of the weights. The usual points 0, +-1,
+-2 have two to five times the error in float32. Two taps and four outputs, m + k = 6, have the five points 0, +-3/4,
3/2 and infinity. Source: A. Lavin, S. Gray, Fast algorithms for convolutional neural networks, 2016.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ...gemm.microkernel import Address
from ...simd import llvm
from ...simd.llvm import Value, fma
from ...simd.vector import vector_type

P, Q = sqrt(0.5), sqrt(2)
P2, Q2 = 0.5, 2.0
POINTS = 6
FIVE = 0.0, 0.75, -0.75, 1.5


def input_map(d: list[Value]) -> list[Value]:
    """Values of six inputs: of d(x) times the polynomial that is zero at the other points."""
    even_p, odd_p = fma(d[2], -Q2, d[4]), fma(d[1], -Q2, d[3])
    even_q, odd_q = fma(d[2], -P2, d[4]), fma(d[1], -P2, d[3])
    return [
        d[0] * (P2 * Q2) + fma(d[2], -(P2 + Q2), d[4]),
        fma(odd_p, P, even_p),
        fma(odd_p, -P, even_p),
        fma(odd_q, Q, even_q),
        fma(odd_q, -Q, even_q),
        d[1] * (P2 * Q2) + fma(d[3], -(P2 + Q2), d[5]),
    ]


def taps_map(g: list[Value]) -> list[Value]:
    """Values of g(x) at the points, divided by what the other points' factors give there."""

    def value(x2: float, coefficients: list[Value]) -> Value:
        """A polynomial in x squared."""
        total = coefficients[-1]
        for c in reversed(coefficients[:-1]):
            total = fma(total, x2, c)
        return total

    values = [g[0] * (1 / (P2 * Q2))]
    for x, x2, other in ((P, P2, Q2), (Q, Q2, P2)):
        factor = 1 / (2 * x2 * (x2 - other))
        even = value(x2, g[0::2]) * factor
        odd = value(x2, g[1::2]) * (factor * x)
        values += [even + odd, even - odd]
    return [*values, g[-1]]


def output_map(v: list[Value], n: int) -> list[Value]:
    """The n coefficients of the product from its values."""
    even_p, odd_p, even_q, odd_q = v[1] + v[2], v[1] - v[2], v[3] + v[4], v[3] - v[4]
    outputs = [v[0] + (even_p + even_q)]
    for i in range(1, n):
        p, q = (odd_p, odd_q) if i % 2 else (even_p, even_q)
        rest = fma(q, Q**i, v[5]) if i == n - 1 else q * Q**i
        outputs.append(fma(p, P**i, rest))
    return outputs


def linear(matrix: np.ndarray) -> Callable[[list[Value]], list[Value]]:
    """The map with these rows; zeros and ones among them cost no multiplication."""

    def combination(row: np.ndarray, v: list[Value]) -> Value:
        (c, x), *rest = [(float(c), x) for c, x in zip(row, v) if c]
        total = x if c == 1 else x * c
        for c, x in rest:
            total = total + x if c == 1 else fma(x, c, total)
        return total

    return lambda v: [combination(row, v) for row in matrix]


def five_inputs() -> np.ndarray:
    """The input's map on five points: of a row the polynomial that is zero at the other finite ones."""
    rows = [np.poly([b for b in FIVE if b != a])[::-1] for a in FIVE] + [np.poly(FIVE)[::-1]]
    return np.array([np.pad(row, (0, 5 - len(row))) for row in rows])


def five_taps(k: int) -> np.ndarray:
    """The map of k taps: their values, divided by what the other points' factors give there, and the last tap."""
    finite = [[a**i / np.prod([a - b for b in FIVE if b != a]) for i in range(k)] for a in FIVE]
    return np.array([*finite, [0] * (k - 1) + [1]])


def five_outputs(n: int) -> np.ndarray:
    """The map to n outputs: powers of the points, and infinity in the last."""
    return np.array([[a**i for a in FIVE] + [float(i == n - 1)] for i in range(n)])


def transform(one_dimension, size: int, results: int, flipped: bool = False, biased: bool = False):
    """A map of ``size`` x ``size`` vectors to ``results`` x ``results``, columns then rows; strides in elements.

    ``biased``: a vector at ``bias`` is added to every result.
    """

    @intrinsic
    def apply(typing, source, row, column, target, target_row, target_column, bias):
        lanes = vector_type(source).lanes
        i = types.int64

        def generate(context, builder: ir.IRBuilder, sig, args):
            source, row, column, target, target_row, target_column, bias = args
            at = Address(builder)
            order = range(size - 1, -1, -1) if flipped else range(size)
            rows = [at.move(source, row, n) for n in order]
            grid = [[llvm.load(builder, at.move(r, column, n), lanes) for n in order] for r in rows]
            columns = [one_dimension([grid[r][c] for r in range(size)]) for c in range(size)]
            constant = llvm.load(builder, bias, lanes) if biased else None
            for r in range(results):
                to = at.move(target, target_row, r)
                for c, value in enumerate(one_dimension([columns[n][r] for n in range(size)])):
                    llvm.store(builder, at.move(to, target_column, c), value + constant if biased else value)
            return context.get_dummy_value()

        return types.void(source, i, i, target, i, i, bias), generate

    return apply


def line(one_dimension, size: int, results: int, flipped: bool = False):
    """A map of ``size`` vectors to ``results``, rows of elements apart."""

    @intrinsic
    def apply(typing, source, row, target, target_row):
        lanes = vector_type(source).lanes

        def generate(context, builder: ir.IRBuilder, sig, args):
            source, row, target, target_row = args
            at = Address(builder)
            order = range(size - 1, -1, -1) if flipped else range(size)
            vectors = [llvm.load(builder, at.move(source, row, n), lanes) for n in order]
            for r, value in enumerate(one_dimension(vectors)):
                llvm.store(builder, at.move(target, target_row, r), value)
            return context.get_dummy_value()

        return types.void(source, types.int64, target, types.int64), generate

    return apply


def taps(size: int, flipped: bool = False):
    return transform(taps_map, size, POINTS, flipped)


def outputs(n: int, biased: bool = False):
    return transform(lambda v: output_map(v, n), POINTS, n, biased=biased)


inputs = transform(input_map, POINTS, POINTS)
inputs5 = transform(linear(five_inputs()), 5, 5)
