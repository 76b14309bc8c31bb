"""The steps of SeqGRU forward: products with packed weights, the gates applied to each panel's sums."""

from __future__ import annotations

from typing import NamedTuple

from ..cpu.gemm.macrokernel import Target
from ..cpu.gemm.microkernel import COLUMNS, ROWS
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import supersteps
from ..cpu.runtime.records import Int, Pointer, Table
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .seq_gru_panels import BLOCK_ROWS, Room, Sizes, Tiles, pack, product, share


class GRU(NamedTuple):
    """The state before, sums and gates r, u, c side by side, r * h, outputs; marks of zero samples; packed weights."""

    h0: Pointer
    gates: Pointer
    reset: Pointer
    output: Pointer
    zero: Table
    both: Pointer
    candidate: Pointer


class Step(NamedTuple):
    """What belongs to one step; ``h`` is the output before."""

    h: Pointer
    gates: Pointer
    reset: Pointer
    output: Pointer
    zero: Table
    H: Int


@inner
def _gates(step, weights, tiles):
    """r and u from their sums, in place, and ``reset = r * h``, for some columns of r and u side by side."""
    H, width, work = step.H, COLUMNS * simd.lanes(step.gates), tiles.work
    for n in range(tiles.first, tiles.last, BLOCK_ROWS):
        rows, old, sums = min(BLOCK_ROWS, tiles.last - n), simd.at(step.h, n * H), simd.at(step.gates, n * 3 * H)
        pack(old, H, rows, H, work)
        for k in range(tiles.left, tiles.right, width):
            end, c = min(k + width, tiles.right), simd.at(sums, k)
            product(work, rows, H, weights, (k, end), Target(c, 3 * H, c, 3 * H, True))
            _reset(sums, old, simd.at(step.reset, n * H), H, rows, k, end)


@inner
def _reset(gates, h, reset, H, rows, j, stop):
    lanes = simd.lanes(gates)
    for n in range(rows):
        for k in range(j, stop, lanes):
            v = vecmath.sigmoid(simd.load_first(gates, n * 3 * H + k, stop - k))
            simd.store_first(gates, n * 3 * H + k, v, stop - k)
            if k < H:
                count = min(stop, H) - k
                simd.store_first(reset, n * H + k, v * simd.load_first(h, n * H + k, count), count)


@inner
def _candidate(step, weights, tiles):
    """The candidate from its sums, in place, and the output, for some columns."""
    H, width, work = step.H, COLUMNS * simd.lanes(step.gates), tiles.work
    for n in range(tiles.first, tiles.last, BLOCK_ROWS):
        rows, sums = min(BLOCK_ROWS, tiles.last - n), simd.at(step.gates, n * 3 * H)
        pack(simd.at(step.reset, n * H), H, rows, H, work)
        for k in range(tiles.left, tiles.right, width):
            end, c = min(k + width, tiles.right), simd.at(sums, 2 * H + k)
            product(work, rows, H, weights, (k, end), Target(c, 3 * H, c, 3 * H, True))
            _output(step, n, rows, k, end)


@inner
def _output(step, first, rows, j, stop):
    """The output of ``rows`` samples from ``first`` on, for columns j to stop."""
    H, lanes = step.H, simd.lanes(step.gates)
    for n in range(first, first + rows):
        for k in range(j, stop, lanes):
            gate, count = simd.at(step.gates, n * 3 * H + k), stop - k
            u, g = simd.load_first(gate, H, count), vecmath.tanh(simd.load_first(gate, 2 * H, count))
            y = simd.fma(u, simd.load_first(step.h, n * H + k, count), (1 - u) * g)
            if simd.get(step.zero, n) != 0:
                g, y = simd.splat(gate, 0), simd.splat(gate, 0)
                simd.store_first(gate, 0, g, count)
                simd.store_first(gate, H, g, count)
            simd.store_first(gate, 2 * H, g, count)
            simd.store_first(step.output, n * H + k, y, count)


@supersteps
def run_forward(net: GRU, sizes: Sizes, room: Room, turn, part, parts):
    """One phase of one step for a share of the units, or all steps for a share of the samples."""
    T, N, H, shared = sizes.T, sizes.N, sizes.H, room.shared
    work, width = simd.at(room.work, part * room.size), COLUMNS * simd.lanes(room.work)
    first, last = share(N, part, parts, shared == 0, ROWS)
    j, stop = share(2 * H, part, parts, shared != 0, width)
    k, end = share(H, part, parts, shared != 0, width)
    for phase in range(turn if shared else 0, turn + 1 if shared else 2 * T):
        t = phase // 2
        h = simd.at(net.output, (t - 1) * N * H) if t else net.h0
        gates, reset = simd.at(net.gates, t * N * 3 * H), simd.at(net.reset, t * N * H)
        step = Step(h, gates, reset, simd.at(net.output, t * N * H), simd.at(net.zero, t * N), H)
        if phase % 2 == 0:
            _gates(step, net.both, Tiles(first, last, j, stop, work))
        else:
            _candidate(step, net.candidate, Tiles(first, last, k, end, work))
