"""Storages by type: the memory of tensors as one row of elements, and LongStorages of sizes."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import Any

import numpy as np

import torch7

from .runtime import before_leaving, host
from .tensors import address

TYPES = {
    f"torch.{name}Storage": np.dtype(code)
    for name, code in {
        "Double": "f8",
        "Float": "f4",
        "Half": "f2",
        "Long": "i8",
        "Int": "i4",
        "Short": "i2",
        "Char": "i1",
        "Byte": "u1",
    }.items()
}


class Storage(torch7.Storage):
    """``data`` is the row of elements; ``sizes`` says that it is a LongStorage made for sizes, which memory is not.

    One that :func:`sizes_storage` makes has no memory until somebody looks at it.
    """

    def __init__(self, data: Any, sizes: bool = False) -> None:
        super().__init__(data)
        self.sizes = sizes

    def __getattr__(self, name: str) -> Any:
        if name != "data" or "values" not in self.__dict__:
            raise AttributeError(name)
        self.data = np.array(self.values, np.int64)
        return self.data

    def numbers(self) -> tuple[int, ...]:
        """The elements of a LongStorage as sizes."""
        return tuple(self.data.tolist()) if "data" in self.__dict__ else self.values

    def __str__(self) -> str:
        if not len(self.data):
            return f"[{self.torch_typename} of size 0]\n"
        return torch7.tostring(self.data).replace("Tensor of size", "Storage of size") + "\n"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Storage) or self.torch_typename != other.torch_typename:
            return False
        return self is other or (len(self) == len(other) and self.pointer() == other.pointer())

    __hash__ = object.__hash__

    def pointer(self) -> int:
        return address(self.data)

    def size(self) -> int:
        return len(self.data)

    def totable(self) -> list:
        return self.data.tolist()

    def fill(self, value: float) -> Storage:
        self.data[:] = value
        return self

    def copy(self, other: Any) -> Storage:
        self.data[:] = np.asarray(other)
        return self

    def resize(self, n: int) -> Storage:
        """``n`` elements: the first ones stay. Tensors over the old memory keep that."""
        new = np.zeros(int(n), self.data.dtype)
        kept = min(len(new), len(self.data))
        new[:kept] = self.data[:kept]
        self._take(new)
        return self

    def string(self, text: str | None = None) -> Any:
        """The elements as the characters of a string; with ``text`` they become its characters."""
        if text is None:
            return self.data.astype(np.uint8).tobytes().decode("latin-1")
        self._take(np.frombuffer(text.encode("latin-1"), np.uint8).astype(self.data.dtype))
        return self

    def _take(self, data: Any) -> None:
        """Other memory, which Lua must look at anew."""
        self.data = data
        host.library.forget_elements()

    def type(self, name: str | None = None) -> Any:
        if name is None:
            return self.torch_typename
        return self if name == self.torch_typename else Storage(self.data.astype(TYPES[name]))

    def typename(self) -> str:
        return self.torch_typename

    def elementSize(self) -> int:
        return self.data.itemsize

    def isTensor(self) -> bool:
        return False


def _conversion(name: str) -> Any:
    def convert(self: Storage) -> Storage:
        return self.type(f"torch.{name.capitalize()}Storage")

    convert.__name__ = name
    return convert


for _name in ("double", "float", "half", "long", "int", "short", "char", "byte"):
    setattr(Storage, _name, _conversion(_name))


def sizes_storage(values: Any) -> Storage:
    """A LongStorage of sizes."""
    made = Storage.__new__(Storage)
    made.sizes, made.values = True, tuple(values)
    return made


def make_storage(name: str, *args: Any) -> Storage:
    """``torch.FloatStorage(...)``: empty, of a number of elements, of the values of a table, or another view.

    A storage may be followed by an offset and a number of elements. A string is a file to map into memory: changes stay
    there, or go to the file where True follows; then how many elements, and True for shared memory of that name.
    """
    value = args[0] if args else 0
    if isinstance(value, torch7.Storage) and len(args) > 1:
        first = int(args[1]) - 1
        last = first + int(args[2]) if len(args) > 2 else len(value)
        if not 0 <= first <= last <= len(value):
            raise ValueError(f"{name}: offset {args[1]} and size {args[2:]} of a storage of {len(value)} elements")
        value = Storage(value.data[first:last])
    if isinstance(value, torch7.Storage):
        return value if value.torch_typename == name else Storage(np.asarray(value.data).astype(TYPES[name]))
    if isinstance(value, str):
        data = _mapped(TYPES[name], *args)
    elif isinstance(value, list | tuple):
        data = np.array(list(value)).astype(TYPES[name]) if len(value) else np.zeros(0, TYPES[name])
    else:
        data = np.zeros(int(value), TYPES[name])
    return Storage(data, sizes=name == "torch.LongStorage")


def _mapped(
    dtype: Any, file: str, shared: bool = False, count: float | None = None, memory: bool = False
) -> np.ndarray:
    """The elements of a file, or of shared memory, which is gone with the last that holds it."""
    if memory:
        file = f"/dev/shm/{file}"
    size = os.path.getsize(file) // np.dtype(dtype).itemsize if os.path.exists(file) else 0
    count = size if count is None else int(count)
    if shared and count > size:  # as Torch does, the file grows
        with open(file, "ab") as f:
            f.truncate(count * np.dtype(dtype).itemsize)
    data = np.memmap(file, dtype, "r+" if shared else "c", shape=count or None)
    if memory:
        before_leaving.add(weakref.finalize(data._mmap, _remove, file))
    return data


def _remove(file: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(file)


def storage_of(a: Any) -> Storage | None:
    """The storage of a tensor: all of the memory that its array is a view of."""
    if not a.size:
        return None
    base = _memory(a)
    if base.dtype != a.dtype:
        base = a
    if base.flags.c_contiguous or base.flags.f_contiguous:
        return Storage(np.lib.stride_tricks.as_strided(base, (base.size,), (base.itemsize,)))
    return Storage(base.ravel("K"))


def _memory(a: np.ndarray) -> np.ndarray:
    while isinstance(a.base, np.ndarray):
        a = a.base
    return a


def storage_offset(a: Any) -> int:
    """The place of the first element in its storage, from 1."""
    return (address(a) - address(_memory(a))) // a.itemsize + 1 if a.size else 1


def over_storage(storage: Any, offset: int, shape: tuple[int, ...], strides: Any = None) -> np.ndarray:
    """The tensor of ``shape`` over a storage from element ``offset`` on; ``strides`` in elements. It grows to fit."""
    if offset < 1 or any(n < 0 for n in shape) or (strides is not None and any(s < 0 for s in strides)):
        raise ValueError(f"set: offset {offset}, sizes {shape} and strides {strides} are not positive")
    if strides is None:
        count = int(np.prod(shape))
    else:
        count = 1 + sum((n - 1) * s for n, s in zip(shape, strides)) if all(shape) else 0
    if offset - 1 + count > len(storage):
        storage.resize(offset - 1 + count)
    row = storage.data[offset - 1 :]
    if strides is None:
        return row[:count].reshape(shape)
    return np.lib.stride_tricks.as_strided(row, shape, [s * row.itemsize for s in strides])
