"""SeqLSTM and SeqLSTMP backward: the gradients of inputs and states, step by step from the last.

The gates of a step are overwritten by the gradients of their sums, tile by tile: ``gates[t + 1] W_h^T`` for some
samples and two vectors of units, to which the gates' derivatives are applied while it is in the first cache. With a
projection that product is the gradient of the output, and a second phase of the step leads it to the units.

The threads share out samples or units, as in :mod:`seq_lstm_forward`.
"""

from __future__ import annotations

from typing import NamedTuple

from ..cpu.gemm.packing import pack_columns
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region, supersteps
from ..cpu.runtime.partition import bound
from ..cpu.runtime.records import Int, Pointer
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .panels import HEIGHT, Sizes, pack_inputs, panel_at, panel_product, store_edge


class Panels(NamedTuple):
    """The transposed weights, packed: by inputs, by outputs, and the projection by units."""

    by_x: Pointer
    by_h: Pointer
    by_hidden: Pointer


class Gradients(NamedTuple):
    """What is read and written: gates in panels, the others [step][sample][unit], gradH and gradC of one step."""

    gates: Pointer
    cells: Pointer
    c0: Pointer
    gradOutput: Pointer
    gradH: Pointer
    gradC: Pointer
    gradInput: Pointer
    gradTotal: Pointer


class Schedule(NamedTuple):
    """Phases of a step, 2 with a projection; whether units are shared out; gradInput of a chunk is made at once."""

    phases: Int
    shared: Int
    chunk: Int


@parallel_region
def pack_transposed(weight: Pointer, projection: Pointer, projected: Int, sizes: Sizes, panels: Panels, part, parts):
    """Part number ``part`` of the panels of the transposed weights, and of the projection."""
    D, H, R, lanes = sizes.D, sizes.H, sizes.R, simd.lanes(weight)
    width, K = 2 * lanes, (H + lanes - 1) // lanes * 4 * lanes
    for j in range(bound(D, part, parts, width), bound(D, part + 1, parts, width), width):
        pack_inputs(simd.at(weight, j * 4 * H), H, D - j, simd.at(panels.by_x, j * K))
    for j in range(bound(R, part, parts, width), bound(R, part + 1, parts, width), width):
        pack_inputs(simd.at(weight, (D + j) * 4 * H), H, R - j, simd.at(panels.by_h, j * K))
    if projected:
        K = (R + lanes - 1) // lanes * lanes
        for j in range(bound(H, part, parts, width), bound(H, part + 1, parts, width), width):
            target = simd.at(panels.by_hidden, j * K)
            pack_columns(simd.at(projection, j * R), R, R, min(width, H - j), width, target)


