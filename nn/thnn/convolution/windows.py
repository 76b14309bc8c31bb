"""Windows that poolings move over planes."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.simd import registers as simd

#: Places that a float32 holds exactly: offsets in windows are floats while vectors of them are compared.
EXACT = 1 << 24
#: In planes of fewer elements all places are whole numbers of 32 bits.
LONG = 1 << 31


class Windows(NamedTuple):
    """``kH x kW`` pixels that move by ``dH``, ``dW`` over planes with a border of ``padH``, ``padW``."""

    kH: int
    kW: int
    dH: int
    dW: int
    padH: int
    padW: int


def windows(geometry: tuple[int, int, int, int, int, int]) -> Windows:
    """From ``(kW, kH, dW, dH, padW, padH)``, the order of Torch's arguments."""
    kW, kH, dW, dH, padW, padH = geometry
    return Windows(kH, kW, dH, dW, padH, padW)


@cache
def lowest(dtype: np.dtype) -> Any:
    """The lowest finite number of a type: less than what a window may hold."""
    return dtype.type(np.finfo(dtype).min)


@inner
def load_step(x, j, step, count):
    """``count`` elements ``step`` apart, 1 or 2."""
    if step == 1:
        return simd.load_first(x, j, count)
    end, lanes = 2 * count - 1, simd.lanes(x)
    return simd.even(simd.load_first(x, j, end), simd.load_first(x, j + lanes, end - lanes))
