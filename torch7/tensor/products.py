"""Matrix products and scaled sums: mm, mv, ger, bmm, dot, cross; add, csub, addcmul, addcdiv, addmm, addmv, addr, ...

As everywhere ``f`` is ``torch.f`` and ``f_`` is the method, in place. Matrix sizes must fit exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..arrays import array_module, describe, is_array
from ..lua import is_number
from .checks import axis_of, destination, same_count, same_type, scalar, store
from .elementwise import cdiv, cmul
from .forms import as_bytes


def _sizes_fit(name: str, x: Any, y: Any, dims: tuple[int, int], fit: bool) -> None:
    if (x.ndim, y.ndim) != dims or not fit:
        raise ValueError(f"{name}: sizes do not fit: {describe(x)} and {describe(y)}")


@destination(sources=2)
def mm(x: Any, y: Any) -> Any:
    """The matrix product of n x m and m x p."""
    same_type(x, y)
    _sizes_fit("mm", x, y, (2, 2), x.shape[-1:] == y.shape[:1])
    return x @ y


@destination(sources=2)
def mv(x: Any, y: Any) -> Any:
    """The product of a matrix n x m and a vector of m."""
    same_type(x, y)
    _sizes_fit("mv", x, y, (2, 1), x.shape[-1:] == y.shape[:1])
    return x @ y


@destination(sources=2)
def ger(x: Any, y: Any) -> Any:
    """The outer product n x m of vectors of n and m."""
    same_type(x, y)
    _sizes_fit("ger", x, y, (1, 1), True)
    return x[:, None] * y


@destination(sources=2)
def bmm(x: Any, y: Any) -> Any:
    """The matrix products of b x n x m and b x m x p, one by one."""
    same_type(x, y)
    _sizes_fit("bmm", x, y, (3, 3), x.shape[:1] == y.shape[:1] and x.shape[2:] == y.shape[1:2])
    return array_module(x).matmul(x, y)


@destination(sources=2)
def match(x: Any, y: Any, gain: float | None = None) -> Any:
    """The squared distances n x m, times ``gain`` (1), of the n rows of ``x`` and the m rows of ``y``."""
    same_type(x, y)
    if x.ndim < 1 or y.ndim < 1 or x.size == 0 or x[0].size != y[0].size:
        raise ValueError(f"match: rows of as many elements are needed, got {describe(x)} and {describe(y)}")
    gap = x.reshape(len(x), 1, -1) - y.reshape(1, len(y), -1)
    return (gap * gap).sum(2, dtype=x.dtype) * scalar(x, 1 if gain is None else gain)


@as_bytes
def dot(x: Any, y: Any) -> float:
    """The sum of the products of the elements, a number."""
    return array_module(x).vdot(x, same_count(x, y)).item()


@destination(sources=2)
def cross(x: Any, y: Any, dim: int | None = None) -> Any:
    """The vector product along ``dim``, of size 3; by default the first dimension of that size."""
    same_count(x, y)
    axis = axis_of(x, dim) if dim is not None else x.shape.index(3) if 3 in x.shape else -1
    if x.shape != y.shape or x.shape[axis] != 3:
        raise ValueError(f"cross needs equal sizes with a dimension of 3, got {describe(x)} and {describe(y)}")
    return array_module(x).cross(x, y, axis=axis)


def _sum_arguments(name: str, args: tuple) -> tuple[Any, Any, float, Any]:
    """Destination or None, x, factor and the second term of ``([res,] x, y | value | value, y)``."""
    rest = args
    if len(args) == 4 or (len(args) == 3 and is_array(args[1])):
        rest = args[1:]
    if len(rest) not in (2, 3) or not is_array(rest[0]) or (len(rest) == 3 and not is_number(rest[1])):
        raise TypeError(f"{name} takes ([res,] x, value), ([res,] x, y) or ([res,] x, value, y)")
    return None if rest is args else args[0], rest[0], rest[1] if len(rest) == 3 else 1, rest[-1]


def _add_to(res: Any, x: Any, sign: int, factor: float, y: Any) -> Any:
    xp = array_module(x)
    if is_number(y):
        term = scalar(x, y)
    else:
        term = same_count(x, y) if factor == 1 else same_count(x, y) * scalar(x, factor)
    combine = xp.add if sign > 0 else xp.subtract
    if res is x:
        return combine(x, term, out=x)
    result = combine(x, term)
    return result if res is None else store(res, result)


@as_bytes
def add(*args: Any) -> Any:
    """``add([res,] x, value)``, ``add([res,] x, y)``, ``add([res,] x, value, y)``: x + value, x + y, x + value * y."""
    res, x, factor, y = _sum_arguments("add", args)
    return _add_to(res, x, 1, factor, y)


@as_bytes
def add_(*args: Any) -> Any:
    """:func:`add` in place: ``add_(x, value)``, ``add_(x, y)``, ``add_(x, value, y)``, or into a destination."""
    res, x, factor, y = _sum_arguments("add_", args)
    return _add_to(x if res is None else res, x, 1, factor, y)


@as_bytes
def csub(*args: Any) -> Any:
    """``csub([res,] x, value)``, ``csub([res,] x, y)``, ``csub([res,] x, value, y)``: :func:`add` with minus."""
    res, x, factor, y = _sum_arguments("csub", args)
    return _add_to(res, x, -1, factor, y)


@as_bytes
def csub_(*args: Any) -> Any:
    """:func:`csub` in place."""
    res, x, factor, y = _sum_arguments("csub_", args)
    return _add_to(x if res is None else res, x, -1, factor, y)


def _terms(name: str, args: tuple) -> tuple[float, Any, float, Any, Any]:
    """``beta, x, alpha, a, b`` of ``([beta,] x, [alpha,] a, b)``."""
    beta, rest = (args[0], args[1:]) if is_number(args[0]) else (1, args)
    if len(rest) not in (3, 4) or not all(map(is_array, (rest[0], *rest[-2:]))):
        raise TypeError(f"{name} takes ([res,] [beta,] x, [alpha,] a, b); in place (x, [[beta,] alpha,] a, b)")
    return beta, rest[0], rest[1] if len(rest) == 4 else 1, rest[-2], rest[-1]


def _accumulating(name: str, product: Callable[[Any, Any], Any], formula: str, fit: Callable) -> tuple:
    """``f`` and ``f_`` that compute ``beta * x + alpha * product(a, b)``."""

    def compute(beta: float, x: Any, alpha: float, a: Any, b: Any) -> Any:
        term = product(a, b)
        fit(name, x, term)
        term = term.reshape(x.shape)
        if alpha != 1:
            term *= scalar(x, alpha)
        if beta != 0:
            term += x if beta == 1 else x * scalar(x, beta)
        return term

    def f(*args: Any) -> Any:
        if sum(map(is_array, args)) == 4:
            return store(args[0], compute(*_terms(name, args[1:])))
        return compute(*_terms(name, args))

    def f_(*args: Any) -> Any:
        if sum(map(is_array, args)) == 4:
            return f(*args)
        x, numbers = args[0], args[1:-2]
        beta = numbers[:-1] or (1,)
        return store(x, compute(*_terms(name, (*beta, x, *numbers[-1:], *args[-2:]))))

    for function, its_name, end in ((f, name, ""), (f_, name + "_", " In place.")):
        function.__name__ = function.__qualname__ = its_name
        function.__doc__ = f"{formula}.{end}"
    return as_bytes(f), as_bytes(f_)


def _same_shape(name: str, x: Any, term: Any) -> None:
    if same_type(x, term).shape != x.shape:
        raise ValueError(f"{name}: {describe(term)} cannot be added to {describe(x)}")


def _same_count(name: str, x: Any, term: Any) -> None:
    same_count(x, term)


addmm, addmm_ = _accumulating("addmm", mm, "``beta * x + alpha * a b`` for matrices", _same_shape)
addmv, addmv_ = _accumulating("addmv", mv, "``beta * x + alpha * a b``, a matrix and vectors", _same_shape)
addr, addr_ = _accumulating("addr", ger, "``beta * x + alpha * a b'``, the outer product of vectors", _same_shape)
baddbmm, baddbmm_ = _accumulating("baddbmm", bmm, "``beta * x + alpha * bmm(a, b)``", _same_shape)
addbmm, addbmm_ = _accumulating(
    "addbmm",
    lambda a, b: bmm(a, b).sum(0, dtype=a.dtype),
    "``beta * x + alpha *`` the sum of the products of ``bmm(a, b)``",
    _same_shape,
)
addcmul, addcmul_ = _accumulating("addcmul", cmul, "``x + alpha * a * b``, element by element", _same_count)
addcdiv, addcdiv_ = _accumulating("addcdiv", cdiv, "``x + alpha * a / b``, element by element", _same_count)
