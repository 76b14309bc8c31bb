"""Arguments that are tensors and tables of them, as slots: the tensors one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .places import is_tensor


def tensors(arguments: Sequence[Any]) -> list:
    """The tensors, and what else there is, in nested lists."""
    return [x for a in arguments for x in (tensors(a) if type(a) is list else [a])]


def form(x: Any) -> Any:
    """What of an argument decides over a capture: shapes and types of tensors, and how they are nested."""
    if is_tensor(x):
        return type(x), x.shape, x.dtype
    return (list, *map(form, x)) if type(x) is list else x


def are_tensors(x: Any) -> bool:
    """Whether an argument is a tensor or a nested list of tensors."""
    return all(map(are_tensors, x)) if type(x) is list else is_tensor(x)


class Layout:
    """How arguments lie in slots. The lists are made once: modules that keep one have the same in every run."""

    def __init__(self, arguments: Sequence[Any]) -> None:
        self.count = len(tensors(arguments))
        self.arguments = [_copied(x) for x in arguments]
        self.nested = any(type(x) is list for x in arguments)

    def filled(self, slots: Sequence[Any]) -> Sequence[Any]:
        """The arguments, with the tensors in the slots."""
        if not self.nested:
            return slots
        _fill(self.arguments, iter(slots))
        return self.arguments


def _copied(x: Any) -> Any:
    return [_copied(value) for value in x] if type(x) is list else x


def _fill(table: list, slots: Any) -> None:
    for n, x in enumerate(table):
        if type(x) is list:
            _fill(x, slots)
        else:
            table[n] = next(slots)
