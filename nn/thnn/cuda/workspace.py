"""Scratch memory on the GPU, one piece a purpose and device, which grows and is used again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from torch7 import arrays

_kept: dict[tuple, Any] = {}


def take(name: str, dtype: Any, *shape: int) -> Any:
    """An array of ``shape`` with undefined contents, until ``name`` is taken again."""
    cupy = arrays.cupy()
    key = name, np.dtype(dtype), cupy.cuda.runtime.getDevice()
    size = math.prod(shape)
    kept = _kept.get(key)
    if kept is None or kept.size < size:
        kept = _kept[key] = cupy.empty(size, dtype)
    return kept[:size].reshape(shape)


def held() -> list[Any]:
    """All pieces that there are."""
    return list(_kept.values())
