"""What the backward of every function refuses before compiled code sees it.

Compiled code takes an array of floats in the other byte order for one in its own, one of half precision not at all, and
where two types meet it would read or write one as the other.
Modules check what they get; functions get their arguments from anybody.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..checks import is_float


def guarded(backward: Callable) -> Callable:
    """``F.name_backward`` with ``TypeError`` for gradients of another type than the first array and for swapped arrays.

    ``backward.converts`` says that it takes other arrays than gradients in any order.
    """
    name, converts = backward.__name__, getattr(backward, "converts", False)
    has_dtype = "dtype" in inspect.signature(backward).parameters  # then the output may be of another type

    @wraps(backward)
    def call(gradOutput: Any, *args: Any, **settings: Any) -> Any:
        kind = None if converts or has_dtype else _kind(name, (*args, *settings.values()))
        for g in gradOutput if type(gradOutput) in (list, tuple) else (gradOutput,):
            if isinstance(g, np.ndarray) and not is_float(g):
                raise TypeError(f"{name}: gradOutput must be float32 or float64, got {g.dtype}")
            if isinstance(g, np.ndarray) and kind is not None and g.dtype != kind:
                raise TypeError(f"{name}: gradOutput is {g.dtype}, the first array {kind}: use g.astype({kind.name!r})")
        return backward(gradOutput, *args, **settings)

    call.__module__ = __package__  # where it is found under its name
    return call


def _kind(name: str, arguments: tuple) -> Any:
    """The type of the first array of floats, None if there is none; ``TypeError`` for any in the other byte order."""
    found = None
    for x in arguments:
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            if not x.dtype.isnative:
                raise TypeError(f"{name}: float32 or float64 in the machine's byte order expected, got {x.dtype}")
            found = x.dtype if found is None else found
    return found


def guard(names: dict[str, Any]) -> None:
    """Guard all backward functions among the names of a module."""
    names.update((name, guarded(f)) for name, f in list(names.items()) if name.endswith("_backward"))
