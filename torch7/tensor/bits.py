"""Operations on bits: and, or, exclusive or of whole numbers, and shifts, which multiply and divide real numbers."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from ..arrays import type_name
from .forms import Operation, with_tensor, with_value


def _bitwise(name: str) -> Operation:
    def op(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
        if x.dtype.kind not in "iu":
            raise TypeError(f"operations on bits are for types of whole numbers, got {type_name(x)}")
        getattr(xp, name)(x, y, out=out)

    return op


def _lshift(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
    if x.dtype.kind == "f":
        xp.multiply(x, xp.exp2(y), out=out)
    else:
        xp.left_shift(x, y, out=out)


def _rshift(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
    """The bits that come in on the left are 0, for negative numbers too."""
    if x.dtype.kind == "f":
        xp.divide(x, xp.exp2(y), out=out)
    else:
        bits = np.dtype(f"u{x.itemsize}")
        out[...] = xp.right_shift(x.astype(bits), xp.asarray(y).astype(bits)).astype(x.dtype)


def _two(name: str, op: Operation, what: str) -> tuple[Operation, ...]:
    """The functions of a number and of a tensor, each in its two forms."""
    by_value = with_value(name, op, f"``{name}([res,] x, value)``: {what}.")
    return *by_value, *with_tensor(f"c{name}", op, f"``c{name}([res,] x, y)``: {what}.")


bitand, bitand_, cbitand, cbitand_ = _two("bitand", _bitwise("bitwise_and"), "the bits that both numbers have")
bitor, bitor_, cbitor, cbitor_ = _two("bitor", _bitwise("bitwise_or"), "the bits that either number has")
bitxor, bitxor_, cbitxor, cbitxor_ = _two("bitxor", _bitwise("bitwise_xor"), "the bits that one number has alone")
lshift, lshift_, clshift, clshift_ = _two("lshift", _lshift, "the bits moved left, that is times 2^value")
rshift, rshift_, crshift, crshift_ = _two("rshift", _rshift, "the bits moved right, that is over 2^value")
