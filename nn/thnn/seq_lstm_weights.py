"""The gradients of SeqLSTM's weights and biases: sums over steps and samples of ``[x[t], h[t-1]]^T gates[t]``.

Here ``gates`` are the gradients of the gates' sums, in panels, ``[step][unit vector][sample][gate][lane]``. The threads
share out the rows of gradWeight; each packs those columns of x and h, some steps at a time.
"""

from __future__ import annotations

from . import simd
from .chunks import bound
from .jit import inner
from .layout import mover
from .micro import by_columns, null
from .step_tile import HEIGHT
from .team import team, unpack

#: Up to how many rows of the sum are added at a time.
BLOCK = 512

_outer = by_columns(HEIGHT, 2)
_move = mover(HEIGHT)


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
def _pack_tile(x, D, h0, output, R, t, n, N, steps, some, i, out):
    """Tile number i of ``[x[t], h[t-1]]`` for ``some`` samples from n on, of some steps."""
    tiles = -(-D // HEIGHT)
    m = (i - tiles) * HEIGHT
    if i < tiles:
        _pack(simd.at(x, (t * N + n) * D), D, i * HEIGHT, D - i * HEIGHT, steps * some, out)
    elif t > 0:
        _pack(simd.at(output, ((t - 1) * N + n) * R), R, m, R - m, steps * some, out)
    else:
        _pack(simd.at(h0, n * R), R, m, R - m, some, out)
        _pack(output, R, m, R - m, (steps - 1) * some, simd.at(out, some * HEIGHT))


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
def _add_bias(sums, steps, apart, N, H, count, scale, gradBias):
    """gradBias += scale times the sum over steps and samples."""
    lanes = simd.lanes(sums)
    zero = simd.splat(sums, 0)
    i, f, o, g = zero, zero, zero, zero
    for t in range(steps):
        for n in range(N):
            row = simd.at(sums, t * apart + 4 * n * lanes)
            i, f = i + simd.load(row, 0), f + simd.load(row, lanes)
            o, g = o + simd.load(row, 2 * lanes), g + simd.load(row, 3 * lanes)
    for k, total in ((0, i), (1, f), (2, o), (3, g)):
        row = simd.at(gradBias, k * H)
        simd.store_first(row, 0, simd.load_first(row, 0, count) + total * scale, count)


@team
def sum_weights(frame, like, part, parts):
    """Part number ``part`` of the rows of gradWeight and of the elements of gradBias."""
    args = unpack(frame, like, "pppppppiiiiifi")
    x, h0, output, gates, gradWeight, gradBias, work, T, N, D, H, R, scale, share = args
    lanes, nothing = simd.lanes(like), null(like)
    width, units = 2 * lanes, -(-H // lanes)
    tile = simd.at(work, part * share)
    packed = simd.at(tile, HEIGHT * 2 * width)
    tiles_x = -(-D // HEIGHT)
    tiles = tiles_x + -(-R // HEIGHT)
    first, last = bound(tiles, part, parts, 1), bound(tiles, part + 1, parts, 1)
    first_bias, last_bias = bound(units, part, parts, 1), bound(units, part + 1, parts, 1)
    apart, block, samples = units * N * 2 * width, max(1, min(T, BLOCK // N)), min(N, BLOCK)
    size = block * samples * HEIGHT
    for t in range(0, T, block):
        for n in range(0, N, samples):
            steps, some = min(block, T - t), min(samples, N - n)
            for i in range(first, last):
                _pack_tile(x, D, h0, output, R, t, n, N, steps, some, i, simd.at(packed, (i - first) * size))
            for u in range(units):
                sums, count = simd.at(gates, ((t * units + u) * N + n) * 2 * width), H - u * lanes
                if first_bias <= u < last_bias:
                    _add_bias(sums, steps, apart, some, H, count, scale, simd.at(gradBias, u * lanes))
                for i in range(first, last):
                    a = simd.at(packed, (i - first) * size)
                    for half in range(0, 2 * width, width):
                        b, c = simd.at(sums, half), simd.at(tile, half)
                        _outer(a, some * HEIGHT, HEIGHT, b, apart, 2 * width, c, 2 * width, nothing, 0, steps, some)
                    m = i * HEIGHT if i < tiles_x else D + (i - tiles_x) * HEIGHT
                    rows = min(HEIGHT, (D if i < tiles_x else D + R) - m)
                    _add_tile(tile, rows, H, count, scale, simd.at(gradWeight, m * 4 * H + u * lanes))
