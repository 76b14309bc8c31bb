"""The steps of SeqGRU backward: gradients of the gates' sums, products with packed transposed weights."""

from __future__ import annotations

from typing import NamedTuple

from ..cpu.gemm.macrokernel import Target
from ..cpu.gemm.microkernel import COLUMNS, ROWS
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import supersteps
from ..cpu.runtime.records import Int, Pointer, Table
from ..cpu.simd import registers as simd
from .seq_gru_panels import BLOCK_ROWS, Room, Sizes, Tiles, pack, panel_of, product, share


class Gradients(NamedTuple):
    """What is read, and the gradients: of one state, of the sums of r, u, c side by side; packed weights."""

    h0: Pointer
    gates: Pointer
    output: Pointer
    gradOutput: Pointer
    dh: Pointer
    dgates: Pointer
    zero: Table
    both: Pointer
    candidate: Pointer


class Step(NamedTuple):
    """What belongs to one step; ``h`` is the output before, ``dh`` the gradient of one state."""

    h: Pointer
    gates: Pointer
    dgates: Pointer
    dh: Pointer
    H: Int


@inner
def _step(net, sizes, t):
    N, H = sizes.N, sizes.H
    h = simd.at(net.output, (t - 1) * N * H) if t else net.h0
    return Step(h, simd.at(net.gates, t * N * 3 * H), simd.at(net.dgates, t * N * 3 * H), net.dh, H)


@inner
def _candidate(step, gradOutput, zero, tiles):
    """The gradients of the sums of u and the candidate, for some columns; dh becomes its direct part by h."""
    H, lanes, stop = step.H, simd.lanes(step.gates), tiles.right
    for n in range(tiles.first, tiles.last):
        for k in range(tiles.left, stop, lanes):
            i, count = n * H + k, stop - k
            gate, dgate = simd.at(step.gates, n * 3 * H + k), simd.at(step.dgates, n * 3 * H + k)
            u, g = simd.load_first(gate, H, count), simd.load_first(gate, 2 * H, count)
            d = simd.load_first(step.dh, i, count) + simd.load_first(gradOutput, i, count)
            if simd.get(zero, n) != 0:
                d = simd.splat(gate, 0)
            du = d * (simd.load_first(step.h, i, count) - g) * u * (1 - u)
            simd.store_first(dgate, H, du, count)
            simd.store_first(dgate, 2 * H, d * (1 - u) * (1 - g * g), count)
            simd.store_first(step.dh, i, d * u, count)


@inner
def _reset(step, weights, tiles):
    """The gradient of the sum of r from that of ``r * h``, whose part by h is added to dh, for some columns."""
    H, width, dreset, work = step.H, COLUMNS * simd.lanes(step.gates), panel_of(tiles.work), tiles.work
    for n in range(tiles.first, tiles.last, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, tiles.last - n)
        pack(simd.at(step.dgates, n * 3 * H + 2 * H), 3 * H, rows, H, work)
        for k in range(tiles.left, tiles.right, width):
            end = min(k + width, tiles.right)
            product(work, rows, H, weights, (k, end), Target(dreset, width, dreset, width, False))
            _through(dreset, step, n, rows, k, end)


@inner
def _through(dreset, step, first, rows, j, stop):
    """From the gradients of ``r * h`` of ``rows`` samples from ``first`` on, in a panel of columns j to stop."""
    H, lanes = step.H, simd.lanes(step.gates)
    for m in range(rows):
        n = first + m
        for k in range(j, stop, lanes):
            i, count = n * H + k, stop - k
            d, r = simd.load(dreset, m * COLUMNS * lanes + k - j), simd.load_first(step.gates, n * 3 * H + k, count)
            dr = d * simd.load_first(step.h, i, count) * r * (1 - r)
            simd.store_first(step.dgates, n * 3 * H + k, dr, count)
            simd.store_first(step.dh, i, simd.fma(d, r, simd.load_first(step.dh, i, count)), count)


@inner
def _previous(step, weights, tiles):
    """dh += what comes through r and u, for some columns."""
    H, width, work = step.H, COLUMNS * simd.lanes(step.dh), tiles.work
    for n in range(tiles.first, tiles.last, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, tiles.last - n)
        pack(simd.at(step.dgates, n * 3 * H), 3 * H, rows, 2 * H, work)
        for k in range(tiles.left, tiles.right, width):
            c = simd.at(step.dh, n * H + k)
            product(work, rows, 2 * H, weights, (k, min(k + width, tiles.right)), Target(c, H, c, H, True))


@supersteps
def run_backward(net: Gradients, sizes: Sizes, room: Room, turn, part, parts):
    """A phase of a step for a share of the units, or all steps for a share of the samples.

    Phase 0 begins with the last step's candidate; odd phases go through the candidate of a step to r, the even ones
    after them through r and u to the step before and on to its candidate.
    """
    T, N, H, shared = sizes.T, sizes.N, sizes.H, room.shared
    width = COLUMNS * simd.lanes(room.work)
    first, last = share(N, part, parts, shared == 0, ROWS)
    j, stop = share(H, part, parts, shared != 0, width)
    tiles = Tiles(first, last, j, stop, simd.at(room.work, part * room.size))
    for phase in range(turn if shared else 0, turn + 1 if shared else 2 * T + 1):
        t = T - (phase + 1) // 2
        if phase % 2:
            _reset(_step(net, sizes, t), net.candidate, tiles)
            continue
        if t < T:
            _previous(_step(net, sizes, t), net.both, tiles)
        if t > 0:
            dy, zero = simd.at(net.gradOutput, (t - 1) * N * H), simd.at(net.zero, (t - 1) * N)
            _candidate(_step(net, sizes, t - 1), dy, zero, tiles)
