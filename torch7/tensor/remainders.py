"""Remainders: fmod (mod), with the element's sign, and remainder, with the divisor's; by tensors cfmod, cremainder."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ..arrays import describe
from .forms import with_tensor, with_value


def _divisors(xp: ModuleType, x: Any, y: Any) -> None:
    if x.dtype.kind != "f" and not xp.all(y):
        raise ZeroDivisionError(f"remainder of {describe(x)} by 0")


def _fmod(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
    _divisors(xp, x, y)
    xp.fmod(x, y, out=out)


def _remainder(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
    """x - y floor(x / y), as Torch computes it: NaN for infinite y."""
    _divisors(xp, x, y)
    if x.dtype.kind == "f":
        xp.subtract(x, y * xp.floor(x / y), out=out)
    else:
        xp.remainder(x, y, out=out)


_FMOD = "the remainder of each element, with the element's sign."
_REMAINDER = "the remainder x - y floor(x / y) of each element, with the sign of the divisor."

fmod, fmod_ = with_value("fmod", _fmod, f"``fmod([res,] x, value)``: {_FMOD}")
mod, mod_ = with_value("mod", _fmod, f"``mod([res,] x, value)``, another name of fmod: {_FMOD}")
remainder, remainder_ = with_value("remainder", _remainder, f"``remainder([res,] x, value)``: {_REMAINDER}")
cfmod, cfmod_ = with_tensor("cfmod", _fmod, f"``cfmod([res,] x, y)``: {_FMOD}")
cmod, cmod_ = with_tensor("cmod", _fmod, f"``cmod([res,] x, y)``, another name of cfmod: {_FMOD}")
cremainder, cremainder_ = with_tensor("cremainder", _remainder, f"``cremainder([res,] x, y)``: {_REMAINDER}")
