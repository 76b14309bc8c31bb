"""SeqLSTM and SeqLSTMP forward: a whole sequence of LSTM steps, gates in blocks i, f, o, g.

The weights are packed once a call in panels of one vector of units times four gates. A tile, some samples by one such
panel, sums ``x[t] W_x + h[t-1] W_h``, and the gates are applied to it while it is in the first cache. With a projection
a second phase of the step makes the output from the hidden units. Of few samples, less than a tile, the products with x
are made for several steps at once.

The threads share out the samples, each going through all steps with its own. Where there are too few of them they share
out the units, and meet after every phase.
"""

from __future__ import annotations

from typing import NamedTuple

from ..cpu.gemm.packing import pack_rows
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region, supersteps
from ..cpu.runtime.partition import bound
from ..cpu.runtime.records import Int, Pointer
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .panels import HEIGHT, Sizes, pack_gates, panel_at, panel_product, store_edge


class LSTM(NamedTuple):
    """What a sequence reads and writes: packed weights, gates in panels, the others [step][sample][unit]."""

    x: Pointer
    h0: Pointer
    c0: Pointer
    weight: Pointer
    bias: Pointer
    projection: Pointer
    gates: Pointer
    cells: Pointer
    hidden: Pointer
    output: Pointer


class Schedule(NamedTuple):
    """How the steps are made."""

    #: Elements from the hidden units of a step to those of the next, 0 where only one step is kept.
    apart: Int
    #: The gates of so many steps are kept.
    kept: Int
    #: Whether samples that are zero give zeros.
    masked: Int
    #: Phases of a step: 2 with a projection.
    phases: Int
    #: Whether the threads share out the units, not the samples.
    shared: Int
    #: The inputs of so many steps, unless it is 1, are multiplied at once.
    chunk: Int


class Units(NamedTuple):
    """Where a vector of units of some samples begins."""

    bias: Pointer
    gates: Pointer
    before: Pointer
    cell: Pointer
    hidden: Pointer
    x: Pointer


@parallel_region
def pack(
    weight: Pointer, sizes: Sizes, out: Pointer, projection: Pointer, projected: Int, panels: Pointer, part, parts
):
    """Panels of part number ``part`` of the weights' rows, and of the projection."""
    K, H, R = sizes.D + sizes.R, sizes.H, sizes.R
    pack_gates(weight, H, K, bound(K, part, parts, 1), bound(K, part + 1, parts, 1), out)
    if part == 0 and projected:
        pack_rows(projection, R, H, R, 2 * simd.lanes(weight), panels)


@inner
def is_zero(x, n):
    """Whether n elements are zero."""
    i = 0
    while i < n and simd.get(x, i) == 0:
        i += 1
    return i == n


@inner
def _cells(tile, units, sizes, count, rows, masked):
    """Gates, cells and outputs of ``count`` units of some samples from the sums of their gates."""
    lanes, H, D, bias = simd.lanes(tile), sizes.H, sizes.D, units.bias
    zero = simd.splat(tile, 0)
    bi, bf = simd.load_first(bias, 0, count), simd.load_first(bias, H, count)
    bo, bg = simd.load_first(bias, 2 * H, count), simd.load_first(bias, 3 * H, count)
    for m in range(rows):
        sums = simd.at(tile, 4 * m * lanes)
        i, f = vecmath.sigmoid(simd.load(sums, 0) + bi), vecmath.sigmoid(simd.load(sums, lanes) + bf)
        o, g = vecmath.sigmoid(simd.load(sums, 2 * lanes) + bo), vecmath.tanh(simd.load(sums, 3 * lanes) + bg)
        c = simd.fma(f, simd.load_first(units.before, m * H, count), i * g)
        h = o * vecmath.tanh(c)
        if masked and is_zero(simd.at(units.x, m * D), D):
            i, f, o, g, c, h = zero, zero, zero, zero, zero, zero
        kept = simd.at(units.gates, 4 * m * lanes)
        simd.store(kept, 0, i)
        simd.store(kept, lanes, f)
        simd.store(kept, 2 * lanes, o)
        simd.store(kept, 3 * lanes, g)
        simd.store_first(units.cell, m * H, c, count)
        simd.store_first(units.hidden, m * H, h, count)


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
        panel_product(x, size, rows, 0, half, 0, width, simd.at(out, pair * width), 2 * width, add, 1, size)


