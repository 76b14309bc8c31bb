"""Sharing of memory between tensors, kept when objects are copied, pickled or converted.

Torch's tensors are views of storages. Here the storage of an array is the array that owns its memory; what follows
copies and converts each storage once and makes new views of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from torch7 import arrays


def storage_of(x: Any) -> Any:
    """The outermost array of ``x``'s dtype whose memory ``x`` looks at; ``x`` itself unless it is a view."""
    while arrays.is_array(x.base) and x.base.dtype == x.dtype:
        x = x.base
    return x


def view_of(storage: Any, shape: tuple, strides: tuple, offset: int) -> Any:
    """The array of ``shape`` over ``storage`` whose ``strides`` and ``offset`` count elements."""
    size = storage.dtype.itemsize
    strides = tuple(s * size for s in strides)
    if isinstance(storage, np.ndarray):
        return np.ndarray(shape, storage.dtype, storage, offset * size, strides)
    return arrays.cupy().ndarray(shape, storage.dtype, storage.data + offset * size, strides)


def layout(x: Any, storage: Any) -> tuple[tuple, tuple, int]:
    """Shape, strides and offset of ``x`` in ``storage``, in elements."""
    size = x.dtype.itemsize
    return x.shape, tuple(s // size for s in x.strides), arrays.offset_of(x, storage) // size


class View:
    """Stands for a view while its object is copied or pickled: the storage travels once, the view is laid anew."""

    def __init__(self, x: Any) -> None:
        self.tensor, self.storage = x, storage_of(x)
        self.layout = layout(x, self.storage)

    def __reduce__(self) -> tuple:
        return View.lay, (dense(self.storage), *self.layout)

    def __deepcopy__(self, memo: dict) -> Any:
        if id(self.tensor) not in memo:
            memo[id(self.tensor)] = view_of(dense(copy.deepcopy(self.storage, memo)), *self.layout)
        return memo[id(self.tensor)]

    @staticmethod
    def lay(storage: Any, shape: tuple, strides: tuple, offset: int) -> Any:
        return view_of(storage, shape, strides, offset)


def dense(storage: Any) -> Any:
    """``storage`` if it is C-contiguous, else its memory as a flat array."""
    return storage if storage.flags.c_contiguous else storage.ravel(order="K")


def convert(x: Any, name: str, cache: dict) -> Any:
    """``x`` as Torch type ``name``; views of one storage become views of one converted storage.

    Index buffers and masks keep their dtype. ``cache`` remembers the storages and tensors that were converted, so that
    a tensor that several modules hold stays one object; pass one cache to keep sharing across objects.
    """
    xp, dtype = arrays.module_of(name), arrays.dtype_of(name)
    if x.dtype.kind in "iub":
        dtype = x.dtype
    if x.dtype == dtype and arrays.array_module(x) is xp:
        return x
    storage = storage_of(x)
    if id(storage) not in cache:
        cache[id(storage)] = storage, arrays.moved(dense(storage), xp, dtype)
    new = cache[id(storage)][1]
    if x is not storage or new.shape != x.shape or not x.flags.c_contiguous:
        new = view_of(new, *layout(x, storage))
    return cache.setdefault(("tensor", id(x)), (x, new))[1]


def pack(value: Any) -> Any:
    """``value`` with every array in it that is a view replaced by a :class:`View`; what holds none stays the same."""
    if arrays.is_array(value):
        return value if storage_of(value) is value else View(value)
    if isinstance(value, list | tuple):
        packed = [pack(v) for v in value]
        return value if all(map(_same, packed, value)) else type(value)(packed)
    if isinstance(value, dict):
        packed = {k: pack(v) for k, v in value.items()}
        return value if all(map(_same, packed.values(), value.values())) else packed
    return value


def _same(a: Any, b: Any) -> bool:
    return a is b


class Shared:
    """Base of Module and Criterion: copying and pickling keep the sharing of memory between tensors.

    ``_transient`` names attributes that are derived from others; they are neither copied nor written to files, and
    ``_restore`` makes them anew.
    """

    _transient: tuple[str, ...] = ("_left_out",)

    def __getstate__(self) -> dict:
        return {name: self._packed(name, value) for name, value in persistent(self).items()}

    def _packed(self, name: str, value: Any) -> Any:
        own = self._unlinked(name, value)
        return pack(value) if own is value else own

    def _unlinked(self, name: str, value: Any) -> Any:
        """Buffers of the last call travel by value: they may be views of a whole data set."""
        linked = name in ("output", "gradInput") and arrays.is_array(value) and value.base is not None
        return value.copy() if linked else value

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._restore()

    def _restore(self) -> None:
        """Make the transient attributes from the others, after copying or reading."""


@cache
def transient(cls: type) -> frozenset[str]:
    """All names that ``cls`` and its parents declare transient."""
    return frozenset(name for c in cls.__mro__ for name in vars(c).get("_transient", ()))


def persistent(obj: Any) -> dict[str, Any]:
    """The fields of ``obj`` that Torch would have: its attributes without the transient ones."""
    hidden = transient(type(obj))
    return {name: value for name, value in vars(obj).items() if name not in hidden}


def replace_arrays(obj: Any, swap: Callable[[Any], Any], seen: set[int] | None = None) -> Any:
    """Replace every array in ``obj``'s fields, lists, dicts and nested objects by ``swap(array)``, in place."""
    seen = set() if seen is None else seen
    if arrays.is_array(obj):
        return swap(obj)
    if id(obj) in seen:
        return obj
    if isinstance(obj, Shared):
        _replace_items(obj.__dict__, obj.__dict__.items(), swap, seen, obj)
    elif isinstance(obj, dict):
        _replace_items(obj, obj.items(), swap, seen, obj)
    elif isinstance(obj, list):
        _replace_items(obj, enumerate(obj), swap, seen, obj)
    elif isinstance(obj, tuple):
        return tuple(replace_arrays(v, swap, seen) for v in obj)
    return obj


def _replace_items(items: Any, pairs: Any, swap: Callable, seen: set[int], owner: Any) -> None:
    seen.add(id(owner))
    for key, value in list(pairs):
        new = replace_arrays(value, swap, seen)
        if new is not value:
            items[key] = new
