"""Where captured arrays are: in the memory of the CPU or on a GPU. All of a computation are in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from torch7 import arrays


def is_tensor(x: Any) -> bool:
    """Whether ``x`` is a plain array of NumPy's, or one on a GPU."""
    kind = type(x)
    return kind is np.ndarray or (arrays.cuda_is_used() and kind is arrays.cupy().ndarray)


def kind_of(owners: Sequence[Any], slots: Sequence[Any]) -> type | None:
    """The class of all arrays of a computation; None where slots are of several, or no tensors."""
    kinds = set(map(type, slots)) or {_of_owners(owners)}
    return kinds.pop() if len(kinds) == 1 and all(map(is_tensor, slots)) else None


def _of_owners(owners: Sequence[Any]) -> type:
    there = any(getattr(x, "_type", None) in arrays.CUDA_TYPES for x in owners)
    return arrays.cupy().ndarray if there and arrays.cuda_is_used() else np.ndarray


def device() -> int | None:
    """The current GPU; None in programs that use none."""
    return arrays.cupy().cuda.runtime.getDevice() if arrays.cuda_is_used() else None


def same_place(a: Any, b: Any) -> bool:
    """Whether two views show the same elements in the same way."""
    if a.base is None or b.base is None or not a.size:
        return False
    if type(a) is np.ndarray:
        return a.__array_interface__ == b.__array_interface__
    return (a.data.ptr, a.shape, a.strides, a.dtype) == (b.data.ptr, b.shape, b.strides, b.dtype)


def overlap(a: Any, b: Any) -> bool:
    """Whether two arrays may share memory."""
    return type(a) is type(b) and bool(arrays.array_module(a).may_share_memory(a, b))


def bits(x: Any) -> bytes:
    """The elements of an array, for a comparison."""
    return (x if type(x) is np.ndarray or isinstance(x, np.generic) else x.get()).tobytes()
