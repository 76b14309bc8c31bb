"""How functions of Lua's packages take their arguments: named ones in a table, and a leading tensor for the result."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from torch7.tensor.checks import destination


def named(f: Callable) -> Callable:
    """Decorator: ``f({'size': 5, 'sigma': 1})`` is ``f(size=5, sigma=1)``, as ``f{size = 5, sigma = 1}`` was in Lua.

    Entries 1, 2 ... of the table are the first arguments; names that ``f`` has not are passed over, as Lua's packages
    did.
    """
    names = list(inspect.signature(f).parameters)

    @functools.wraps(f)
    def call(*args: Any, **keywords: Any) -> Any:
        if len(args) == 1 and (isinstance(args[0], dict) or (isinstance(args[0], list) and not args[0])):
            table = {names[k - 1] if k in range(1, len(names) + 1) else k: v for k, v in dict(args[0]).items()}
            keywords = {key: value for key, value in table.items() if key in names} | keywords
            args = ()
        return f(*args, **keywords)

    return call


def into(sources: int = 1) -> Callable:
    """Decorator: ``f(dst, src, ...)`` is ``f(src, ...)`` with the result written into ``dst`` and returned.

    ``sources`` is how many tensors ``f`` takes. ``dst`` must hold as many elements as the result. The function keeps
    ``sources``, by which the host of Lua programs tells destinations, which resize there.
    """

    def wrap(f: Callable) -> Callable:
        call = destination(sources)(f)
        call.sources = sources
        return call

    return wrap


def whole(x: Any) -> int:
    """A number as a size or place: what stands behind the point is dropped, as Lua's C functions did."""
    return int(x)
