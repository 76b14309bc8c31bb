"""The steps of SeqGRU forward: products with packed weights, the gates applied to each panel's sums."""

from __future__ import annotations

from ..cpu.gemm.microkernel import COLUMNS, ROWS
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import unpack
from ..cpu.runtime.supersteps import relay
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .seq_gru_panels import BLOCK, pack, product, share


@inner
def _gates(h, weights, gates, reset, H, first, last, j, stop, work):
    """r and u from their sums, in place, and ``reset = r * h``, for columns j to stop of r and u side by side."""
    width = COLUMNS * simd.lanes(gates)
    for n in range(first, last, BLOCK):
        rows, old, sums = min(BLOCK, last - n), simd.at(h, n * H), simd.at(gates, n * 3 * H)
        pack(old, H, rows, H, work)
        for k in range(j, stop, width):
            end = min(k + width, stop)
            product(work, rows, H, weights, k, end, simd.at(sums, k), 3 * H, True)
            _reset(sums, old, simd.at(reset, n * H), H, rows, k, end)


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
def _candidate(h, weights, gates, reset, output, zero, H, first, last, j, stop, work):
    """The candidate from its sums, in place, and the output, for columns j to stop."""
    width = COLUMNS * simd.lanes(gates)
    for n in range(first, last, BLOCK):
        rows, sums = min(BLOCK, last - n), simd.at(gates, n * 3 * H)
        pack(simd.at(reset, n * H), H, rows, H, work)
        for k in range(j, stop, width):
            end = min(k + width, stop)
            product(work, rows, H, weights, k, end, simd.at(sums, 2 * H + k), 3 * H, True)
            _output(sums, simd.at(h, n * H), simd.at(output, n * H), simd.at(zero, n), H, rows, k, end)


@inner
def _output(gates, h, output, zero, H, rows, j, stop):
    lanes = simd.lanes(gates)
    for n in range(rows):
        for k in range(j, stop, lanes):
            gate, count = simd.at(gates, n * 3 * H + k), stop - k
            u, g = simd.load_first(gate, H, count), vecmath.tanh(simd.load_first(gate, 2 * H, count))
            y = simd.fma(u, simd.load_first(h, n * H + k, count), (1 - u) * g)
            if simd.get(zero, n) != 0:
                g, y = simd.splat(gate, 0), simd.splat(gate, 0)
                simd.store_first(gate, 0, g, count)
                simd.store_first(gate, H, g, count)
            simd.store_first(gate, 2 * H, g, count)
            simd.store_first(output, n * H + k, y, count)


@relay
def run_forward(frame, like, count, parts):
    """One phase of one step for a share of the units, or all steps for a share of the samples."""
    args = unpack(frame, like, "pppptpppiiiii")
    h0, gates, reset, output, zero, both, candidate, work, T, N, H, shared, room = args
    turn, part = count // parts, count % parts
    work, width = simd.at(work, part * room), COLUMNS * simd.lanes(gates)
    first, last = share(N, part, parts, shared == 0, ROWS)
    j, stop = share(2 * H, part, parts, shared != 0, width)
    k, end = share(H, part, parts, shared != 0, width)
    for phase in range(turn if shared else 0, turn + 1 if shared else 2 * T):
        t = phase // 2
        h = simd.at(output, (t - 1) * N * H) if t else h0
        sums, product, y = simd.at(gates, t * N * 3 * H), simd.at(reset, t * N * H), simd.at(output, t * N * H)
        if phase % 2 == 0:
            _gates(h, both, sums, product, H, first, last, j, stop, work)
        else:
            _candidate(h, candidate, sums, product, y, simd.at(zero, t * N), H, first, last, k, end, work)
