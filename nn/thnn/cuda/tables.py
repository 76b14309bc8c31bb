"""Small arrays of the host, such as window bounds and plans of convolutions, on the GPU: one copy of each, bounded."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from torch7 import arrays

MANY = 512
_kept: dict[tuple, Any] = {}
_twins: dict[tuple, Any] = {}


def on_gpu(table: Any) -> Any:
    """``table`` there; the same contents are copied once, unless many others came between."""
    if not isinstance(table, np.ndarray):
        return table
    cupy = arrays.cupy()
    key = table.tobytes(), table.shape, table.dtype, cupy.cuda.runtime.getDevice()
    found = _kept.pop(key, None)
    if found is None:
        found = cupy.asarray(table)
        if len(_kept) >= MANY:
            del _kept[next(iter(_kept))]
    _kept[key] = found
    return found


def twin(table: Any, dtype: Any = None) -> Any:
    """``table`` there, for a large one that nobody writes to: it is copied once, and goes when the table does."""
    if not isinstance(table, np.ndarray):
        return table if dtype is None else table.astype(dtype, copy=False)
    cupy = arrays.cupy()
    key = id(table), np.dtype(dtype or table.dtype), cupy.cuda.runtime.getDevice()
    if key not in _twins:
        _twins[key] = cupy.asarray(table, key[1])
        weakref.finalize(table, _twins.pop, key, None)
    return _twins[key]


def held() -> list[Any]:
    """All copies that there are."""
    return [*_kept.values(), *_twins.values()]
