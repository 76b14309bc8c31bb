"""Functions of each element: ``abs`` to ``tanh``, products, quotients, powers, the larger and the smaller, clamp, lerp.

The forms of their arguments are those of :mod:`.forms`.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from ..arrays import array_module, describe
from ..lua import is_number
from .checks import need_float, need_tensor, same_count, scalar
from .forms import pair, result_for, unary, with_tensor, with_value


def _quotient(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
    """x / y; whole numbers are divided as C does, towards 0."""
    if x.dtype.kind == "f":
        xp.true_divide(x, y, out=out)
    elif not xp.all(y):
        raise ZeroDivisionError(f"division of {describe(x)} by 0")
    else:
        out[...] = xp.floor_divide(x, y) + ((xp.remainder(x, y) != 0) & ((x < 0) ^ (y < 0)))


def _round(xp: ModuleType, x: Any, out: Any) -> None:
    """Halves go away from zero, as in C."""
    whole = xp.trunc(x)
    xp.add(whole, xp.copysign(xp.abs(x - whole) >= 0.5, x), out=out)


def _power(xp: ModuleType, x: Any, y: Any, out: Any) -> None:
    """x to the power y; whole numbers go through double precision, as C's pow takes them."""
    if out.dtype.kind == "f":
        xp.power(x, y, out=out)
    else:
        out[...] = xp.power(xp.asarray(x, np.float64), xp.asarray(y, np.float64)).astype(np.int64).astype(out.dtype)


def _sign(xp: ModuleType, x: Any, out: Any) -> None:
    xp.subtract(x > 0, x < 0, out=out, dtype=x.dtype, casting="unsafe")


def _sigmoid(xp: ModuleType, x: Any, out: Any) -> None:
    xp.negative(x, out=out)
    xp.exp(out, out=out)
    xp.add(out, 1, out=out)
    xp.divide(1, out, out=out)


abs, abs_ = unary("abs", ints=True)
neg, neg_ = unary("neg", lambda xp, x, out: xp.negative(x, out=out), "Minus each element.", ints=True, numbers=0)
sign, sign_ = unary("sign", _sign, "-1, 0 or 1 by the sign of each element; 0 for NaN.", ints=True, numbers=0)
exp, exp_ = unary("exp")
log, log_ = unary("log", doc="Natural logarithm of each element.")
log1p, log1p_ = unary("log1p", doc="Natural logarithm of 1 + each element.")
sqrt, sqrt_ = unary("sqrt", doc="Square root of each element.")
rsqrt, rsqrt_ = unary(
    "rsqrt", lambda xp, x, out: xp.divide(1, xp.sqrt(x), out=out), "1 / the square root of each element."
)
cinv, cinv_ = unary("cinv", lambda xp, x, out: xp.divide(1, x, out=out), "1 / each element.", numbers=0)
ceil, ceil_ = unary("ceil", doc="Each element rounded up.")
floor, floor_ = unary("floor", doc="Each element rounded down.")
round, round_ = unary("round", _round, "Each element rounded to the nearest whole number, halves away from zero.")
trunc, trunc_ = unary("trunc", doc="Each element rounded towards zero.")
frac, frac_ = unary("frac", lambda xp, x, out: xp.subtract(x, xp.trunc(x), out=out), "Each element less its ``trunc``.")
sin, sin_ = unary("sin")
cos, cos_ = unary("cos")
tan, tan_ = unary("tan")
asin, asin_ = unary("asin", lambda xp, x, out: xp.arcsin(x, out=out))
acos, acos_ = unary("acos", lambda xp, x, out: xp.arccos(x, out=out))
atan, atan_ = unary("atan", lambda xp, x, out: xp.arctan(x, out=out))
sinh, sinh_ = unary("sinh")
cosh, cosh_ = unary("cosh")
tanh, tanh_ = unary("tanh")
sigmoid, sigmoid_ = unary("sigmoid", _sigmoid, "1 / (1 + exp(-x)) of each element x.")

mul, mul_ = with_value(
    "mul", lambda xp, x, v, out: xp.multiply(x, v, out=out), "``mul([res,] x, value)``: each element times ``value``."
)
div, div_ = with_value("div", _quotient, "``div([res,] x, value)``: each element divided by ``value``.")
cmul, cmul_ = with_tensor(
    "cmul", lambda xp, x, y, out: xp.multiply(x, y, out=out), "``cmul([res,] x, y)``: products, element by element."
)
cdiv, cdiv_ = with_tensor("cdiv", _quotient, "``cdiv([res,] x, y)``: quotients, element by element.")
cpow, cpow_ = with_tensor("cpow", _power, "``cpow([res,] x, y)``: powers, element by element.")
cmax, cmax_ = with_tensor(
    "cmax",
    lambda xp, x, y, out: xp.copyto(out, xp.where(x > y, x, y)),
    "``cmax([res,] x, y)``: x > y ? x : y for each two elements; ``y`` may be a number.",
    values=True,
)
cmin, cmin_ = with_tensor(
    "cmin",
    lambda xp, x, y, out: xp.copyto(out, xp.where(x < y, x, y)),
    "``cmin([res,] x, y)``: x < y ? x : y for each two elements; ``y`` may be a number.",
    values=True,
)
atan2, atan2_ = with_tensor(
    "atan2", lambda xp, x, y, out: xp.arctan2(x, y, out=out), "``atan2([res,] x, y)``: the angle of (y, x).", numbers=2
)


def _clamp(res: Any, x: Any, low: float, high: float) -> Any:
    """As in Torch ``low`` goes first: where low > high, what is below ``low`` becomes ``low``, the rest ``high``."""
    out, xp = result_for(res, need_tensor(x)), array_module(x)
    low, high = scalar(x, low), scalar(x, high)
    if low <= high:
        return xp.minimum(xp.maximum(x, low, out=out), high, out=out)
    xp.copyto(out, xp.where(x < low, low, xp.where(x > high, high, x)))
    return out


clamp, clamp_ = pair("clamp", 3, _clamp, "``clamp([res,] x, low, high)``: each element kept within low..high.")


# Exponents that Torch did not leave to C's pow
_PLAIN_POWERS = {
    1: lambda xp, x: x,
    2: lambda xp, x: x * x,
    3: lambda xp, x: x * x * x,
    0.5: lambda xp, x: xp.sqrt(x),
    -0.5: lambda xp, x: 1 / xp.sqrt(x),
    -1: lambda xp, x: 1 / x,
    -2: lambda xp, x: 1 / (x * x),
}


def _pow(res: Any, x: Any, y: Any) -> Any:
    base = need_tensor(y if is_number(x) else x)
    operands = (scalar(base, x), y) if is_number(x) else (x, scalar(base, y))
    xp, out = array_module(base), result_for(res, base)
    plain = _PLAIN_POWERS.get(float(operands[1])) if base is x and x.dtype.kind == "f" else None
    with np.errstate(all="ignore"):
        if plain is None:
            _power(xp, *operands, out)
        else:
            out[...] = plain(xp, x)
    return out


pow, pow_ = pair(
    "pow", 2, _pow, "``pow([res,] x, value)``: each element to the power ``value``, or ``pow([res,] value, x)``.", 1
)


def _lerp(res: Any, x: Any, y: Any, weight: float) -> Any:
    out, y = result_for(res, need_float(x, "lerp")), same_count(x, y)
    out[...] = x + scalar(x, weight) * (y - x)
    return out


lerp, lerp_ = pair("lerp", 3, _lerp, "``lerp([res,] x, y, weight)``: x + weight * (y - x).", 2)
