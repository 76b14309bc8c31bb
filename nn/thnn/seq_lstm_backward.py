"""SeqLSTM and SeqLSTMP backward: the gradients of inputs and states, step by step from the last, and of the weights.

``gradGates``, the gradients of the gates' sums, is in panels, ``[step][unit vector][sample][gate][lane]``, as products
read it. A tile of a step is ``gradGates[t + 1] W_h^T``, some samples by two vectors of units, and the gates' gradients
of the step are made of it while it is in the first cache. With a projection that product is the gradient of the output,
and a second phase of the step leads it to the units.

The threads share out samples or units, as in :mod:`seq_lstm_forward`; of the gradients of the weights they share out
the rows.
"""

from __future__ import annotations

from . import simd, vecmath
from .chunks import bound
from .gemm import _pack_columns
from .jit import inner
from .layout import mover
from .micro import by_columns, null
from .relay import relay
from .step_tile import HEIGHT, pack_inputs, take, times
from .team import team, unpack

#: Rows of the sum that the gradients of the weights are made of at a time.
BLOCK = 256

_outer = by_columns(HEIGHT, 2)
_move = mover(HEIGHT)


@team
def pack_transposed(frame, like, part, parts):
    """Part number ``part`` of the panels of the transposed weights, and of the projection."""
    weight, D, H, R, by_x, by_h, projected, projection, by_hidden = unpack(frame, like, "piiippipp")
    lanes = simd.lanes(like)
    width, K = 2 * lanes, -(-H // lanes) * 4 * lanes
    for j in range(bound(D, part, parts, width), bound(D, part + 1, parts, width), width):
        pack_inputs(simd.at(weight, j * 4 * H), H, D - j, simd.at(by_x, j * K))
    for j in range(bound(R, part, parts, width), bound(R, part + 1, parts, width), width):
        pack_inputs(simd.at(weight, (D + j) * 4 * H), H, R - j, simd.at(by_h, j * K))
    if projected:
        K = -(-R // lanes) * lanes
        for j in range(bound(H, part, parts, width), bound(H, part + 1, parts, width), width):
            _pack_columns(simd.at(projection, j * R), R, R, min(width, H - j), width, simd.at(by_hidden, j * K))


@inner
def _by_inputs(sums, N, H, panel, tile, rows):
    """The product of some samples' gradients of the gates with a panel of transposed weights."""
    K = 4 * simd.lanes(tile)
    width = K // 2
    times(sums, K, rows, N * K, panel, K * width, width, tile, width, 0, -(-H // simd.lanes(tile)), K)


@inner
def _put(tile, rows, columns, x, stride):
    """The rows of x into a tile."""
    lanes = simd.lanes(tile)
    for m in range(rows):
        for v in range(0, 2 * lanes, lanes):
            simd.store(tile, 2 * m * lanes + v, simd.load_first(x, m * stride + v, columns - v))


@inner
def _add(tile, rows, columns, x, stride, out):
    """out = tile + x"""
    lanes = simd.lanes(tile)
    for m in range(rows):
        for v in range(0, min(columns, 2 * lanes), lanes):
            d = simd.load(tile, 2 * m * lanes + v) + simd.load_first(x, m * stride + v, columns - v)
            simd.store_first(out, m * stride + v, d, columns - v)


@inner
def _gates(tile, rows, H, count, gates, before, cell, by_cell, gradOutput, add, out):
    """The gradients of the gates' sums of ``count`` units from those of the output and cell; the latter's moves on."""
    lanes = simd.lanes(tile)
    for m in range(rows):
        d = simd.load_first(tile, 2 * m * lanes, count)
        if add:
            d += simd.load_first(gradOutput, m * H, count)
        kept = simd.at(gates, 4 * m * H)
        i, f = simd.load_first(kept, 0, count), simd.load_first(kept, H, count)
        o, g = simd.load_first(kept, 2 * H, count), simd.load_first(kept, 3 * H, count)
        c = vecmath.tanh(simd.load_first(cell, m * H, count))
        total = simd.load_first(by_cell, m * H, count) + d * o * (1 - c * c)
        sums = simd.at(out, 4 * m * lanes)
        simd.store(sums, 0, total * g * i * (1 - i))
        simd.store(sums, lanes, total * simd.load_first(before, m * H, count) * f * (1 - f))
        simd.store(sums, 2 * lanes, d * c * o * (1 - o))
        simd.store(sums, 3 * lanes, total * i * (1 - g * g))
        simd.store_first(by_cell, m * H, total * f, count)


@relay
def run_backward(frame, like, count, parts):
    """One part of one phase of a step if the units are shared out, else of all steps."""
    args = unpack(frame, like, "pppppppppppppiiiiiii")
    gates, cells, c0, gradOutput, gradGates, gradH, gradC, gradInput, gradTotal = args[:9]
    by_x, by_h, by_hidden, work, T, N, D, H, R, phases, share = args[9:]
    part, lanes = count % parts, simd.lanes(like)
    width, units = 2 * lanes, -(-H // lanes)
    K, tile = 4 * lanes * units, simd.at(work, part * HEIGHT * width)
    samples, columns = (1, parts) if share else (parts, 1)
    n0, n1 = bound(N, part % samples, samples, HEIGHT), bound(N, part % samples + 1, samples, HEIGHT)
    d0, d1 = bound(D, part % columns, columns, width), bound(D, part % columns + 1, columns, width)
    j0, j1 = bound(H, part % columns, columns, width), bound(H, part % columns + 1, columns, width)
    r0, r1 = bound(R, part % columns, columns, width), bound(R, part % columns + 1, columns, width)
    for turn in range(count // parts, count // parts + 1 if share else (T + 1) * phases):
        t, phase = T - 1 - turn // phases, turn % phases
        after = simd.at(gradGates, (t + 1) * N * K)
        if phase == 0 and t + 1 < T:
            for j in range(d0, d1, width):
                for n in range(n0, n1, HEIGHT):
                    rows = min(HEIGHT, n1 - n)
                    _by_inputs(simd.at(after, n * 4 * lanes), N, H, simd.at(by_x, j * K), tile, rows)
                    take(tile, rows, D - j, simd.at(gradInput, ((t + 1) * N + n) * D + j), D)
        for j in range(j0 if phase else r0, (j1 if t >= 0 else j0) if phase else r1, width):
            for n in range(n0, n1, HEIGHT):
                rows, at = min(HEIGHT, n1 - n), n * R + j
                given = simd.at(gradOutput, t * N * R + at)
                if phase == 1:
                    whole = simd.at(gradTotal, (t * N + n) * R)
                    panel = simd.at(by_hidden, j * (-(-R // lanes) * lanes))
                    times(whole, R, rows, 0, panel, 0, width, tile, width, 0, 1, R)
                elif t + 1 < T:
                    _by_inputs(simd.at(after, n * 4 * lanes), N, H, simd.at(by_h, j * K), tile, rows)
                else:
                    _put(tile, rows, R - j, simd.at(gradH, at), R)
                if t < 0:
                    take(tile, rows, R - j, simd.at(gradH, at), R)
                elif phase == 0 and phases == 2:
                    _add(tile, rows, R - j, given, R, simd.at(gradTotal, t * N * R + at))
                else:
                    for k in range(j, min(j + width, H), lanes):
                        unit = n * H + k
                        before = simd.at(cells, (t - 1) * N * H + unit) if t > 0 else simd.at(c0, unit)
                        states = before, simd.at(cells, t * N * H + unit), simd.at(gradC, unit)
                        out = simd.at(gradGates, (t * N * units + k // lanes * N + n) * 4 * lanes)
                        kept = simd.at(gates, 4 * (t * N + n) * H + k)
                        half = simd.at(tile, k - j), rows, H, min(lanes, H - k)
                        _gates(*half, kept, *states, simd.at(given, k - j), phase == 0, out)


@inner
def _pack_rows(x, size, i, rows, K, out):
    """out[k][m] = x[k][i + m] for the rows k of x; missing ones repeat the last."""
    for k in range(K):
        source, target = simd.at(x, k * size + i), simd.at(out, k * HEIGHT)
        if rows >= HEIGHT:
            _move(source, target)
        else:
            for m in range(HEIGHT):
                simd.put(target, m, simd.get(source, min(m, rows - 1)))


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
    for g in range(4):
        total = simd.splat(sums, 0)
        for t in range(steps):
            for n in range(N):
                total += simd.load(sums, t * apart + (4 * n + g) * lanes)
        row = simd.at(gradBias, g * H)
        simd.store_first(row, 0, simd.load_first(row, 0, count) + total * scale, count)


@team
def sum_weights(frame, like, part, parts):
    """Part number ``part`` of the rows of gradWeight and of the elements of gradBias."""
    args = unpack(frame, like, "pppppppiiiiifi")
    x, h0, output, gradGates, gradWeight, gradBias, work, T, N, D, H, R, scale, share = args
    lanes, nothing = simd.lanes(like), null(like)
    width, units = 2 * lanes, -(-H // lanes)
    tile = simd.at(work, part * share)
    packed = simd.at(tile, HEIGHT * 2 * width)
    tiles_x = -(-D // HEIGHT)
    tiles = tiles_x + -(-R // HEIGHT)
    first, last = bound(tiles, part, parts, 1), bound(tiles, part + 1, parts, 1)
    first_bias, last_bias = bound(units, part, parts, 1), bound(units, part + 1, parts, 1)
    apart, block, samples = units * N * 2 * width, max(1, min(T, BLOCK // N)), min(N, BLOCK)
    for t in range(0, T, block):
        for n in range(0, N, samples):
            steps, some = min(block, T - t), min(samples, N - n)
            for i in range(first, last):
                target = simd.at(packed, (i - first) * block * samples * HEIGHT)
                m = (i - tiles_x) * HEIGHT
                if i < tiles_x:
                    _pack_rows(simd.at(x, (t * N + n) * D), D, i * HEIGHT, D - i * HEIGHT, steps * some, target)
                elif t > 0:
                    _pack_rows(simd.at(output, ((t - 1) * N + n) * R), R, m, R - m, steps * some, target)
                else:
                    _pack_rows(simd.at(h0, n * R), R, m, R - m, some, target)
                    _pack_rows(output, R, m, R - m, (steps - 1) * some, simd.at(target, some * HEIGHT))
            for u in range(units):
                sums, count = simd.at(gradGates, ((t * units + u) * N + n) * 2 * width), H - u * lanes
                if first_bias <= u < last_bias:
                    _add_bias(sums, steps, apart, some, H, count, scale, simd.at(gradBias, u * lanes))
                for i in range(first, last):
                    a = simd.at(packed, (i - first) * block * samples * HEIGHT)
                    for half in range(0, 2 * width, width):
                        b, c = simd.at(sums, half), simd.at(tile, half)
                        _outer(a, some * HEIGHT, HEIGHT, b, apart, 2 * width, c, 2 * width, nothing, 0, steps, some)
                    m = i * HEIGHT if i < tiles_x else D + (i - tiles_x) * HEIGHT
                    rows = min(HEIGHT, (D if i < tiles_x else D + R) - m)
                    _add_tile(tile, rows, H, count, scale, simd.at(gradWeight, m * 4 * H + u * lanes))
