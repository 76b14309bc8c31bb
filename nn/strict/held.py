"""Results that a script holds while a later pass writes over them.

Outputs and gradients are buffers, one array for all calls. So the results of a strict call are handed out as views, new
ones each time, and known here by their identity; what is handed in again is turned back into the array itself.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from torch7 import StrictError, arrays

from .. import utils
from ..module import Module
from ..storage import layout, storage_of, view_of
from .places import contents, script_line


class Window:
    """What a view that is handed out looks through at ``tensor``: so parts of the view lead back to it by ``base``."""

    def __init__(self, tensor: np.ndarray) -> None:
        self.tensor = tensor
        self.__array_interface__ = tensor.__array_interface__


class Result:
    """A tensor that was handed out: whose it is, what it held, and which call wrote to its memory since."""

    def __init__(self, view: Any, owner: Any, tensor: Any, name: str) -> None:
        self.view = weakref.ref(view, lambda _: _results.pop(self.key, None))
        self.key, self.tensor, self.name = id(view), tensor, name
        self.owner = weakref.ref(owner)
        self.contents, self.line = contents(tensor), script_line()
        self.overwritten: str | None = None


_results: dict[int, Result] = {}


def before(owner: Any) -> list[tuple[Result, Any]]:
    """The results of ``owner`` and of the modules in it that the script holds, each with what it holds."""
    inside = {id(m) for m in owner.listModules()} if isinstance(owner, Module) else {id(owner)}
    mine = [r for r in list(_results.values()) if r.overwritten is None and id(r.owner()) in inside]
    return [(result, contents(result.tensor)) for result in mine]


def after(results: list[tuple[Result, Any]]) -> None:
    """Note which of the results the pass since :func:`before` has written over."""
    for result, held in results:
        if contents(result.tensor) != held:
            result.overwritten = script_line()


def hand_out(owner: Any, value: Any, name: str) -> Any:
    """``value``, a result of ``owner``'s ``name`` (such as ``nn.Linear.forward``), with a new view for each tensor."""
    if isinstance(value, dict):
        return type(value)((key, hand_out(owner, entry, name)) for key, entry in value.items())
    if utils.is_table(value):
        return type(value)([hand_out(owner, entry, name) for entry in value])
    if not arrays.is_array(value):
        return value
    view = np.asarray(Window(value)) if isinstance(value, np.ndarray) else value.view()
    result = Result(view, owner, value, name)
    _results[result.key] = result
    return view


def take_in(value: Any, user: str, what: str) -> Any:
    """``value`` with the arrays behind views; ``StrictError`` for one that holds another result by now.

    ``user`` is who gets it and ``what`` it is there: ``nn.MSECriterion.forward`` and ``input``.
    """
    if utils.is_table(value):
        keys = list(utils.keys(value))
        entries = [take_in(value[key], user, what) for key in keys]
        if all(entry is value[key] for key, entry in zip(keys, entries)):
            return value
        return dict(zip(keys, entries)) if isinstance(value, dict) else entries
    result = result_of(value)
    if result is None:
        return value
    if result.overwritten is not None and contents(result.tensor) != result.contents:
        raise StrictError(
            f"{user}: its {what} is the result of {result.name} at {result.line}, which the call at "
            f"{result.overwritten} has overwritten: results are buffers that the next call reuses; "
            "keep one with torch.clone()"
        )
    return result.tensor if value is result.view() else same_part(value, result.tensor)


def result_of(value: Any) -> Result | None:
    """The result that ``value`` is, or is a part of."""
    while arrays.is_array(value):
        result = _results.get(id(value))
        if result is not None and result.view() is value:
            return result
        value = value.base
    return None


def same_part(part: Any, tensor: Any) -> Any:
    """``part``, a view of what was handed out for ``tensor``, as a view of ``tensor`` itself."""
    storage = storage_of(tensor)
    return part if part.dtype != tensor.dtype else view_of(storage, *layout(part, storage))


def forget() -> None:
    """Forget all results."""
    _results.clear()
