"""Labels and indices: whole numbers, in whatever type of tensor they come."""

from __future__ import annotations

from math import inf
from typing import Any, NoReturn

import numpy as np

from torch7 import arrays, registry

from . import thnn

#: Up to here a float64 is exact.
EXACT = 2**53


def whole(owner: Any, x: Any, what: str = "labels") -> Any:
    """``x`` as int64; ``ValueError`` unless all its elements are whole numbers."""
    check_whole(owner, x, what)
    return x.astype(np.int64, copy=False)


def whole_or_none(x: Any) -> Any:
    """``x`` on a GPU, where nobody waits for a check: what is no whole number is one that is no label or index."""
    xp = arrays.array_module(x)
    return xp.where(xp.floor(x) == x, x, -float(EXACT)) if x.dtype.kind == "f" else x


def check_whole(owner: Any, x: Any, what: str = "labels") -> None:
    """Raise ``ValueError`` unless all elements of ``x`` are whole numbers, up to 2^53 where they are of a float type.

    Beyond, and for infinity, an int64 would be another number, such as the one that stands for no label at all.
    """
    if x.dtype.kind != "f":
        return
    if x.dtype in (np.float32, np.float64) and arrays.plain(x):
        first = thnn.Labels_fraction(x.reshape(-1))
    else:
        xp = arrays.array_module(x)
        wrong = ~((xp.floor(x) == x) & (abs(x) <= EXACT)).reshape(-1)
        first = int(wrong.argmax()) if wrong.any() else -1
    if first != -1:
        thnn.refused(first, lambda place: _refuse(owner, x, what, place))


def _refuse(owner: Any, x: Any, what: str, place: int) -> NoReturn:
    name = owner if isinstance(owner, str) else registry.class_name(type(owner))
    value = float(x.reshape(-1)[place])
    limit = " up to 2^53" if EXACT < abs(value) < inf else ""
    raise ValueError(f"{name}: {what} must be whole numbers{limit}, got {value:g}")
