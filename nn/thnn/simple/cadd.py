"""``x += scale * y`` without a temporary: the gradient step of every module."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd

#: Elements from which the threads share the work, which a loop of their own, compiled when it is wanted, is worth.
LARGE = 1 << 17


@inner
def _add(x, scale, y, count):
    for i in range(count):
        simd.put(x, i, simd.get(x, i) + scale * simd.get(y, i))


@kernel
def _cadd(x, scale, y):
    _add(simd.at(x, 0), x.dtype.type(scale), simd.at(y, 0), x.size)


@ranged
def _add_part(low, high, x, scale, y):
    _add(simd.at(x, low), x.dtype.type(scale), simd.at(y, low), high - low)


def cadd(x: Any, scale: float, y: Any) -> None:
    """Add ``scale * y`` to ``x``, element by element; both have one dtype and one element count."""
    if x.size != y.size:
        raise ValueError(f"cannot add {y.size} elements to {x.size}")
    if x.flags.carray and y.flags.c_contiguous and x.dtype.isnative and y.dtype.isnative:
        if x.size < LARGE:
            if x.ndim > 2:  # one compilation less
                x, y = flat(x), flat(y)
            _cadd(x, scale, y)
        else:
            _add_part(x.size, 0.35 * x.size, flat(x), float(scale), flat(y), unit=16)
    else:
        x += (y * y.dtype.type(scale)).reshape(x.shape)
