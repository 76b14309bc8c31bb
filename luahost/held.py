"""What Lua holds already: a result that is the one of the call before comes back as a mark.

Giving Lua an object that it knows costs more than many methods do. Each pair of an object and a method or field has a
place, a number that Lua counts; Python keeps what Lua holds there, Lua the object for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import torch7

from .calls import call_listed, called, counts, results
from .convert import as_they_are
from .links import links
from .tables import TableView
from .tensors import Tensor, latest, proxy

SAME = -7.1230000912e-301  # no result of any program
SELF = 2 * SAME
_NOTHING = object()
_MANY = 10**6
_NUMBERS = (int, float)
_ARRAY = np.ndarray


def repeated(f: Callable[..., Any], named: bool) -> tuple:
    """The method ``f`` as Lua calls it at a place: with one tensor, two, lists, anything; and how many it takes.

    The first two are None where ``f`` takes other numbers of arguments.
    """
    least, most = counts(f) or (1, _MANY)
    some = links.some

    def one(place: int, self: Any, x: Tensor) -> Any:
        if some:
            return other(place, self, x)
        result = f(self, x.a)
        try:
            return SAME if latest[place] is result else _first(place, result)
        except KeyError:
            return _first(place, result)

    def two(place: int, self: Any, x: Tensor, y: Tensor) -> Any:
        if some:
            return other(place, self, x, y)
        result = f(self, x.a, y.a)
        try:
            return SAME if latest[place] is result else _first(place, result)
        except KeyError:
            return _first(place, result)

    def listed(place: int, self: Any, n: int, x: Any, y: Any, *values: Any) -> Any:
        if some or not least <= 2 + (y is not None) <= most:
            return other(place, self, *((x,) if y is None else (x, y)))
        return _marked(place, call_listed(f, (self,), n, x, y, values))

    def other(place: int, self: Any, *args: Any) -> Any:
        copies = None
        if not args and least <= 1 and not some:
            result = f(self)
        elif len(args) == 1 and least <= 2 <= most and type(args[0]) in _NUMBERS and not some:
            result = f(self, args[0])
        else:
            result, copies = called(f, (self,), args, named)
        if result is self:
            return SELF
        if latest.get(place) is result is not None:
            return SAME
        return _marked(place, results(result, copies))

    return one if least <= 2 <= most else None, two if least <= 3 <= most else None, listed, other, most - 1


def _first(place: int, result: Any) -> Any:
    """A result that Lua does not hold."""
    if type(result) is _ARRAY and result.ndim:
        latest[place] = result
        return proxy(result)
    if type(result) is float:
        latest[place] = _NOTHING
        return result
    return _marked(place, results(result))


def _marked(place: int, result: Any) -> Any:
    """A result for Lua, or the mark."""
    kind = type(result)
    if kind is Tensor:
        content = result.a
    elif kind is TableView:
        content = result.content
    else:
        content = result if kind in as_they_are else _NOTHING
    if content is not _NOTHING and latest.get(place) is content:
        return SAME
    latest[place] = content
    return result


def field(get: Callable[..., Any]) -> Callable[..., Any]:
    """``o[key]`` of an object with fields, at a place; ``get`` finds what Lua does not hold."""
    some = links.some

    def read(o: Any, key: str, place: int) -> Any:
        try:
            if latest[place] is getattr(o, key, None) and not some:
                return SAME
        except KeyError:
            pass
        return _marked(place, get(o, key))

    return read


def has_fields(o: Any) -> bool:
    """Whether Lua may read the fields of an object by place."""
    return hasattr(o, "__dict__") and not isinstance(o, type) and torch7.typename(o) is not None
