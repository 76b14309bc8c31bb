"""The gates of one step of LSTM and GRU, forward and backward, between the products of :mod:`grouped`.

Frames hold addresses of N x H matrices and then N and H; sums of several gates lie side by side in wider rows.
"""

from __future__ import annotations

from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@team
def lstm_forward(frame, like, part, parts):
    """Gates, cells and outputs. After the common part of the frame come a, b, w, p, s, y of the gates i, f, z, o.

    The sum is s = a + b + p with p = w * c; with peephole 0 there is no p. a, b and s have rows of ``stride``.
    """
    before, iz, fc, cell, squashed, output, N, H, stride, peephole = unpack(frame, like, "ppppppiiii")
    i, f, z, o = simd.at(frame, 10), simd.at(frame, 16), simd.at(frame, 22), simd.at(frame, 28)
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(like)):
            at, wide, count = n * H + k, n * stride + k, H - k
            c = simd.load_first(before, at, count)
            vi = _kept(i, like, vecmath.sigmoid(_sum(i, like, peephole, c, wide, at, k, count)), at, count)
            vf = _kept(f, like, vecmath.sigmoid(_sum(f, like, peephole, c, wide, at, k, count)), at, count)
            vz = _kept(z, like, vecmath.tanh(_sum(z, like, 0, c, wide, at, k, count)), at, count)
            added, kept = vi * vz, vf * c
            c = added + kept
            vo = _kept(o, like, vecmath.sigmoid(_sum(o, like, peephole, c, wide, at, k, count)), at, count)
            t = vecmath.tanh(c)
            simd.store_first(iz, at, added, count)
            simd.store_first(fc, at, kept, count)
            simd.store_first(cell, at, c, count)
            simd.store_first(squashed, at, t, count)
            simd.store_first(output, at, vo * t, count)


@inner
def _sum(gate, like, peephole, c, wide, at, k, count):
    a, b, w, p, s = unpack(gate, like, "ppppp")
    v = simd.load_first(a, wide, count) + simd.load_first(b, wide, count)
    if peephole:
        product = simd.load_first(w, k, count) * c
        simd.store_first(p, at, product, count)
        v = v + product
    simd.store_first(s, wide, v, count)
    return v


@inner
def _kept(gate, like, v, at, count):
    y = unpack(gate, like, "pppppp")[5]
    simd.store_first(y, at, v, count)
    return v


@team
def lstm_backward(frame, like, part, parts):
    """The gradients of the sums, in rows of blocks i, z, f, o, and of the cells before."""
    args = unpack(frame, like, "pppppppppppppiii")
    before, squashed, i, f, z, o, wi, wf, wo, dh, dcell, dsums, dbefore, N, H, peephole = args
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(like)):
            at, count = n * H + k, H - k
            d, t = simd.load_first(dh, at, count), simd.load_first(squashed, at, count)
            vi, vf = simd.load_first(i, at, count), simd.load_first(f, at, count)
            vz, vo = simd.load_first(z, at, count), simd.load_first(o, at, count)
            do = d * t * vo * (1 - vo)
            dc = simd.load_first(dcell, at, count) + d * vo * (1 - t * t)
            if peephole:
                dc = dc + do * simd.load_first(wo, k, count)
            di, df = dc * vz * vi * (1 - vi), dc * simd.load_first(before, at, count) * vf * (1 - vf)
            dc0 = dc * vf
            if peephole:
                dc0 = dc0 + di * simd.load_first(wi, k, count) + df * simd.load_first(wf, k, count)
            row = simd.at(dsums, n * 4 * H + k)
            simd.store_first(row, 0, di, count)
            simd.store_first(row, H, dc * vi * (1 - vz * vz), count)
            simd.store_first(row, 2 * H, df, count)
            simd.store_first(row, 3 * H, do, count)
            simd.store_first(dbefore, at, dc0, count)


@team
def sums(frame, like, part, parts):
    """For each entry: target += scale * sum over n of dsums[n] * factor[n], for H columns; factor may be missing."""
    dsums, width, N, H, scale, count = unpack(frame, like, "piiifi")
    for entry in range(count):
        column, factor, has_factor, target = unpack(simd.at(frame, 6 + 4 * entry), like, "ipip")
        for k in range(0, H, simd.lanes(like)):
            total = simd.splat(like, 0)
            for n in range(N):
                v = simd.load_first(dsums, n * width + column + k, H - k)
                if has_factor:
                    v = v * simd.load_first(factor, n * H + k, H - k)
                total = total + v
            simd.store_first(target, k, simd.fma(total, scale, simd.load_first(target, k, H - k)), H - k)
