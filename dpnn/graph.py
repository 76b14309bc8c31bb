"""The modules of a network wherever they are kept: in ``modules``, in any other field, in tables of any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import nn
from nn.storage import Shared


def found(root: Any, enters: Callable[[Shared], bool] | None = None) -> Iterator[Shared]:
    """Every module, criterion or other such object in ``root`` and its fields, each once.

    ``enters(obj)`` False keeps out of an object.
    """
    seen: set[int] = set()
    stack = [root]
    while stack:
        value = stack.pop()
        if not isinstance(value, Shared | list | tuple | dict) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Shared):
            yield value
            if enters is not None and not enters(value):
                continue
        stack += reversed(entries(value))


def found_modules(root: Any) -> Iterator[nn.Module]:
    """``root`` and every module in its fields, each once."""
    return (obj for obj in found(root) if isinstance(obj, nn.Module))


def entries(value: Any) -> list:
    """What a module, a criterion or a table holds, in order."""
    if isinstance(value, Shared):
        value = vars(value)
    return list(value.values() if isinstance(value, dict) else value)


def children(module: nn.Module) -> list[nn.Module]:
    """The modules in ``modules``; none for a leaf."""
    return getattr(module, "modules", None) or []
