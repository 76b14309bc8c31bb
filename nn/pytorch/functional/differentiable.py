"""How a function and its backward become one that a tape can record."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from torch7.arrays import is_array

from ..overwriting import overwrite
from ..parameter import Parameter
from ..tape import Value, active, data_of, suspended
from .door import guarded


def differentiable(backward: Callable, *arrays: str, saving: Callable | None = None) -> Callable:
    """Decorate ``F.name``: under a tape its call is written down with ``backward``, its ``F.name_backward``.

    ``backward(gradOutput, *arguments of name)`` returns a tuple, one gradient for each argument named in ``arrays``, in
    order (``"input"`` if none is named). A function with by-products gives ``saving``: called as the function itself it
    returns ``(output, by-products)``, a dict that backward takes as keywords. A function with several outputs, of which
    k are floats, gets a list of k gradients.
    """
    names, proved = arrays or ("input",), guarded(backward)

    def decorate(function: Callable) -> Callable:
        signature = inspect.signature(function)

        @wraps(function)
        def call(*args: Any, **settings: Any) -> Any:
            if active.tape is None:
                try:
                    return function(*args, **settings)
                except TypeError:  # the first array on a GPU: who computes there was not known yet
                    if all(isinstance(x, np.ndarray) or not is_array(x) for x in args):
                        raise
                return function(*args, **settings)
            observer = active.tape.observer
            if observer is not None:
                return observer(function.__name__, args, settings, lambda: recorded(args, settings))
            return recorded(args, settings)

        def recorded(args: tuple, settings: dict) -> Any:
            assert active.tape is not None
            bound = signature.bind(*args, **settings)
            given = dict(bound.arguments)
            parents = tuple(_value(given.get(name)) for name in names)
            for name, x in given.items():
                if name not in names and isinstance(x, Value) and x.needs:
                    raise TypeError(f"{function.__name__} has no gradient by {name}: pass {name}.detach()")
            bound.arguments.update((name, data_of(x)) for name, x in given.items())
            overwrites = given.get("inplace") and parents[0] is not None
            if overwrites:
                bound.arguments["inplace"] = False
            args, settings = bound.args, bound.kwargs
            output, kept = (
                suspended(saving, *args, **settings) if saving else (suspended(function, *args, **settings), {})
            )
            settings = {n: x for n, x in settings.items() if n != "out"}
            made = active.tape.record(output, parents, lambda g: proved(g, *args, **settings, **kept))
            return overwrite(parents[0], made) if overwrites else made

        return call

    return decorate


def pair(name: str, doc: str, function: Callable, backward: Callable, *arrays: str, saving: Any = None) -> tuple:
    """``F.name`` and ``F.name_backward``, under their names, of functions that were made for a number of dimensions."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    backward.__name__ = backward.__qualname__ = f"{name}_backward"
    backward.__doc__ = backward.__doc__ or f"Gradients of :func:`{name}`."
    return differentiable(backward, *arrays, saving=saving)(function), backward


def _value(x: Any) -> Any:
    if isinstance(x, Parameter):
        return active.tape.leaf(x)  # type: ignore[union-attr]
    return x if isinstance(x, Value) else None