@inner
def _by_inputs(net, sizes, row, panels, j, tile, rows):
    """The gates' gradients of some samples times two vectors of columns of the transposed weights."""
    lanes, apart = simd.lanes(tile), panel_at(1, 0, 0, sizes.T, sizes.N)
    units, width = (sizes.H + lanes - 1) // lanes, 2 * lanes
    sums, panel, K = simd.at(net.gates, row * 2 * width), simd.at(panels, j * units * 2 * width), 2 * width
    panel_product(sums, K, rows, apart * K, panel, K * width, width, tile, width, 0, units, K)


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
def _through_gates(net, sizes, t, n, rows, j, tile):
    """What the gradient of two vectors of units in a tile does to the gates and to the gradient of the cell."""
    T, N, H, lanes = sizes.T, sizes.N, sizes.H, simd.lanes(tile)
    for k in range(j, min(j + 2 * lanes, H), lanes):
        unit, kept = n * H + k, panel_at(k // lanes, t, n, T, N) * 4 * lanes
        before = simd.at(net.cells, (t - 1) * N * H + unit) if t > 0 else simd.at(net.c0, unit)
        states = before, simd.at(net.cells, t * N * H + unit), simd.at(net.gradC, unit)
        _derivatives(simd.at(tile, k - j), rows, H, min(lanes, H - k), simd.at(net.gates, kept), *states)


@inner
def _inputs(net, sizes, panels, steps, samples, columns, tile):
    """gradInput of some steps ``(t, count)``, for ranges of samples and columns.

    All samples of the steps are taken at once where they lie side by side.
    """
    (t, many), (first, last), D = steps, samples, sizes.D
    runs, count = (1, many * sizes.N) if last - first == sizes.N else (many, last - first)
    for j in range(columns[0], columns[1], 2 * simd.lanes(tile)):
        for s in range(t, t + runs):
            for n in range(0, count, HEIGHT):
                rows, row = min(HEIGHT, count - n), s * sizes.N + first + n
                _by_inputs(net, sizes, row, panels.by_x, j, tile, rows)
                store_edge(tile, rows, D - j, simd.at(net.gradInput, row * D + j), D)


@inner
def _output_tile(net, sizes, panels, t, n, rows, j, tile):
    """The gradient of a tile of outputs from that of the gates after it, or the last one's."""
    R, at = sizes.R, n * sizes.R + j
    if t + 1 < sizes.T:
        _by_inputs(net, sizes, (t + 1) * sizes.N + n, panels.by_h, j, tile, rows)
    else:
        _put(tile, rows, R - j, simd.at(net.gradH, at), R)
    if t < 0:
        store_edge(tile, rows, R - j, simd.at(net.gradH, at), R)
    else:
        _add(tile, rows, R - j, simd.at(net.gradOutput, t * sizes.N * R + at), R)


@inner
def _outputs(net, sizes, panels, step, samples, columns, tile):
    """The gradient of the output of a step ``(t, phases)``, and what comes of it."""
    (t, phases), R = step, sizes.R
    for j in range(columns[0], columns[1], 2 * simd.lanes(tile)):
        for n in range(samples[0], samples[1], HEIGHT):
            rows = min(HEIGHT, samples[1] - n)
            _output_tile(net, sizes, panels, t, n, rows, j, tile)
            if t >= 0 and phases == 1:
                _through_gates(net, sizes, t, n, rows, j, tile)
            elif t >= 0:
                store_edge(tile, rows, R - j, simd.at(net.gradTotal, (t * sizes.N + n) * R + j), R)


@inner
def _hidden(net, sizes, panels, t, samples, units, tile):
    """The gradient of the hidden units of a step from that of its output, and what comes of it."""
    N, R, lanes = sizes.N, sizes.R, simd.lanes(tile)
    for j in range(units[0], units[1], 2 * lanes):
        panel = simd.at(panels.by_hidden, j * ((R + lanes - 1) // lanes * lanes))
        for n in range(samples[0], samples[1], HEIGHT):
            rows, d = min(HEIGHT, samples[1] - n), simd.at(net.gradTotal, (t * N + n) * R)
            panel_product(d, R, rows, 0, panel, 0, 2 * lanes, tile, 2 * lanes, 0, 1, R)
            _through_gates(net, sizes, t, n, rows, j, tile)


@supersteps
def run_backward(net: Gradients, panels: Panels, sizes: Sizes, plan: Schedule, work: Pointer, turn, part, parts):
    """One part of one phase of a step if the units are shared out, else of all steps."""
    T, N, D, H, R, phases, width = sizes.T, sizes.N, sizes.D, sizes.H, sizes.R, plan.phases, 2 * simd.lanes(work)
    tile = simd.at(work, part * HEIGHT * width)
    p, parts_n, q, parts_h = (0, 1, part, parts) if plan.shared else (part, parts, 0, 1)
    samples = bound(N, p, parts_n, HEIGHT), bound(N, p + 1, parts_n, HEIGHT)
    units = bound(H, q, parts_h, width), bound(H, q + 1, parts_h, width)
    inputs = bound(D, q, parts_h, width), bound(D, q + 1, parts_h, width)
    outputs = bound(R, q, parts_h, width), bound(R, q + 1, parts_h, width)
    for phase in range(turn, turn + 1 if plan.shared else (T + 1) * phases):
        t = T - 1 - phase // phases
        if phase % phases == 1:
            if t >= 0:
                _hidden(net, sizes, panels, t, samples, units, tile)
            continue
        if t + 1 < T and (t + 1) % plan.chunk == 0:
            _inputs(net, sizes, panels, (t + 1, min(plan.chunk, T - t - 1)), samples, inputs, tile)
        _outputs(net, sizes, panels, (t, phases), samples, outputs, tile)
