"""The gates of one step of GRU, forward and backward, between the products of its maps."""

from __future__ import annotations

from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@team
def gru_gates(frame, like, part, parts):
    """r and u of the sums s = a + b, side by side, and r * h."""
    a, b, s, r, u, h, reset, N, H = unpack(frame, like, "pppppppii")
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(like)):
            at, wide, count = n * H + k, n * 2 * H + k, H - k
            for gate in range(2):
                place = wide + gate * H
                v = simd.load_first(a, place, count) + simd.load_first(b, place, count)
                simd.store_first(s, place, v, count)
                v = vecmath.sigmoid(v)
                if gate:
                    simd.store_first(u, at, v, count)
                else:
                    simd.store_first(r, at, v, count)
                    simd.store_first(reset, at, simd.load_first(h, at, count) * v, count)


@team
def gru_output(frame, like, part, parts):
    """The candidate c = tanh(s) of the sum s = a + b, the rest 1 - u, new = c * rest, kept = h * u and their sum."""
    a, b, s, c, u, rest, new, kept, h, output, N, H = unpack(frame, like, "ppppppppppii")
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(like)):
            at, count = n * H + k, H - k
            v = simd.load_first(a, at, count) + simd.load_first(b, at, count)
            simd.store_first(s, at, v, count)
            v, update = vecmath.tanh(v), simd.load_first(u, at, count)
            added, old = v * (1 - update), simd.load_first(h, at, count) * update
            simd.store_first(c, at, v, count)
            simd.store_first(rest, at, 1 - update, count)
            simd.store_first(new, at, added, count)
            simd.store_first(kept, at, old, count)
            simd.store_first(output, at, added + old, count)


@team
def gru_candidate_gradient(frame, like, part, parts):
    """The gradients of the sums of u and c, in rows of blocks r, u, c, and the direct part of that of h."""
    dy, c, u, h, dsums, dh, N, H = unpack(frame, like, "ppppppii")
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(like)):
            at, count = n * H + k, H - k
            d, v, update = simd.load_first(dy, at, count), simd.load_first(c, at, count), simd.load_first(u, at, count)
            du = d * simd.load_first(h, at, count) - d * v
            row = simd.at(dsums, n * 3 * H + k)
            simd.store_first(row, H, du * update * (1 - update), count)
            simd.store_first(row, 2 * H, d * (1 - update) * (1 - v * v), count)
            simd.store_first(dh, at, d * update, count)


@team
def gru_reset_gradient(frame, like, part, parts):
    """The gradient of the sum of r, and its part of that of h, from that of r * h."""
    dreset, r, h, dsums, dh, N, H = unpack(frame, like, "pppppii")
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(like)):
            at, count = n * H + k, H - k
            d, reset = simd.load_first(dreset, at, count), simd.load_first(r, at, count)
            dr = d * simd.load_first(h, at, count) * reset * (1 - reset)
            simd.store_first(dsums, n * 3 * H + k, dr, count)
            simd.store_first(dh, at, simd.load_first(dh, at, count) + d * reset, count)