@inner
def _input_rows(net, sizes, kept, rows, j, tile):
    """The inputs' part of the sums of one vector of units, for ``rows``: step, first sample, count."""
    lanes, N, D = simd.lanes(tile), sizes.N, sizes.D
    s, first, count = rows
    panel = simd.at(net.weight, 4 * j * (D + sizes.R))
    for n in range(0, count, HEIGHT):
        many, x = min(HEIGHT, count - n), simd.at(net.x, (s * N + first + n) * D)
        sums = simd.at(net.gates, panel_at(j // lanes, s % kept, first + n, kept, N) * 4 * lanes)
        if many == HEIGHT:
            _product(x, D, many, panel, D + sizes.R, sums, 0)
        else:
            _product(x, D, many, panel, D + sizes.R, tile, 0)
            _copy(tile, sums, many * 4 * lanes)


@inner
def _inputs(net, sizes, kept, steps, samples, units, tile):
    """The inputs' part of the sums of some steps ``(t, count)``, for ranges of samples and units.

    All samples of the steps are taken at once where they lie side by side.
    """
    (t, many), (first, last) = steps, samples
    runs, count = (1, many * sizes.N) if last - first == sizes.N else (many, last - first)
    for j in range(units[0], units[1], simd.lanes(tile)):
        for s in range(t, t + runs):
            _input_rows(net, sizes, kept, (s, first, count), j, tile)


@inner
def _step(net, sizes, plan, t, samples, units, tile):
    """Gates, cells and hidden units of a step, for ranges of samples and of units."""
    N, D, H, R, lanes = sizes.N, sizes.D, sizes.H, sizes.R, simd.lanes(tile)
    h = simd.at(net.output, (t - 1) * N * R) if t > 0 else net.h0
    before = simd.at(net.cells, (t - 1) * N * H) if t > 0 else net.c0
    for j in range(units[0], units[1], lanes):
        by_x = simd.at(net.weight, 4 * j * (D + R))
        by_h = simd.at(by_x, D * 2 * lanes)
        for n in range(samples[0], samples[1], HEIGHT):
            rows, unit, x = min(HEIGHT, samples[1] - n), n * H + j, simd.at(net.x, (t * N + n) * D)
            gates = simd.at(net.gates, panel_at(j // lanes, t % plan.kept, n, plan.kept, N) * 4 * lanes)
            if plan.chunk == 1:
                _product(x, D, rows, by_x, D + R, tile, 0)
            else:
                _copy(gates, tile, rows * 4 * lanes)
            _product(simd.at(h, n * R), R, rows, by_h, D + R, tile, 1)
            cell, hidden = simd.at(net.cells, t * N * H + unit), simd.at(net.hidden, t * plan.apart + unit)
            vector = Units(simd.at(net.bias, j), gates, simd.at(before, unit), cell, hidden, x)
            _cells(tile, vector, sizes, min(lanes, H - j), rows, plan.masked)


@inner
def _project(net, sizes, apart, t, samples, columns, tile):
    """The output of a step, for ranges of samples and of columns."""
    N, H, R, width = sizes.N, sizes.H, sizes.R, 2 * simd.lanes(tile)
    for j in range(columns[0], columns[1], width):
        panel = simd.at(net.projection, j * H)
        for n in range(samples[0], samples[1], HEIGHT):
            rows = min(HEIGHT, samples[1] - n)
            hidden = simd.at(net.hidden, t * apart + n * H)
            panel_product(hidden, H, rows, 0, panel, 0, width, tile, width, 0, 1, H)
            store_edge(tile, rows, R - j, simd.at(net.output, (t * N + n) * R + j), R)


@supersteps
def run_forward(net: LSTM, sizes: Sizes, plan: Schedule, work: Pointer, turn, part, parts):
    """One part of one phase of a step if the units are shared out, else of all steps."""
    T, N, H, R, lanes, phases = sizes.T, sizes.N, sizes.H, sizes.R, simd.lanes(work), plan.phases
    tile = simd.at(work, part * HEIGHT * 4 * lanes)
    p, parts_n, q, parts_h = (0, 1, part, parts) if plan.shared else (part, parts, 0, 1)
    samples = bound(N, p, parts_n, HEIGHT), bound(N, p + 1, parts_n, HEIGHT)
    units = bound(H, q, parts_h, lanes), bound(H, q + 1, parts_h, lanes)
    columns = bound(R, q, parts_h, 2 * lanes), bound(R, q + 1, parts_h, 2 * lanes)
    for phase in range(turn, turn + 1 if plan.shared else T * phases):
        t = phase // phases
        if phase % phases == 0:
            if plan.chunk > 1 and t % plan.chunk == 0:
                _inputs(net, sizes, plan.kept, (t, min(plan.chunk, T - t)), samples, units, tile)
            _step(net, sizes, plan, t, samples, units, tile)
        else:
            _project(net, sizes, plan.apart, t, samples, columns, tile)
