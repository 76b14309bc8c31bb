"""The gradients of SeqLSTM's weights and biases: sums over steps and samples of ``[x[t], h[t-1]]^T gates[t]``.

Here ``gates`` are the gradients of the gates' sums, in panels of a vector of units. The threads share out the rows of
gradWeight; each packs those columns of x and h, a block of rows at a time.
"""

from __future__ import annotations

from typing import NamedTuple

from ..cpu.gemm.microkernel import by_columns, null
from ..cpu.gemm.transpose import mover
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import bound
from ..cpu.runtime.records import Float, Int, Pointer
from ..cpu.simd import registers as simd
from .panels import HEIGHT, Sizes, panel_at

#: How many rows are summed at a time: those of a tile, packed, and of a vector of units stay in the first two caches.
BLOCK_ROWS = 512

_outer = by_columns(HEIGHT, 2)
_move = mover(HEIGHT)


class Sums(NamedTuple):
    """What the sums read, and the gradients they are added to; ``gates`` are the gradients of the gates' sums."""

    x: Pointer
    h0: Pointer
    output: Pointer
    gates: Pointer
    gradWeight: Pointer
    gradBias: Pointer


@inner
def _pack(x, size, i, rows, K, out):
    """out[k][m] = x[k][i + m] for the rows k of x; missing ones repeat the last."""
    for k in range(K):
        source, target = simd.at(x, k * size + i), simd.at(out, k * HEIGHT)
        if rows >= HEIGHT:
            _move(source, target)
        else:
            for m in range(HEIGHT):
                simd.put(target, m, simd.get(source, min(m, rows - 1)))


@inner
def _pack_tile(net, sizes, i, k, rows, out):
    """Tile number i of ``[x[t], h[t-1]]``, of ``rows`` rows of all steps from row k on."""
    D, R, N = sizes.D, sizes.R, sizes.N
    tiles = (D + HEIGHT - 1) // HEIGHT
    m, first = (i - tiles) * HEIGHT, max(0, min(rows, N - k))
    if i < tiles:
        _pack(simd.at(net.x, k * D), D, i * HEIGHT, D - i * HEIGHT, rows, out)
    else:
        _pack(simd.at(net.h0, k * R), R, m, R - m, first, out)
        _pack(simd.at(net.output, (k + first - N) * R), R, m, R - m, rows - first, simd.at(out, first * HEIGHT))


@inner
def _add_tile(tile, rows, H, count, scale, gradWeight):
    """gradWeight += scale tile, for ``count`` columns of four blocks."""
    lanes = simd.lanes(tile)
    for m in range(rows):
        for g in range(4):
            v = simd.load(tile, (4 * m + g) * lanes) * scale
            row = simd.at(gradWeight, (4 * m + g) * H)
            simd.store_first(row, 0, simd.load_first(row, 0, count) + v, count)


@inner
def _add_bias(sums, rows, H, count, scale, gradBias):
    """gradBias += scale times the sum of the rows."""
    lanes = simd.lanes(sums)
    zero = simd.splat(sums, 0)
    i, f, o, g = zero, zero, zero, zero
    for k in range(rows):
        row = simd.at(sums, 4 * k * lanes)
        i, f = i + simd.load(row, 0), f + simd.load(row, lanes)
        o, g = o + simd.load(row, 2 * lanes), g + simd.load(row, 3 * lanes)
    for k, total in ((0, i), (1, f), (2, o), (3, g)):
        row = simd.at(gradBias, k * H)
        simd.store_first(row, 0, simd.load_first(row, 0, count) + total * scale, count)


@inner
def _product(packed, sums, rows, tile):
    """tile = packed^T sums, for a tile of rows of gradWeight and a vector of units."""
    width = 2 * simd.lanes(tile)
    for half in range(0, 2 * width, width):
        b, c = simd.at(sums, half), simd.at(tile, half)
        _outer(packed, 0, HEIGHT, b, 0, 2 * width, c, 2 * width, null(tile), 0, 1, rows)


@parallel_region
def sum_weights(net: Sums, sizes: Sizes, scale: Float, work: Pointer, share: Int, part, parts):
    """Part number ``part`` of the rows of gradWeight and of the elements of gradBias."""
    T, N, D, H, R, lanes = sizes.T, sizes.N, sizes.D, sizes.H, sizes.R, simd.lanes(work)
    units, tiles_x = (H + lanes - 1) // lanes, (D + HEIGHT - 1) // HEIGHT
    tile, packed = simd.at(work, part * share), simd.at(work, part * share + HEIGHT * 4 * lanes)
    tiles = tiles_x + (R + HEIGHT - 1) // HEIGHT
    first, last = bound(tiles, part, parts, 1), bound(tiles, part + 1, parts, 1)
    first_bias, last_bias = bound(units, part, parts, 1), bound(units, part + 1, parts, 1)
    for k in range(0, T * N, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, T * N - k)
        for i in range(first, last):
            _pack_tile(net, sizes, i, k, rows, simd.at(packed, (i - first) * BLOCK_ROWS * HEIGHT))
        for u in range(units):
            sums, count = simd.at(net.gates, (panel_at(u, 0, 0, T, N) + k) * 4 * lanes), H - u * lanes
            if first_bias <= u < last_bias:
                _add_bias(sums, rows, H, count, scale, simd.at(net.gradBias, u * lanes))
            for i in range(first, last):
                _product(simd.at(packed, (i - first) * BLOCK_ROWS * HEIGHT), sums, rows, tile)
                m = i * HEIGHT if i < tiles_x else D + (i - tiles_x) * HEIGHT
                here = min(HEIGHT, (D if i < tiles_x else D + R) - m)
                _add_tile(tile, here, H, count, scale, simd.at(net.gradWeight, m * 4 * H + u * lanes))
