"""The steps of SeqGRU backward: gradients of the gates' sums, products with packed transposed weights."""

from __future__ import annotations

from ..cpu.gemm.microkernel import COLUMNS, ROWS
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import unpack
from ..cpu.runtime.supersteps import relay
from ..cpu.simd import registers as simd
from .seq_gru_panels import BLOCK, pack, panel_of, product, share


@inner
def _candidate(gates, h, gradOutput, dh, dgates, zero, H, first, last, j, stop):
    """The gradients of the sums of u and the candidate, for columns j to stop; dh becomes its direct part by h."""
    lanes = simd.lanes(gates)
    for n in range(first, last):
        for k in range(j, stop, lanes):
            i, count = n * H + k, stop - k
            gate, dgate = simd.at(gates, n * 3 * H + k), simd.at(dgates, n * 3 * H + k)
            u, g = simd.load_first(gate, H, count), simd.load_first(gate, 2 * H, count)
            d = simd.load_first(dh, i, count) + simd.load_first(gradOutput, i, count)
            if simd.get(zero, n) != 0:
                d = simd.splat(gate, 0)
            du = d * (simd.load_first(h, i, count) - g) * u * (1 - u)
            simd.store_first(dgate, H, du, count)
            simd.store_first(dgate, 2 * H, d * (1 - u) * (1 - g * g), count)
            simd.store_first(dh, i, d * u, count)


@inner
def _reset(gates, h, weights, dh, dgates, H, first, last, j, stop, work):
    """The gradient of the sum of r from that of ``r * h``, whose part by h is added to dh, for columns j to stop."""
    width, dreset = COLUMNS * simd.lanes(gates), panel_of(work)
    for n in range(first, last, BLOCK):
        rows, dsums = min(BLOCK, last - n), simd.at(dgates, n * 3 * H)
        pack(simd.at(dsums, 2 * H), 3 * H, rows, H, work)
        for k in range(j, stop, width):
            end = min(k + width, stop)
            product(work, rows, H, weights, k, end, dreset, width, False)
            _through(dreset, simd.at(gates, n * 3 * H), simd.at(h, n * H), simd.at(dh, n * H), dsums, H, rows, k, end)


@inner
def _through(dreset, gates, h, dh, dgates, H, rows, j, stop):
    lanes = simd.lanes(gates)
    for n in range(rows):
        for k in range(j, stop, lanes):
            i, count = n * H + k, stop - k
            d, r = simd.load(dreset, n * COLUMNS * lanes + k - j), simd.load_first(gates, n * 3 * H + k, count)
            dr = d * simd.load_first(h, i, count) * r * (1 - r)
            simd.store_first(dgates, n * 3 * H + k, dr, count)
            simd.store_first(dh, i, simd.fma(d, r, simd.load_first(dh, i, count)), count)


@inner
def _previous(dgates, weights, dh, H, first, last, j, stop, work):
    """dh += what comes through r and u, for columns j to stop."""
    width = COLUMNS * simd.lanes(dh)
    for n in range(first, last, BLOCK):
        rows = min(BLOCK, last - n)
        pack(simd.at(dgates, n * 3 * H), 3 * H, rows, 2 * H, work)
        for k in range(j, stop, width):
            c = simd.at(dh, n * H + k)
            product(work, rows, 2 * H, weights, k, min(k + width, stop), c, H, True)


@relay
def run_backward(frame, like, count, parts):
    """A phase of a step for a share of the units, or all steps for a share of the samples.

    Phase 0 begins with the last step's candidate; odd phases go through the candidate of a step to r, the even ones
    after them through r and u to the step before and on to its candidate.
    """
    args = unpack(frame, like, "pppppptpppiiiii")
    h0, gates, output, gradOutput, dh, dgates, zero, both, candidate, work, T, N, H, shared, room = args
    turn, part = count // parts, count % parts
    work, width = simd.at(work, part * room), COLUMNS * simd.lanes(gates)
    first, last = share(N, part, parts, shared == 0, ROWS)
    j, stop = share(H, part, parts, shared != 0, width)
    for phase in range(turn if shared else 0, turn + 1 if shared else 2 * T + 1):
        t = T - (phase + 1) // 2
        if phase % 2:
            old = simd.at(output, (t - 1) * N * H) if t else h0
            step, dstep = simd.at(gates, t * N * 3 * H), simd.at(dgates, t * N * 3 * H)
            _reset(step, old, candidate, dh, dstep, H, first, last, j, stop, work)
        else:
            if t < T:
                _previous(simd.at(dgates, t * N * 3 * H), both, dh, H, first, last, j, stop, work)
            if t > 0:
                t -= 1
                old = simd.at(output, (t - 1) * N * H) if t else h0
                step, dstep = simd.at(gates, t * N * 3 * H), simd.at(dgates, t * N * 3 * H)
                dy, marks = simd.at(gradOutput, t * N * H), simd.at(zero, t * N)
                _candidate(step, old, dy, dh, dstep, marks, H, first, last, j, stop)
