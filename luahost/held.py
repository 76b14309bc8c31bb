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
SELF, SEVERAL = 2 * SAME, 4 * SAME
_NOTHING = object()
_MANY = 10**6
_NUMBERS = (int, float)
_ARRAY = np.ndarray


def repeated(f: Callable[..., Any], cls: type, named: bool) -> tuple[Callable[..., Any], int]:
    """The method ``f`` as Lua calls it: ``form(self, place, name)``, and how many arguments it takes.

    A form is bound to the object and the place of its results, so that a call brings its arguments alone. There are
    ``one`` for a tensor and ``two`` for two (both ``other`` where ``f`` takes other numbers of arguments), ``listed``
    and ``other``; None for an object that is no ``cls``.
    """
    least, most = counts(f) or (1, _MANY)
    one, two = (_output_of_one, _output_of_two) if _is_forward(f) else (_one, _two)
    makers = {
        "one": one if least <= 2 <= most else _other,
        "two": two if least <= 3 <= most else _other,
        "listed": _listed,
        "other": _other,
    }

    def form(self: Any, place: int, name: str) -> Any:
        return makers[name](f, self, place, (least, most, named)) if isinstance(self, cls) else None

    return form, most - 1


def _one(f: Callable[..., Any], self: Any, place: int, how: tuple) -> Callable[..., Any]:
    some, other = links.some, _other(f, self, place, how)

    def one(x: Tensor) -> Any:
        if some:
            return other(x)
        result = f(self, x.a)
        try:
            return SAME if latest[place] is result else _first(place, result)
        except KeyError:
            return _first(place, result)

    return one


def _two(f: Callable[..., Any], self: Any, place: int, how: tuple) -> Callable[..., Any]:
    some, other = links.some, _other(f, self, place, how)

    def two(x: Tensor, y: Tensor) -> Any:
        if some:
            return other(x, y)
        result = f(self, x.a, y.a)
        try:
            return SAME if latest[place] is result else _first(place, result)
        except KeyError:
            return _first(place, result)

    return two


def _is_forward(f: Callable[..., Any]) -> bool:
    """Whether a method is nn's ``forward``, which passes its arguments to ``updateOutput``: that saves a call."""
    return f.__name__ == "forward" and f.__module__ in ("nn.module", "nn.criterion_base")


def _output_of_one(f: Callable[..., Any], self: Any, place: int, how: tuple) -> Callable[..., Any]:
    some, other = links.some, _other(f, self, place, how)

    def one(x: Tensor) -> Any:
        if some:
            return other(x)
        result = self.updateOutput(x.a)
        try:
            return SAME if latest[place] is result else _first(place, result)
        except KeyError:
            return _first(place, result)

    return one


def _output_of_two(f: Callable[..., Any], self: Any, place: int, how: tuple) -> Callable[..., Any]:
    some, other = links.some, _other(f, self, place, how)

    def two(x: Tensor, y: Tensor) -> Any:
        if some:
            return other(x, y)
        result = self.updateOutput(x.a, y.a)
        return result if type(result) is float else marked(place, results(result))

    return two


def _listed(f: Callable[..., Any], self: Any, place: int, how: tuple) -> Callable[..., Any]:
    some, other, (least, most, _) = links.some, _other(f, self, place, how), how

    def listed(n: int, x: Any, y: Any, *values: Any) -> Any:
        if some or not least <= 2 + (y is not None) <= most:
            return other(*((x,) if y is None else (x, y)))
        return marked(place, call_listed(f, (self,), n, x, y, values))

    return listed


def _other(f: Callable[..., Any], self: Any, place: int, how: tuple) -> Callable[..., Any]:
    some, (least, most, named) = links.some, how

    def other(*args: Any) -> Any:
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
        return marked(place, results(result, copies))

    return other


def _first(place: int, result: Any) -> Any:
    """A result that Lua does not hold."""
    if type(result) is _ARRAY and result.ndim:
        latest[place] = result
        return proxy(result)
    if type(result) is float:
        latest[place] = _NOTHING
        return result
    return marked(place, results(result))


_several: list[tuple] = []


def several(result: Any) -> Any:
    """A result for Lua; of several values the mark."""
    if type(result) is not tuple:
        return result
    _several.append(result)
    return SEVERAL


def values() -> tuple:
    """The values of a method that gave the mark of several."""
    return _several.pop()


def marked(place: int, result: Any) -> Any:
    """A result for Lua, or a mark."""
    kind = type(result)
    if kind is tuple:
        latest[place] = _NOTHING
        return several(result)
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


def has_fields(o: Any) -> bool:
    """Whether Lua may read the fields of an object by place."""
    return hasattr(o, "__dict__") and not isinstance(o, type) and torch7.typename(o) is not None
