"""SeqLSTM and SeqLSTMP forward: a whole sequence of LSTM steps, gates in blocks i, f, o, g.

The weights are packed once a call in panels of one vector of units times four gates. A tile, some samples by one such
panel, sums ``x[t] W_x + h[t-1] W_h``, and the gates are applied to it while it is in the first cache. With a projection
a second phase of the step makes the output from the hidden units. Of few samples, less than a tile, the products with x
are made for several steps at once.

The threads share out the samples, each going through all steps with its own. Where there are too few of them they share
out the units, and meet after every phase.
"""

from __future__ import annotations

from ..cpu.gemm.packing import pack_rows
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound
from ..cpu.runtime.supersteps import relay
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .panels import HEIGHT, pack_gates, panel_at, take, times


@team
def pack(frame, like, part, parts):
    """Panels of part number ``part`` of the weights' rows, and of the projection."""
    weight, K, H, out, projection, R, panels = unpack(frame, like, "piippip")
    pack_gates(weight, H, K, bound(K, part, parts, 1), bound(K, part + 1, parts, 1), out)
    if part == 0 and R > 0:
        pack_rows(projection, R, H, R, 2 * simd.lanes(weight), panels)


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
def _copy(x, out, count):
    """``count`` elements, whole vectors."""
    for v in range(0, count, simd.lanes(x)):
        simd.store(out, v, simd.load(x, v))


@inner
def _product(x, size, rows, panel, K, out, add):
    """out = x panel, or out += x panel, for the four gates of a vector of units; K rows part the pairs of a panel."""
    width = 2 * simd.lanes(out)
    for pair in range(2):
        half = simd.at(panel, pair * K * width)
        times(x, size, rows, 0, half, 0, width, simd.at(out, pair * width), 2 * width, add, 1, size)


@inner
def _inputs(args, t, steps, first, last, left, right, tile):
    """The inputs' part of the sums of some steps, for samples ``first`` to ``last`` and units ``left`` to ``right``.

    All samples of the steps are taken at once where they lie side by side.
    """
    x, weight, gates = args[0], args[3], args[6]
    N, D, R, kept = args[12], args[13], args[15], args[17]
    lanes = simd.lanes(tile)
    runs, count = (1, steps * N) if last - first == N else (steps, last - first)
    for j in range(left, right, lanes):
        panel = simd.at(weight, 4 * j * (D + R))
        for s in range(t, t + runs):
            for n in range(0, count, HEIGHT):
                rows, x_n = min(HEIGHT, count - n), simd.at(x, (s * N + first + n) * D)
                sums = simd.at(gates, panel_at(j // lanes, s % kept, first + n, kept, N) * 4 * lanes)
                if rows == HEIGHT:
                    _product(x_n, D, rows, panel, D + R, sums, 0)
                else:
                    _product(x_n, D, rows, panel, D + R, tile, 0)
                    _copy(tile, sums, rows * 4 * lanes)


@inner
def _step(args, t, first, last, left, right, tile):
    """Gates, cells and hidden units of a step, for samples ``first`` to ``last`` and units ``left`` to ``right``."""
    x, h0, c0, weight, bias, _, gates, cells, hidden, output = args[:10]
    N, D, H, R, apart, kept, masked, _, _, chunk = args[12:]
    lanes = simd.lanes(tile)
    h = simd.at(output, (t - 1) * N * R) if t > 0 else h0
    before = simd.at(cells, (t - 1) * N * H) if t > 0 else c0
    for j in range(left, right, lanes):
        by_x = simd.at(weight, 4 * j * (D + R))
        by_h = simd.at(by_x, D * 2 * lanes)
        for n in range(first, last, HEIGHT):
            rows, unit, x_n = min(HEIGHT, last - n), n * H + j, simd.at(x, (t * N + n) * D)
            into = simd.at(gates, panel_at(j // lanes, t % kept, n, kept, N) * 4 * lanes)
            if chunk == 1:
                _product(x_n, D, rows, by_x, D + R, tile, 0)
            else:
                _copy(into, tile, rows * 4 * lanes)
            _product(simd.at(h, n * R), R, rows, by_h, D + R, tile, 1)
            states = simd.at(before, unit), simd.at(cells, t * N * H + unit), simd.at(hidden, t * apart + unit)
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
    apart, kept, masked, phases, 20 share, chunk: the hidden units of two steps are so many elements ``apart``, the
    gates of so many steps are ``kept``, the inputs of a ``chunk`` of steps, unless it is 1, are multiplied at once.
    """
    args = unpack(frame, like, "pppppppppppiiiiiiiiiii")
    T, N, H, R, phases, share, chunk = args[11], args[12], args[14], args[15], args[19], args[20], args[21]
    part, lanes = count % parts, simd.lanes(like)
    tile = simd.at(args[10], part * HEIGHT * 4 * lanes)
    p, samples, q, columns = (0, 1, part, parts) if share else (part, parts, 0, 1)
    n0, n1 = bound(N, p, samples, HEIGHT), bound(N, p + 1, samples, HEIGHT)
    for turn in range(count // parts, count // parts + 1 if share else T * phases):
        t = turn // phases
        if turn % phases == 0:
            j0, j1 = bound(H, q, columns, lanes), bound(H, q + 1, columns, lanes)
            if chunk > 1 and t % chunk == 0:
                _inputs(args, t, min(chunk, T - t), n0, n1, j0, j1, tile)
            _step(args, t, n0, n1, j0, j1, tile)
        else:
            _project(args, t, n0, n1, bound(R, q, columns, 2 * lanes), bound(R, q + 1, columns, 2 * lanes), tile)
