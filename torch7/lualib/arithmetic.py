"""Operators whose operands are found out at run time, and those of numbers that Python refuses."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import torch7

from ..lua import is_number
from .show import tostring
from .show import type as word
from .strings import tonumber
from .table import event, truth_of
from .values import first

truth = truth_of
_NAMES = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "^": "pow"}
_NUMBERS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def divide(a: float, b: float) -> float:
    """``a / b`` of numbers; by zero it is infinite or no number."""
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def modulo(a: float, b: float) -> float:
    """``a % b`` of numbers, no number for 0."""
    return math.nan if b == 0 or math.isinf(a) else a % b


def sqrt(x: float) -> float:
    """The square root, no number of negative ones."""
    return math.sqrt(x) if x >= 0 else math.nan


def log(x: float) -> float:
    """The logarithm: -inf of 0, no number of negative ones."""
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def arithmetic(op: str, a: Any, b: Any) -> Any:
    """``a op b`` of numbers, texts that are numbers, tensors, tables with metamethods and nodes of graphs."""
    if torch7.isTensor(a) or torch7.isTensor(b):
        return _of_tensors(op, a, b)
    a, b = (tonumber(x) if isinstance(x, str) else x for x in (a, b))
    if is_number(a) and is_number(b):
        if op in _NUMBERS:
            return _NUMBERS[op](a, b)
        return divide(a, b) if op == "/" else modulo(a, b) if op == "%" else a**b
    if (f := event(a, b, f"__{_NAMES[op]}")) is not None:
        return first(f(a, b))
    if a is None or b is None:
        raise TypeError("attempt to perform arithmetic on a nil value")
    return {**_NUMBERS, "/": operator.truediv, "%": operator.mod, "^": operator.pow}[op](a, b)


def _of_tensors(op: str, a: Any, b: Any) -> Any:
    both = torch7.isTensor(a) and torch7.isTensor(b)
    if op == "*" and both:
        if a.ndim == b.ndim == 1:
            return torch7.dot(a, b)
        return torch7.mv(a, b) if b.ndim == 1 else torch7.mm(a, b)
    if op == "*":
        return torch7.mul(a, b) if torch7.isTensor(a) else torch7.mul(b, a)
    if op == "+":
        return torch7.add(a, b) if torch7.isTensor(a) else torch7.add(b, a)
    if op == "-":
        if not torch7.isTensor(a):
            return torch7.add(torch7.neg(b), a)
        return torch7.add(a, -1, b) if both else torch7.add(a, -b)
    if op == "/":
        return torch7.cdiv(a, b) if both else torch7.div(a, b)
    return torch7.remainder(a, b) if op == "%" else torch7.pow(a, b)


def reflected(f: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The operator ``f`` where the object stands on the right."""
    return lambda right, left: f(left, right)


def concat(*parts: Any) -> Any:
    """``a .. b .. c``, from the right as Lua does, with ``__concat`` of tables."""
    result = parts[-1]
    for part in reversed(parts[:-1]):
        f = event(part, result, "__concat")
        if f is not None:
            result = first(f(part, result))
            continue
        for x in (part, result):
            if not isinstance(x, str) and not is_number(x):
                raise TypeError(f"attempt to concatenate a {word(x)} value")
        result = tostring(part) + tostring(result)
    return result


def equal(a: Any, b: Any) -> bool:
    """``a == b``: numbers and texts by value, tables by ``__eq``, all else by identity."""
    if a is b:
        return a == a if isinstance(a, float) else True
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    if is_number(a) and is_number(b):
        return bool(a == b)
    if isinstance(a, torch7.Storage) and isinstance(b, torch7.Storage):
        return len(a) == len(b) and (a is b or bool(torch7.isSetTo(a.data, b.data)))
    if torch7.isTensor(a) and torch7.isTensor(b):
        return bool(torch7.isSetTo(a, b)) if a.ndim and b.ndim else bool(a == b)
    return bool(type(a) is type(b) and not isinstance(a, list | dict) and not torch7.isTensor(a) and a == b)


def numbers(start: float, last: float, step: float = 1) -> Iterator[float]:
    """``for x = start, last, step``, also of numbers that are not whole; each is the one before plus the step."""
    x = start
    while x <= last if step > 0 else x >= last:
        yield x
        x += step
