"""SeqLSTM and SeqLSTMP backward: the gradients of inputs and states, step by step from the last.

The gates of a step give way to the gradients of their sums, tile by tile: ``gates[t + 1] W_h^T`` for some samples and
two vectors of units, to which the gates' derivatives are applied while it is in the first cache. With a projection that
product is the gradient of the output, and a second phase of the step leads it to the units.

The threads share out samples or units, as in :mod:`seq_lstm_forward`.
"""

from __future__ import annotations

from ..cpu.gemm.packing import pack_columns
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound
from ..cpu.runtime.supersteps import relay
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .panels import HEIGHT, pack_inputs, panel_at, take, times


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
            pack_columns(simd.at(projection, j * R), R, R, min(width, H - j), width, simd.at(by_hidden, j * K))


@inner
def _by_inputs(gates, row, apart, H, panels, j, tile, rows):
    """The gates' gradients of some samples times two vectors of columns of the transposed weights."""
    units, width = -(-H // simd.lanes(tile)), 2 * simd.lanes(tile)
    sums, panel, K = simd.at(gates, row * 2 * width), simd.at(panels, j * units * 2 * width), 2 * width
    times(sums, K, rows, apart * K, panel, K * width, width, tile, width, 0, units, K)


@inner
def _put(tile, rows, columns, x, stride):
    """The rows of x into a tile."""
    lanes = simd.lanes(tile)
    for m in range(rows):
        for v in range(0, 2 * lanes, lanes):
            simd.store(tile, 2 * m * lanes + v, simd.load_first(x, m * stride + v, columns - v))


@inner
def _add(tile, rows, columns, x, stride):
    """tile += x"""
    lanes = simd.lanes(tile)
    for m in range(rows):
        for v in range(0, min(columns, 2 * lanes), lanes):
            at = 2 * m * lanes + v
            simd.store(tile, at, simd.load(tile, at) + simd.load_first(x, m * stride + v, columns - v))


@inner
def _derivatives(tile, rows, H, count, gates, before, cell, by_cell):
    """Gates become the gradients of their sums, for ``count`` units; that of the cell moves on to the cell before."""
    lanes = simd.lanes(tile)
    for m in range(rows):
        kept = simd.at(gates, 4 * m * lanes)
        i, f = simd.load(kept, 0), simd.load(kept, lanes)
        o, g = simd.load(kept, 2 * lanes), simd.load(kept, 3 * lanes)
        d, c = simd.load_first(tile, 2 * m * lanes, count), vecmath.tanh(simd.load_first(cell, m * H, count))
        total = simd.load_first(by_cell, m * H, count) + d * o * (1 - c * c)
        simd.store(kept, 0, total * g * i * (1 - i))
        simd.store(kept, lanes, total * simd.load_first(before, m * H, count) * f * (1 - f))
        simd.store(kept, 2 * lanes, d * c * o * (1 - o))
        simd.store(kept, 3 * lanes, total * i * (1 - g * g))
        simd.store_first(by_cell, m * H, total * f, count)


@inner
def _through_gates(args, t, n, rows, j, tile):
    """What the gradient of two vectors of units in a tile does to the gates and to the gradient of the cell."""
    gates, cells, c0, gradC = args[0], args[1], args[2], args[5]
    T, N, H = args[12], args[13], args[15]
    lanes = simd.lanes(tile)
    for k in range(j, min(j + 2 * lanes, H), lanes):
        unit, kept = n * H + k, panel_at(k // lanes, t, n, T, N) * 4 * lanes
        before = simd.at(cells, (t - 1) * N * H + unit) if t > 0 else simd.at(c0, unit)
        states = before, simd.at(cells, t * N * H + unit), simd.at(gradC, unit)
        _derivatives(simd.at(tile, k - j), rows, H, min(lanes, H - k), simd.at(gates, kept), *states)


@inner
def _inputs(args, t, steps, first, last, left, right, tile):
    """gradInput of some steps, for samples ``first`` to ``last`` and columns ``left`` to ``right``.

    All samples of the steps are taken at once where they lie side by side.
    """
    gates, gradInput, by_x = args[0], args[6], args[8]
    T, N, D, H = args[12:16]
    runs, count = (1, steps * N) if last - first == N else (steps, last - first)
    for j in range(left, right, 2 * simd.lanes(tile)):
        for s in range(t, t + runs):
            for n in range(0, count, HEIGHT):
                rows, row = min(HEIGHT, count - n), s * N + first + n
                _by_inputs(gates, row, panel_at(1, 0, 0, T, N), H, by_x, j, tile, rows)
                take(tile, rows, D - j, simd.at(gradInput, row * D + j), D)


@inner
def _outputs(args, t, first, last, left, right, tile):
    """The gradient of a step's output, from that of the gates after it, and what comes of it."""
    gates, gradOutput, gradH, gradTotal, by_h = args[0], args[3], args[4], args[7], args[9]
    T, N, H, R, phases = args[12], args[13], args[15], args[16], args[17]
    for j in range(left, right, 2 * simd.lanes(tile)):
        for n in range(first, last, HEIGHT):
            rows, at = min(HEIGHT, last - n), n * R + j
            if t + 1 < T:
                _by_inputs(gates, (t + 1) * N + n, panel_at(1, 0, 0, T, N), H, by_h, j, tile, rows)
            else:
                _put(tile, rows, R - j, simd.at(gradH, at), R)
            if t < 0:
                take(tile, rows, R - j, simd.at(gradH, at), R)
                continue
            _add(tile, rows, R - j, simd.at(gradOutput, t * N * R + at), R)
            if phases == 1:
                _through_gates(args, t, n, rows, j, tile)
            else:
                take(tile, rows, R - j, simd.at(gradTotal, t * N * R + at), R)


@inner
def _hidden(args, t, first, last, left, right, tile):
    """The gradient of the hidden units of a step from that of its output, and what comes of it."""
    gradTotal, by_hidden, N, R = args[7], args[10], args[13], args[16]
    lanes = simd.lanes(tile)
    for j in range(left, right, 2 * lanes):
        panel = simd.at(by_hidden, j * (-(-R // lanes) * lanes))
        for n in range(first, last, HEIGHT):
            rows, d = min(HEIGHT, last - n), simd.at(gradTotal, (t * N + n) * R)
            times(d, R, rows, 0, panel, 0, 2 * lanes, tile, 2 * lanes, 0, 1, R)
            _through_gates(args, t, n, rows, j, tile)


@relay
def run_backward(frame, like, count, parts):
    """One part of one phase of a step if the units are shared out, else of all steps.

    The words are 0 gates, cells, c0, gradOutput, gradH, 5 gradC, gradInput, gradTotal, by_x, by_h, 10 by_hidden, work,
    T, N, D, 15 H, R, phases, share, chunk: gradInput of a ``chunk`` of steps is made at once.
    """
    args = unpack(frame, like, "ppppppppppppiiiiiiii")
    T, N, D, H, R, phases, share, chunk = args[12:]
    part, width = count % parts, 2 * simd.lanes(like)
    tile = simd.at(args[11], part * HEIGHT * width)
    p, samples, q, columns = (0, 1, part, parts) if share else (part, parts, 0, 1)
    n0, n1 = bound(N, p, samples, HEIGHT), bound(N, p + 1, samples, HEIGHT)
    for turn in range(count // parts, count // parts + 1 if share else (T + 1) * phases):
        t = T - 1 - turn // phases
        if turn % phases == 1:
            if t >= 0:
                _hidden(args, t, n0, n1, bound(H, q, columns, width), bound(H, q + 1, columns, width), tile)
            continue
        if t + 1 < T and (t + 1) % chunk == 0:
            _inputs(
                args,
                t + 1,
                min(chunk, T - t - 1),
                n0,
                n1,
                bound(D, q, columns, width),
                bound(D, q + 1, columns, width),
                tile,
            )
        _outputs(args, t, n0, n1, bound(R, q, columns, width), bound(R, q + 1, columns, width), tile)
