"""Tensors that take other memory: NumPy's cannot, so those who hold them get the new array."""

from __future__ import annotations

import gc
import types
from typing import Any

import numpy as np

import torch7

from ..lua import is_number


def reseat(old: Any, new: Any) -> Any:
    """``x:set(y)`` of a tensor out of a list: the list and all modules that held ``old`` hold ``new``, the result."""
    if new is old:
        return new
    for holder in gc.get_referrers(old):
        if isinstance(holder, list):
            holder[:] = [new if x is old else x for x in holder]
        elif isinstance(holder, dict):
            holder.update({k: new for k, x in holder.items() if x is old})
    for o in gc.get_objects():
        if isinstance(getattr(o, "__dict__", None), dict) and not isinstance(o, types.ModuleType | type):
            _reseat_fields(o, old, new)
    return new


def _reseat_fields(o: Any, old: Any, new: Any) -> None:
    for name, x in list(vars(o).items()):
        if x is old:
            setattr(o, name, new)


def into(x: Any, result: Any) -> Any:
    """A result in ``x``, which is returned, where the sizes fit; else the result in the type of ``x``. Tuples: each."""
    if isinstance(x, tuple):
        return tuple(map(into, x, result))
    if not torch7.isTensor(result):
        return result
    if x.shape == result.shape:
        return torch7.copy(x, result)
    return result.astype(x.dtype, copy=False)


def view_of(x: Any, *args: Any) -> Any:
    """``x:set()`` and ``x:set(storage, ...)``: an empty tensor, or a view of the storage."""
    if not args:
        return np.empty(0, x.dtype)
    return args[0] if len(args) == 1 and torch7.isTensor(args[0]) else over_storage(*args)


def over_storage(storage: Any, offset: int = 1, sizes: Any = None, *rest: Any) -> Any:
    """``torch.Tensor(storage, offset, sizes [, strides])``: a tensor over the memory of a storage."""
    data = np.asarray(storage.data if isinstance(storage, torch7.Storage) else storage)[int(offset) - 1 :]
    if sizes is None:
        return data
    if is_number(sizes):  # sizes and strides in turn
        sizes, rest = (sizes, *rest)[0::2], ((sizes, *rest)[1::2],)
    shape = tuple(int(n) for n in sizes)
    if not rest or not len(rest[0]):
        return data[: int(np.prod(shape))].reshape(shape)
    strides = tuple(int(n) * data.itemsize for n in rest[0])
    if sum((n - 1) * s for n, s in zip(shape, rest[0])) >= data.size:
        raise ValueError(f"a tensor of sizes {shape} with strides {tuple(rest[0])} is larger than its storage")
    return np.lib.stride_tricks.as_strided(data, shape, strides)


def pointer(x: Any) -> int:
    """``torch.pointer``: a number for the object."""
    return id(x)
