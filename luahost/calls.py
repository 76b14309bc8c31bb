"""Calls of Python from Lua: arguments converted and counted as Lua counts them, results and tables handed back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from operator import is_
from typing import Any

from . import text
from .convert import is_sizes, to_lua, to_python
from .links import links
from .runtime import function, passing_function
from .signatures import counts_of, takes_dict
from .tables import Copies, write_list
from .tensors import Tensor

PLAIN = frozenset({int, float, bool, str, type(None)})
_PACKAGES = frozenset({"nn", "rnn", "dpnn", "dataload", "optim", "nngraph", "nnx", "rocks"})
_counts: dict[Any, tuple[int, int] | None] = {}
_rocks: set[Any] = set()  # functions whose text is Python's


def invoke(f: Callable[..., Any], first: tuple, args: tuple, named: bool = False) -> Any:
    """``f(*first, *args)`` with ``args`` from Lua, the result for Lua. ``named``: an empty table is a dict."""
    return results(*called(f, first, args, named))


def called(f: Callable[..., Any], first: tuple, args: tuple, named: bool = False) -> tuple[Any, Copies | None]:
    """What :func:`invoke` gives before it is for Lua, and the copies of the tables among the arguments."""
    values, copies = arguments(args, named)
    known = counts(f)
    if known is not None:
        least, most = known
        given = len(first) + len(values)
        if given > most:
            del values[most - len(first) :]
        elif given < least:
            values.extend([None] * (least - given))
    linked = links.copy_to_python() if links.some else None
    result = f(*first, *values) if f not in _rocks else text.foreign(f(*first, *map(text.native, values)))
    if linked is not None:
        linked.write_back(to_lua)
    if copies is not None:
        copies.write_back(to_lua)
    return result, copies


def invoke_tensor(f: Callable[..., Any], self: Tensor, args: tuple) -> Any:
    """The method ``f`` of a tensor, which takes its proxy."""
    values, copies = arguments(args)
    result = f(self, *values)
    if type(result) is Tensor:
        return result
    if copies is not None:
        copies.write_back(to_lua)
    return results(result, copies)


def arguments(args: tuple, named: bool = False) -> tuple[list, Copies | None]:
    """The arguments for Python without nils at the end, and the copies of the tables among them."""
    values, copies = [], None
    for x in args:
        kind = type(x)
        if kind is Tensor:
            values.append(x.a)
        elif kind in PLAIN:
            values.append(x)
        else:
            copies = Copies() if copies is None else copies
            values.append(to_python(x, copies, named))
    while values and values[-1] is None:
        values.pop()
    return values, copies


def call_listed(f: Callable[..., Any], first: tuple, n: int, x: Any, y: Any, values: tuple) -> Any:
    """``f(*first, x[, y])``; ``values`` are the entries of those that are tables, the first ``n`` those of ``x``."""
    entries = [plain(v) for v in values]
    a, b = (entries[:n] if n else plain(x)), (entries[n:] if n < len(entries) else plain(y))
    result = f(*first, a) if y is None else f(*first, a, b)
    for table, content, before in ((x, a, entries[:n]), (y, b, entries[n:])):
        if before:
            if len(content) != len(before) or not all(map(is_, content, before)):
                write_list(table, content, before, to_lua)
            if result is content:
                return table
    return results(result)


def plain(x: Any) -> Any:
    """What is no table of Lua for Python."""
    return x.a if type(x) is Tensor else x if type(x) in PLAIN else to_python(x)


def results(result: Any, copies: Copies | None = None) -> Any:
    """A result for Lua: a tuple is several values, unless it is sizes."""
    if type(result) in PLAIN:
        return result
    if type(result) is tuple and not is_sizes(result):
        return tuple(to_lua(x, copies) for x in result)
    return to_lua(result, copies)


def counts(f: Any) -> tuple[int, int] | None:
    """The least and the most arguments of a function of the library, None where they are not known."""
    return _counts[f] if f in _counts else _count(f)


def _count(f: Any) -> tuple[int, int] | None:
    """The least and the most arguments of a function of the library, where Lua drops and adds nils."""
    found, package = None, (getattr(f, "__module__", None) or "").split(".")[0]
    if package == "rocks":
        _rocks.add(f)
    if package in _PACKAGES:
        found = counts_of(f)
    _counts[f] = found
    return found


def names_arguments(f: Any) -> bool:
    """Whether an empty table among the arguments of a function is a dict."""
    return (getattr(f, "__module__", None) or "").split(".")[0] == "optim" or takes_dict(f)


def callable_of(f: Any) -> Any:
    """A Python function as a Lua function."""
    named = names_arguments(f)

    def call(*args: Any) -> Any:
        return invoke(f, (), args, named)

    if inspect.ismethod(f):
        return passing_function(call)
    return _known(f, call)


_calls: dict[Any, Any] = {}


def _known(f: Any, call: Any) -> Any:
    return function(_calls.setdefault(f, call), f)


def iterator_of(values: Iterator[Any]) -> Callable[..., Any]:
    """What a ``for`` loop of Lua calls to step through a Python iterator."""

    def step(*_: Any) -> Any:
        try:
            return results(next(values))
        except StopIteration:
            return None

    return step
