"""Several values: what a function returns is one value or a tuple of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def values_of(result: Any) -> tuple:
    """The values of a call: those of a tuple, none for None."""
    if isinstance(result, tuple):
        return result
    return () if result is None else (result,)


def spread(result: Any) -> tuple:
    """The values of a call that may give one or several."""
    return result if isinstance(result, tuple) else (result,)


def first(result: Any) -> Any:
    """The first of the values of a call."""
    if isinstance(result, tuple):
        return result[0] if result else None
    return result


def adjust(result: Any, count: int) -> tuple:
    """As many values as there are names for them: nil for those that are missing, the rest dropped."""
    values = result if isinstance(result, tuple) else (result,)
    return (*values, *[None] * count)[:count]


def select(which: Any, *values: Any) -> Any:
    """The values from a place on, or how many there are for ``'#'``."""
    return len(values) if which == "#" else values[int(which) - (which > 0) :]


def iterate(count: int, f: Any, state: Any = None, control: Any = None) -> Iterator[Any]:
    """The rounds of ``for a, b in f, state, control``: single values where ``count`` is 1, else tuples of as many."""
    if not callable(f):
        yield from (x if count == 1 else adjust(x, count) for x in f)
        return
    takes = _takes_state(f)
    while True:
        values = adjust(f(state, control) if takes else f(), count)
        if values[0] is None:
            return
        control = values[0]
        yield values if count > 1 else control


def _takes_state(f: Any) -> bool:
    code = getattr(f, "__code__", None)
    return code is None or code.co_argcount > 0 or bool(code.co_flags & 4)
