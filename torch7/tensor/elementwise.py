"""Functions of each element, in two forms: ``f`` makes a new tensor, ``f_`` writes into its first argument.

``f(x, ...)`` is Lua's ``torch.f(x, ...)`` and ``f(res, x, ...)`` its destination form; ``f_(x, ...)`` is ``x:f(...)``
and ``f_(res, x, ...)`` is ``res:f(x, ...)``. The tensors of a call have one type and one number of elements, whatever
their sizes; the result has the sizes of ``x``.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ..arrays import array_module, describe
from ..lua import is_number
from .checks import need_float, need_tensor, same_count, scalar, view_as_shape

Operation = Callable[..., Any]


def _result(res: Any, x: Any) -> Any:
    """The array that the result for ``x`` is written to: a new one, or ``res`` in the shape of ``x``."""
    if res is None:
        return array_module(x).empty(x.shape, x.dtype)
    if res is x or res.shape == x.shape:
        return same_count(x, res)
    same_count(x, res)
    return view_as_shape(res, x.shape)


def _pair(name: str, n: int, run: Callable[..., Any], doc: str) -> tuple[Operation, Operation]:
    """``f`` and ``f_`` of ``n`` arguments from ``run(res, x, ...)``."""

    def check(args: tuple, counts: tuple[int, int]) -> None:
        if len(args) not in counts:
            raise TypeError(f"{name} takes {n} argument{'s' * (n > 1)} and a destination, got {len(args)}")

    def f(*args: Any) -> Any:
        check(args, (n, n + 1))
        return run(*args) if len(args) == n + 1 else run(None, *args)

    def f_(*args: Any) -> Any:
        check(args, (n, n + 1))
        return run(*args) if len(args) == n + 1 else run(args[0], *args)

    for function, its_name, its_doc in ((f, name, doc), (f_, name + "_", f"{doc} In place.")):
        function.__name__ = function.__qualname__ = its_name
        function.__doc__ = its_doc
    return f, f_


def _unary(name: str, op: Callable | None = None, doc: str | None = None, ints: bool = False) -> tuple:
    """``f([res,] x)``; ``op(xp, x, out)`` computes, by default the ufunc of this name."""
    op = op or (lambda xp, x, out: getattr(xp, name)(x, out=out))

    def run(res: Any, x: Any) -> Any:
        x = need_tensor(x) if ints else need_float(x, name)
        out = _result(res, x)
        with np.errstate(all="ignore"):
            op(array_module(x), x, out)
        return out

    return _pair(name, 1, run, doc or f"``{name}`` of each element.")


def _with_value(name: str, op: Callable, doc: str, ints: bool = True) -> tuple:
    """``f([res,] x, value)``; ``op(xp, x, value, out)`` computes."""

    def run(res: Any, x: Any, value: float) -> Any:
        x = need_tensor(x) if ints else need_float(x, name)
        value, out = scalar(x, value), _result(res, x)
        with np.errstate(all="ignore"):
            op(array_module(x), x, value, out)
        return out

    return _pair(name, 2, run, doc)


def _with_tensor(name: str, op: Callable, doc: str, values: bool = False) -> tuple:
    """``f([res,] x, y)``; with ``values``, ``y`` may be a number; ``op(xp, x, y, out)`` computes."""

    def run(res: Any, x: Any, y: Any) -> Any:
        y = scalar(need_tensor(x), y) if values and is_number(y) else same_count(x, y)
        out = _result(res, x)
        with np.errstate(all="ignore"):
            op(array_module(x), x, y, out)
        return out

    return _pair(name, 2, run, doc)


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


def _sigmoid(xp: ModuleType, x: Any, out: Any) -> None:
    xp.negative(x, out=out)
    xp.exp(out, out=out)
    xp.add(out, 1, out=out)
    xp.divide(1, out, out=out)


abs, abs_ = _unary("abs", ints=True)
neg, neg_ = _unary("neg", lambda xp, x, out: xp.negative(x, out=out), "Minus each element.", ints=True)
sign, sign_ = _unary("sign", doc="-1, 0 or 1 by the sign of each element.", ints=True)
exp, exp_ = _unary("exp")
log, log_ = _unary("log", doc="Natural logarithm of each element.")
log1p, log1p_ = _unary("log1p", doc="Natural logarithm of 1 + each element.")
sqrt, sqrt_ = _unary("sqrt", doc="Square root of each element.")
rsqrt, rsqrt_ = _unary(
    "rsqrt", lambda xp, x, out: xp.divide(1, xp.sqrt(x), out=out), "1 / the square root of each element."
)
cinv, cinv_ = _unary("cinv", lambda xp, x, out: xp.divide(1, x, out=out), "1 / each element.")
ceil, ceil_ = _unary("ceil", doc="Each element rounded up.")
floor, floor_ = _unary("floor", doc="Each element rounded down.")
round, round_ = _unary("round", _round, "Each element rounded to the nearest whole number, halves away from zero.")
trunc, trunc_ = _unary("trunc", doc="Each element rounded towards zero.")
frac, frac_ = _unary(
    "frac", lambda xp, x, out: xp.subtract(x, xp.trunc(x), out=out), "Each element less its ``trunc``."
)
sin, sin_ = _unary("sin")
cos, cos_ = _unary("cos")
tan, tan_ = _unary("tan")
asin, asin_ = _unary("asin", lambda xp, x, out: xp.arcsin(x, out=out))
acos, acos_ = _unary("acos", lambda xp, x, out: xp.arccos(x, out=out))
atan, atan_ = _unary("atan", lambda xp, x, out: xp.arctan(x, out=out))
sinh, sinh_ = _unary("sinh")
cosh, cosh_ = _unary("cosh")
tanh, tanh_ = _unary("tanh")
sigmoid, sigmoid_ = _unary("sigmoid", _sigmoid, "1 / (1 + exp(-x)) of each element x.")

mul, mul_ = _with_value(
    "mul", lambda xp, x, v, out: xp.multiply(x, v, out=out), "``mul([res,] x, value)``: each element times ``value``."
)
div, div_ = _with_value("div", _quotient, "``div([res,] x, value)``: each element divided by ``value``.")
fmod, fmod_ = _with_value(
    "fmod",
    lambda xp, x, v, out: xp.fmod(x, v, out=out),
    "``fmod([res,] x, value)``: the remainder of each element, with the element's sign.",
)
remainder, remainder_ = _with_value(
    "remainder",
    lambda xp, x, v, out: xp.remainder(x, v, out=out),
    "``remainder([res,] x, value)``: the remainder of each element, with the sign of ``value``.",
)

cmul, cmul_ = _with_tensor(
    "cmul", lambda xp, x, y, out: xp.multiply(x, y, out=out), "``cmul([res,] x, y)``: products, element by element."
)
cdiv, cdiv_ = _with_tensor("cdiv", _quotient, "``cdiv([res,] x, y)``: quotients, element by element.")
cpow, cpow_ = _with_tensor(
    "cpow", lambda xp, x, y, out: xp.power(x, y, out=out), "``cpow([res,] x, y)``: powers, element by element."
)
cmax, cmax_ = _with_tensor(
    "cmax",
    lambda xp, x, y, out: xp.maximum(x, y, out=out),
    "``cmax([res,] x, y)``: the larger one of each two elements; ``y`` may be a number.",
    values=True,
)
cmin, cmin_ = _with_tensor(
    "cmin",
    lambda xp, x, y, out: xp.minimum(x, y, out=out),
    "``cmin([res,] x, y)``: the smaller one of each two elements; ``y`` may be a number.",
    values=True,
)
atan2, atan2_ = _with_tensor(
    "atan2", lambda xp, x, y, out: xp.arctan2(x, y, out=out), "``atan2([res,] x, y)``: the angle of (y, x)."
)


def _clamp(res: Any, x: Any, low: float, high: float) -> Any:
    out, xp = _result(res, need_tensor(x)), array_module(x)
    return xp.minimum(xp.maximum(x, scalar(x, low), out=out), scalar(x, high), out=out)


clamp, clamp_ = _pair("clamp", 3, _clamp, "``clamp([res,] x, low, high)``: each element kept within low..high.")


def _pow(res: Any, x: Any, y: Any) -> Any:
    base = need_tensor(y if is_number(x) else x)
    operands = (scalar(base, x), y) if is_number(x) else (x, scalar(base, y))
    out = _result(res, base)
    with np.errstate(all="ignore"):
        array_module(base).power(*operands, out=out)
    return out


pow, pow_ = _pair(
    "pow", 2, _pow, "``pow([res,] x, value)``: each element to the power ``value``, or ``pow([res,] value, x)``."
)


def _lerp(res: Any, x: Any, y: Any, weight: float) -> Any:
    out, y = _result(res, need_float(x, "lerp")), same_count(x, y)
    out[...] = x + scalar(x, weight) * (y - x)
    return out


lerp, lerp_ = _pair("lerp", 3, _lerp, "``lerp([res,] x, y, weight)``: x + weight * (y - x).")
