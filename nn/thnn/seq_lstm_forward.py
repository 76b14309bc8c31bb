"""SeqLSTM and SeqLSTMP forward: a whole sequence of LSTM steps, gates in blocks i, f, o, g.

The weights are packed once a call in panels of one vector of units times four gates. A tile, some samples by one such
panel, sums ``x[t] W_x + h[t-1] W_h``, and the gates are applied to it while it is in the first cache. With a projection
a second phase of the step makes the output from the hidden units.

The threads share out the samples, each going through all steps with its own. Where there are too few of them they share
out the units, and meet after every phase.
"""

from __future__ import annotations

from . import simd, vecmath
from .chunks import bound
from .gemm import _pack_rows
from .jit import inner
from .relay import relay
from .step_tile import HEIGHT, pack_gates, panel_at, take, times
from .team import team, unpack


@team
def pack(frame, like, part, parts):
    """Panels of part number ``part`` of the weights' rows, and of the projection."""
    weight, K, H, out, projection, R, panels = unpack(frame, like, "piippip")
    pack_gates(weight, H, K, bound(K, part, parts, 1), bound(K, part + 1, parts, 1), out)
    if part == 0 and R > 0:
        _pack_rows(projection, R, H, R, 2 * simd.lanes(weight), panels)


@inner
def is_zero(x, n):
    """Whether n elements are zero."""
    i = 0
    while i < n and simd.get(x, i) == 0:
        i += 1
    return i == n


@inner
def _cells(tile, bias, H, count, rows, gates, before, cell, hidden, x, D, masked):
    """Gates, cells and outputs of ``count`` units of some samples from the sums of their gates."""
    lanes = simd.lanes(tile)
    zero = simd.splat(tile, 0)
    bi, bf = simd.load_first(bias, 0, count), simd.load_first(bias, H, count)
    bo, bg = simd.load_first(bias, 2 * H, count), simd.load_first(bias, 3 * H, count)
    for m in range(rows):
        sums = simd.at(tile, 4 * m * lanes)
        i, f = vecmath.sigmoid(simd.load(sums, 0) + bi), vecmath.sigmoid(simd.load(sums, lanes) + bf)
        o, g = vecmath.sigmoid(simd.load(sums, 2 * lanes) + bo), vecmath.tanh(simd.load(sums, 3 * lanes) + bg)
        c = simd.fma(f, simd.load_first(before, m * H, count), i * g)
        h = o * vecmath.tanh(c)
        if masked and is_zero(simd.at(x, m * D), D):
            i, f, o, g, c, h = zero, zero, zero, zero, zero, zero
        kept = simd.at(gates, 4 * m * lanes)
        simd.store(kept, 0, i)
        simd.store(kept, lanes, f)
        simd.store(kept, 2 * lanes, o)
        simd.store(kept, 3 * lanes, g)
        simd.store_first(cell, m * H, c, count)
        simd.store_first(hidden, m * H, h, count)


@inner
def _units(x, D, h, R, weight, tile, rows):
    """The sums of four gates of one vector of units."""
    width = 2 * simd.lanes(tile)
    for pair in range(2):
        panel, target = simd.at(weight, pair * (D + R) * width), simd.at(tile, pair * width)
        times(x, D, rows, 0, panel, 0, width, target, 2 * width, 0, 1, D)
        times(h, R, rows, 0, simd.at(panel, D * width), 0, width, target, 2 * width, 1, 1, R)


@inner
def _step(args, t, first, last, left, right, tile):
    """Gates, cells and hidden units of a step, for samples ``first`` to ``last`` and units ``left`` to ``right``."""
    x, h0, c0, weight, bias, _, gates, cells, hidden, output = args[:10]
    T, N, D, H, R, apart, kept, masked = args[11:19]
    lanes = simd.lanes(tile)
    h = simd.at(output, (t - 1) * N * R) if t > 0 else h0
    before = simd.at(cells, (t - 1) * N * H) if t > 0 else c0
    for j in range(left, right, lanes):
        for n in range(first, last, HEIGHT):
            rows, unit, x_n = min(HEIGHT, last - n), n * H + j, simd.at(x, (t * N + n) * D)
            into = simd.at(gates, panel_at(j // lanes, t, n, T, N) * 4 * lanes) if kept else tile
            cell, h_n = simd.at(cells, t * N * H + unit), simd.at(hidden, t * apart + unit)
            _units(x_n, D, simd.at(h, n * R), R, simd.at(weight, 4 * j * (D + R)), tile, rows)
            states = simd.at(before, unit), cell, h_n
            _cells(tile, simd.at(bias, j), H, min(lanes, H - j), rows, into, *states, x_n, D, masked)


@inner
def _project(args, t, first, last, left, right, tile):
    """The output of a step, for samples ``first`` to ``last`` and columns ``left`` to ``right``."""
    projection, hidden, output = args[5], args[8], args[9]
    N, H, R, apart = args[12], args[14], args[15], args[16]
    width = 2 * simd.lanes(tile)
    for j in range(left, right, width):
        panel = simd.at(projection, j * H)
        for n in range(first, last, HEIGHT):
            rows = min(HEIGHT, last - n)
            times(simd.at(hidden, t * apart + n * H), H, rows, 0, panel, 0, width, tile, width, 0, 1, H)
            take(tile, rows, R - j, simd.at(output, (t * N + n) * R + j), R)


@relay
def run_forward(frame, like, count, parts):
    """One part of one phase of a step if the units are shared out, else of all steps.

    The words are 0 x, h0, c0, weight, bias, 5 projection, gates, cells, hidden, output, 10 work, T, N, D, H, 15 R,
    apart, kept, masked, phases, 20 share; the hidden units of two steps are so many elements ``apart``.
    """
    args = unpack(frame, like, "pppppppppppiiiiiiiiii")
    T, N, H, R, phases, share = args[11], args[12], args[14], args[15], args[19], args[20]
    part, lanes = count % parts, simd.lanes(like)
    tile = simd.at(args[10], part * HEIGHT * 4 * lanes)
    p, samples, q, columns = (0, 1, part, parts) if share else (part, parts, 0, 1)
    n0, n1 = bound(N, p, samples, HEIGHT), bound(N, p + 1, samples, HEIGHT)
    for turn in range(count // parts, count // parts + 1 if share else T * phases):
        t = turn // phases
        if turn % phases == 0:
            _step(args, t, n0, n1, bound(H, q, columns, lanes), bound(H, q + 1, columns, lanes), tile)
        else:
            _project(args, t, n0, n1, bound(R, q, columns, 2 * lanes), bound(R, q + 1, columns, 2 * lanes), tile)
