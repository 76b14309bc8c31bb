"""``require 'hdf5'``: tensors in HDF5 files, through h5py (extra ``hdf5``)."""

from __future__ import annotations

from typing import Any

import numpy as np

import torch7
from torch7.arrays import describe
from torch7.tensor.checks import position_of

from .npy4th import _tensor


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as e:
        raise ImportError("hdf5 needs h5py: pip install 'torch7[hdf5]'") from e
    return h5py


class DataSetOptions:
    """How a data set lies in its file: ``setChunked(n, ...)``, ``setDeflate([level])``; each returns the options."""

    torch_typename = "hdf5.DataSetOptions"

    def __init__(self) -> None:
        self.chunks: tuple[int, ...] | None = None
        self.level: int | None = None

    def setChunked(self, *sizes: int) -> DataSetOptions:
        self.chunks = tuple(int(n) for n in sizes)
        return self

    def setDeflate(self, level: int | None = None) -> DataSetOptions:
        self.level = 6 if level is None else int(level)
        return self

    def keywords(self) -> dict[str, Any]:
        """What h5py calls them."""
        found: dict[str, Any] = {"chunks": self.chunks} if self.chunks else {}
        return found if self.level is None else {**found, "compression": "gzip", "compression_opts": self.level}


class HDF5DataSet:
    """A tensor in a file: ``all()``, ``partial({from, to}, ...)`` from 1 and both in it, ``dataspaceSize()``."""

    torch_typename = "hdf5.HDF5DataSet"

    def __init__(self, data: Any) -> None:
        self._data = data

    def all(self) -> Any:
        """The whole tensor; a single number is a tensor of one element, text is text."""
        found = self._data[()]
        if isinstance(found, bytes):
            return found.decode("utf-8", "surrogateescape")
        return found if isinstance(found, str) else _tensor(np.atleast_1d(np.asarray(found)), self._data.name)

    def partial(self, *ranges: Any) -> Any:
        """The part ``[[from, to], ...]``, a pair for each dimension; only that part is read."""
        if len(ranges) != self._data.ndim:
            raise ValueError(f"hdf5: {self._data.name} has {self._data.ndim} dimensions, got {len(ranges)} ranges")
        parts = []
        for (first, last), n in zip(ranges, self._data.shape):
            parts.append(slice(position_of(first, n), position_of(last, n) + 1))
            if last < first:
                raise IndexError(f"hdf5: the range {first}..{last} of {self._data.name} is empty")
        return _tensor(self._data[tuple(parts)], self._data.name)

    def dataspaceSize(self) -> list[int]:
        """The sizes."""
        return list(self._data.shape)

    def getTensorFactory(self) -> str:
        """The type of tensor that ``all`` gives."""
        return torch7.typename(_tensor(np.empty(0, self._data.dtype), self._data.name))


class HDF5Group:
    """A folder in a file: ``all()`` is a table, ``read(name)`` an entry, ``write(name, data)`` adds one."""

    torch_typename = "hdf5.HDF5Group"

    def __init__(self, group: Any) -> None:
        self._group = group

    def read(self, name: str | None = None) -> Any:
        """The data set or group of a name, which may be a path."""
        name = (name or "/").strip()
        if name.strip("/") == "":
            return HDF5Group(self._group)
        if name.strip("/") not in self._group:
            raise KeyError(f"hdf5: nothing is called {name} in {self._group.file.filename}")
        found = self._group[name.strip("/")]
        return HDF5DataSet(found) if isinstance(found, _h5py().Dataset) else HDF5Group(found)

    def all(self) -> Any:
        """All entries by name, groups as tables in the table."""
        return {_key(name): self.read(name).all() for name in self._group}

    def write(self, name: str, data: Any, options: DataSetOptions | None = None) -> None:
        """Put a tensor, number, text or table of such under a name; folders of its path are made."""
        path = name.strip("/")
        if isinstance(data, dict | list):
            inner = HDF5Group(self._group.require_group(path) if path else self._group)
            for key, value in data.items() if isinstance(data, dict) else enumerate(data, 1):
                inner.write(str(key), value, options)
            return
        if not torch7.isTensor(data) and not isinstance(data, int | float | str):
            raise TypeError(f"hdf5: tensors, numbers, text and tables of them are written, got {describe(data)}")
        if path in self._group:
            raise ValueError(f"hdf5: {name} is already in {self._group.file.filename}")
        keywords = options.keywords() if options is not None and np.ndim(data) else {}
        self._group.create_dataset(path, data=data.get() if hasattr(data, "get") else data, **keywords)


def _key(name: str) -> Any:
    return int(name) if name.isdigit() else name


class HDF5File(HDF5Group):
    """An open file; the group of all. ``close()`` ends it, as does a ``with``."""

    torch_typename = "hdf5.HDF5File"

    def __init__(self, filename: str, mode: str | None = None) -> None:
        mode = mode or "a"
        if mode not in ("r", "r+", "w", "a"):
            raise ValueError(f"hdf5.open: the mode is 'r', 'r+', 'w' or 'a', not {mode!r}")
        super().__init__(_h5py().File(filename, mode))
        self._filename = filename

    def filename(self) -> str:
        return self._filename

    def close(self) -> None:
        self._group.close()

    def __enter__(self) -> HDF5File:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open(filename: str, mode: str | None = None) -> HDF5File:
    """``hdf5.open(name, mode)``: ``'r'`` to read, ``'w'`` to begin anew, ``'a'`` (default) to read and add."""
    return HDF5File(filename, mode)
