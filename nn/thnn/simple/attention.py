"""Scaled dot-product attention, ``softmax(scale Q K^T + mask) V``, head by head, a block of queries at a time.

The scores of a block are made, turned into weights and multiplied with the values while they are in a cache; what is
kept for backward is the logarithm of each row's sum of exponentials, from which the weights are made again. Heads lie
anywhere: a table has the offset of each one's first row, rows of a head are a fixed number of elements apart. Source:
T. Dao et al., FlashAttention, 2022, with whole rows of scores in place of blocks of keys.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.gemm.gemm import product_range, scratch_of
from ..cpu.gemm.microkernel import ROWS
from ..cpu.gemm.product import Product
from ..cpu.runtime.blocking import PRODUCT_RATE
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import aligned, bound, ceil_div, threads
from ..cpu.runtime.workspace import take
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .attention_records import Gradients, Heads, Mask, Room, Sizes

#: Elements of a block of scores: 256 KB of float32, a share of the second cache; and the most queries of one.
SCORES, MOST_ROWS = 1 << 16, 128
#: Nanoseconds for the exponential of a score and what is done beside it.
SCORE = 0.6


@inner
def _multiply(p, work):
    product_range(p, work)


@inner
def _product(a, b, c, sizes, alpha, add):
    """``C (+)= alpha op(A) op(B)``: a matrix is (data, elements a row, transposed), C (data, elements a row)."""
    m, n, K = sizes
    return Product(a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], m, n, K, alpha, add, c[0], False)


@inner
def _seen(sizes, mask, row):
    """How many keys a query sees."""
    return min(sizes.S, row + 1) if mask.causal else sizes.S


@inner
def _masked_row(scores, mask, has_mask, count):
    """Add the mask to a row of scores; the largest of them."""
    lanes, lowest = simd.lanes(scores), simd.splat(scores, -np.inf)
    top = lowest
    for j in range(0, count, lanes):
        v = simd.load_first(scores, j, count - j)
        if has_mask:
            v += simd.load_first(mask, j, count - j)
            simd.store_first(scores, j, v, count - j)
        top = simd.maximum(top, simd.select(simd.steps(top, 0) < count - j, v, lowest))
    return simd.largest(top)


@inner
def _exponentials(scores, top, count):
    """exp(scores - top) in their place, and the sum."""
    lanes, zero = simd.lanes(scores), simd.splat(scores, 0)
    sums = zero
    for j in range(0, count, lanes):
        e = vecmath.exp(simd.load_first(scores, j, count - j) - top)
        simd.store_first(scores, j, e, count - j)
        sums += simd.select(simd.steps(zero, 0) < count - j, e, zero)
    return simd.total(sums)


@inner
def _add_noise(rows, pitch, noise, sizes, number):
    """Multiply the rows of a block by their noise."""
    for r in range(number):
        row, factors = simd.at(rows, r * pitch), simd.at(noise, r * sizes.S)
        for j in range(0, sizes.S, simd.lanes(rows)):
            v = simd.load_first(row, j, sizes.S - j) * simd.load_first(factors, j, sizes.S - j)
            simd.store_first(row, j, v, sizes.S - j)


@inner
def _fill_row(row, first, last, number):
    v = simd.splat(row, number)
    for j in range(first, last, simd.lanes(row)):
        simd.store_first(row, j, v, last - j)


@inner
def _scale_row(row, count, factor):
    for j in range(0, count, simd.lanes(row)):
        simd.store_first(row, j, simd.load_first(row, j, count - j) * factor, count - j)


@inner
def _weights(scores, heads, mask, sizes, head, first, rows, sums):
    """Scores of a block of queries to exponentials, in place; the logarithms of their sums; leaves sums in the end."""
    for r in range(rows):
        row, count = simd.at(scores, r * sizes.pitch), _seen(sizes, mask, first + r)
        extra = simd.at(mask.data, heads.starts[5 * head + 4] + (first + r) * mask.rows)
        top = _masked_row(row, extra, mask.there, count)
        shift = 0.0 if top == -np.inf else np.float64(top)  # a query that sees nothing gets zeros
        total = _exponentials(row, shift, count)
        simd.put(sums, first + r, shift + vecmath.log(np.float64(total)))
        simd.put(row, sizes.pitch - 1, 1 / total if total != 0 else 0.0)
        _fill_row(row, count, sizes.S, 0)


@parallel_region
def _forward(heads: Heads, mask: Mask, sizes: Sizes, room: Room, part, parts):
    blocks = (sizes.L + sizes.block - 1) // sizes.block
    scores = simd.at(room.work, part * room.share)
    work = simd.at(scores, sizes.block * sizes.pitch)
    for job in range(bound(sizes.heads * blocks, part, parts, 1), bound(sizes.heads * blocks, part + 1, parts, 1)):
        head, first = job // blocks, job % blocks * sizes.block
        rows = min(sizes.block, sizes.L - first)
        seen = _seen(sizes, mask, first + rows - 1)
        q = simd.at(heads.query, heads.starts[5 * head] + first * heads.rows_q)
        k, v = simd.at(heads.key, heads.starts[5 * head + 1]), simd.at(heads.value, heads.starts[5 * head + 2])
        out = simd.at(heads.output, heads.starts[5 * head + 3] + first * heads.rows_o)
        a, b = (q, heads.rows_q, False), (k, heads.rows_k, True)
        _multiply(_product(a, b, (scores, sizes.pitch), (rows, seen, sizes.E), mask.scale, False), work)
        _weights(scores, heads, mask, sizes, head, first, rows, simd.at(room.sums, head * sizes.L))
        if mask.noisy:
            _add_noise(scores, sizes.pitch, simd.at(mask.noise, (head * sizes.L + first) * sizes.S), sizes, rows)
        a, b = (scores, sizes.pitch, False), (v, heads.rows_v, False)
        _multiply(_product(a, b, (out, heads.rows_o), (rows, sizes.V, seen), 1.0, False), work)
        for r in range(rows):
            _scale_row(simd.at(out, r * heads.rows_o), sizes.V, simd.get(scores, (r + 1) * sizes.pitch - 1))


@inner
def _again(scores, mask, has_mask, count, shift):
    """The weights of a row from its scores: exp(score + mask - shift)."""
    if shift == -np.inf:
        _fill_row(scores, 0, count, 0)
        return
    for j in range(0, count, simd.lanes(scores)):
        v = simd.load_first(scores, j, count - j)
        if has_mask:
            v += simd.load_first(mask, j, count - j)
        simd.store_first(scores, j, vecmath.exp(v - shift), count - j)


@inner
def _dot(a, b, count):
    total = simd.splat(a, 0)
    for j in range(0, count, simd.lanes(a)):
        total = simd.fma(simd.load_first(a, j, count - j), simd.load_first(b, j, count - j), total)
    return simd.total(total)


@inner
def _slopes(weights, slopes, count, mean):
    """The gradient of a row of scores from that of its weights, in place."""
    for j in range(0, count, simd.lanes(weights)):
        v = simd.load_first(weights, j, count - j) * (simd.load_first(slopes, j, count - j) - mean)
        simd.store_first(slopes, j, v, count - j)


@inner
def _weights_again(scores, heads, mask, sizes, head, first, rows, sums):
    for r in range(rows):
        row, count = simd.at(scores, r * sizes.pitch), _seen(sizes, mask, first + r)
        extra = simd.at(mask.data, heads.starts[5 * head + 4] + (first + r) * mask.rows)
        _again(row, extra, mask.there, count, simd.get(sums, first + r))
        _fill_row(row, count, sizes.S, 0)


@inner
def _block_backward(heads, mask, sizes, room, gradients, head, first, scores):
    """The share of a block of queries in the gradients of its head."""
    rows, starts = min(sizes.block, sizes.L - first), heads.starts
    seen, scale, pitch = _seen(sizes, mask, first + rows - 1), mask.scale, sizes.pitch
    slopes = simd.at(scores, sizes.block * pitch)
    work = simd.at(slopes, sizes.block * pitch)
    q = (simd.at(heads.query, starts[5 * head] + first * heads.rows_q), heads.rows_q, False)
    k, v = simd.at(heads.key, starts[5 * head + 1]), simd.at(heads.value, starts[5 * head + 2])
    out = simd.at(heads.output, starts[5 * head + 3] + first * heads.rows_o)
    dout = simd.at(gradients.output, (head * sizes.L + first) * sizes.V)
    dq = simd.at(gradients.query, (head * sizes.L + first) * sizes.E)
    dk, dv = simd.at(gradients.key, head * sizes.S * sizes.E), simd.at(gradients.value, head * sizes.S * sizes.V)
    p, s, add = (scores, pitch), (slopes, pitch), first > 0
    _multiply(_product(q, (k, heads.rows_k, True), p, (rows, seen, sizes.E), scale, False), work)
    _weights_again(scores, heads, mask, sizes, head, first, rows, simd.at(room.sums, head * sizes.L))
    d, noise = (dout, sizes.V, False), simd.at(mask.noise, (head * sizes.L + first) * sizes.S if mask.noisy else 0)
    _multiply(_product(d, (v, heads.rows_v, True), s, (rows, seen, sizes.V), 1.0, False), work)
    if mask.noisy:
        _add_noise(slopes, pitch, noise, sizes, rows)
    for r in range(rows):
        mean = _dot(simd.at(dout, r * sizes.V), simd.at(out, r * heads.rows_o), sizes.V)
        _slopes(simd.at(scores, r * pitch), simd.at(slopes, r * pitch), seen, mean)
    if mask.noisy:
        _add_noise(scores, pitch, noise, sizes, rows)
    _multiply(_product((scores, pitch, True), d, (dv, sizes.V), (seen, sizes.V, rows), 1.0, add), work)
    a = (slopes, pitch, False)
    _multiply(_product(a, (k, heads.rows_k, False), (dq, sizes.E), (rows, sizes.E, seen), scale, False), work)
    a = (slopes, pitch, True)
    _multiply(_product(a, q, (dk, sizes.E), (seen, sizes.E, rows), scale, add), work)


@parallel_region
def _backward(heads: Heads, mask: Mask, sizes: Sizes, room: Room, gradients: Gradients, part, parts):
    scores = simd.at(room.work, part * room.share)
    for head in range(bound(sizes.heads, part, parts, 1), bound(sizes.heads, part + 1, parts, 1)):
        if mask.causal and sizes.L > 0:  # later blocks see more keys than the first, which sets only its own
            _fill_row(simd.at(gradients.key, head * sizes.S * sizes.E), 0, sizes.S * sizes.E, 0)
            _fill_row(simd.at(gradients.value, head * sizes.S * sizes.V), 0, sizes.S * sizes.V, 0)
        for first in range(0, sizes.L, sizes.block):
            _block_backward(heads, mask, sizes, room, gradients, head, first, scores)


def _plan(arrays: tuple, mask: Any, causal: bool, scale: float, noise: Any) -> tuple:
    """The records of a call, and how many threads share it; ``arrays``: see :func:`Attention_updateOutput`."""
    (query, key, value, output), starts = arrays
    heads, (L, E), (S, V) = len(starts), query[0], value[0]
    block = max(ROWS, min(MOST_ROWS, SCORES // max(1, S) // ROWS * ROWS, aligned(L, ROWS)))
    sizes = Sizes(heads, L, S, E, V, block, aligned(S, 16) + 16)
    data, rows = (query[2], 0) if mask is None else mask
    net = Heads(*(x[2] for x in (query, key, value, output)), *(x[1] for x in (query, key, value, output)), starts)
    noisy = noise is not None
    more = (noise.reshape(-1) if noisy else query[2]), noisy
    return net, Mask(data, rows, mask is not None, causal, float(scale), *more), sizes


def _room(sizes: Sizes, sums: Any, blocks: int, parts: int) -> Room:
    """Scratch for so many blocks of scores a thread, and a product."""
    share = blocks * sizes.block * sizes.pitch + scratch_of(max(sizes.S, sizes.E, sizes.V), sums.itemsize)
    share = aligned(share)
    return Room(sums, take("Attention", sums.dtype, parts * share), share)


def _work(sizes: Sizes, products: int) -> float:
    return sizes.heads * sizes.L * sizes.S * (products * (sizes.E + sizes.V) / 2 / PRODUCT_RATE + SCORE)


def Attention_updateOutput(arrays: tuple, mask: Any, causal: bool, scale: float, sums: Any, noise: Any = None) -> None:
    """``output = softmax(scale query key^T + mask) value`` of every head.

    ``arrays``: for query, key, value and output ((rows, columns), elements from a row to the next, the memory from its
    first element on as a vector), and a table heads x 5 of int64, where the four and the mask of a head begin.
    ``mask``: None, or (memory, elements from a row to the next). ``causal``: query i sees keys 0 to i. ``sums`` takes
    the logarithms of the sums of the exponentials, heads x queries. ``noise``: factors of the weights, L x S a head, or
    None.
    """
    net, mask, sizes = _plan(arrays, mask, causal, scale, noise)
    parts = min(threads(_work(sizes, 2)), sizes.heads * ceil_div(sizes.L, sizes.block))
    _forward(parts, net, mask, sizes, _room(sizes, sums, 1, parts))


def Attention_backward(
    arrays: tuple, mask: Any, causal: bool, scale: float, sums: Any, gradients: tuple, noise: Any = None
) -> None:
    """``gradients``: of the output, and of query, key and value, which are written; heads x rows x columns."""
    net, mask, sizes = _plan(arrays, mask, causal, scale, noise)
    parts = min(threads(_work(sizes, 5)), sizes.heads)
    _backward(parts, net, mask, sizes, _room(sizes, sums, 2, parts), Gradients(*gradients))
