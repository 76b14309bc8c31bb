"""Labels and indices: whole numbers, in whatever type of tensor they come."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from . import thnn


def whole(owner: Any, x: Any, what: str = "labels") -> Any:
    """``x`` as int64; ``ValueError`` unless all its elements are whole numbers."""
    check_whole(owner, x, what)
    with np.errstate(invalid="ignore"):  # infinite ones become a number out of range
        return x.astype(np.int64, copy=False)


def check_whole(owner: Any, x: Any, what: str = "labels") -> None:
    """Raise ``ValueError`` unless all elements of ``x`` are whole numbers."""
    if x.dtype.kind != "f":
        return
    if isinstance(x, np.ndarray) and x.dtype in (np.float32, np.float64) and x.flags.carray:
        first = thnn.Labels_fraction(x.reshape(-1))
    else:
        xp = arrays.array_module(x)
        wrong = ~(xp.floor(x) == x).reshape(-1)
        first = int(wrong.argmax()) if wrong.any() else -1
    if first >= 0:
        name = owner if isinstance(owner, str) else registry.class_name(type(owner))
        raise ValueError(f"{name}: {what} must be whole numbers, got {x.reshape(-1)[first]:g}")
