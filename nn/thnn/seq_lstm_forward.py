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
from .step_tile import HEIGHT, pack_gates, take, times
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
def _cells(tile, bias, H, count, rows, gates, before, cell, hidden, keep, x, D, masked):
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
        if keep:
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
def _project(hidden, H, projection, output, R, first, last, left, right, tile):
    """output = hidden projection, for samples ``first`` to ``last`` and columns ``left`` to ``right``."""
    width = 2 * simd.lanes(tile)
    for j in range(left, right, width):
        for n in range(first, last, HEIGHT):
            rows = min(HEIGHT, last - n)
            times(simd.at(hidden, n * H), H, rows, 0, simd.at(projection, j * H), 0, width, tile, width, 0, 1, H)
            take(tile, rows, R - j, simd.at(output, n * R + j), R)


@relay
def run_forward(frame, like, count, parts):
    """One part of one phase of a step if the units are shared out, else of all steps."""
    args = unpack(frame, like, "pppppppppppiiiiiiiii")
    (
        x,
        h0,
        c0,
        weight,
        bias,
        projection,
        gates,
        cells,
        hidden,
        output,
        work,
        T,
        N,
        D,
        H,
        R,
        kept,
        masked,
        phases,
        share,
    ) = args
    part, lanes = count % parts, simd.lanes(like)
    width, tile = 2 * lanes, simd.at(work, part * HEIGHT * 4 * lanes)
    samples, units = (1, parts) if share else (parts, 1)
    H_ = -(-H // lanes) * lanes
    n0, n1 = bound(N, part % samples, samples, HEIGHT), bound(N, part % samples + 1, samples, HEIGHT)
    j0, j1 = bound(H, part % units, units, lanes), bound(H, part % units + 1, units, lanes)
    r0, r1 = bound(R, part % units, units, width), bound(R, part % units + 1, units, width)
    for turn in range(count // parts, count // parts + 1 if share else T * phases):
        t = turn // phases
        hidden_t = simd.at(hidden, t * N * H if kept or phases == 1 else 0)
        if turn % phases == 1:
            _project(hidden_t, H, projection, simd.at(output, t * N * R), R, n0, n1, r0, r1, tile)
            continue
        h = simd.at(output, (t - 1) * N * R) if t > 0 else h0
        before = simd.at(cells, (t - 1) * N * H) if t > 0 else c0
        for j in range(j0, j1, lanes):
            for n in range(n0, n1, HEIGHT):
                rows, x_n, unit = min(HEIGHT, n1 - n), simd.at(x, (t * N + n) * D), n * H + j
                _units(x_n, D, simd.at(h, n * R), R, simd.at(weight, 4 * j * (D + R)), tile, rows)
                into, cell = simd.at(gates, (t * N * H_ + j * N + n * lanes) * 4), simd.at(cells, t * N * H + unit)
                states = simd.at(before, unit), cell, simd.at(hidden_t, unit)
                _cells(tile, simd.at(bias, j), H, min(lanes, H - j), rows, into, *states, kept, x_n, D, masked)
