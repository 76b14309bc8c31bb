"""What the backward of every function refuses before compiled code sees it.

Compiled code takes an array of floats in the other byte order for one in its own, and one of half precision not at all.
Modules check what they get; functions get their arguments from anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..checks import is_float


def guarded(backward: Callable) -> Callable:
    """``F.name_backward`` with ``TypeError`` for gradients that are no float32 or float64, and for swapped arrays.

    ``backward.converts`` says that it takes other arrays than gradients in any order.
    """
    name, converts = backward.__name__, getattr(backward, "converts", False)

    @wraps(backward)
    def call(gradOutput: Any, *args: Any, **settings: Any) -> Any:
        for g in gradOutput if type(gradOutput) in (list, tuple) else (gradOutput,):
            if isinstance(g, np.ndarray) and not is_float(g):
                raise TypeError(f"{name}: gradOutput must be float32 or float64, got {g.dtype}")
        for x in () if converts else (*args, *settings.values()) if settings else args:
            if isinstance(x, np.ndarray) and not x.dtype.isnative and x.dtype.kind == "f":
                raise TypeError(f"{name}: float32 or float64 in the machine's byte order expected, got {x.dtype}")
        return backward(gradOutput, *args, **settings)

    call.__module__ = __package__  # where it is found under its name
    return call


def guard(names: dict[str, Any]) -> None:
    """Guard all backward functions among the names of a module."""
    names.update((name, guarded(f)) for name, f in list(names.items()) if name.endswith("_backward"))
