"""A reader of PyTorch's zip files that runs nothing: arrays and containers come out, anything else is refused."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

_STORAGES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}
_STORAGES |= {"IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?"}
_STORAGES |= {"BFloat16Storage": "bfloat16"}


class _StorageType:
    """Stands for ``torch.FloatStorage`` and its like."""

    def __init__(self, name: str) -> None:
        self.code = _STORAGES[name]


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *rest: Any) -> np.ndarray:
    """The array of these sizes and strides, a copy, after proof that it lies within the storage."""
    if not isinstance(storage, np.ndarray) or len(size) != len(stride):
        raise ValueError("a tensor without a storage, or with other strides than sizes")
    if not all(type(n) is int and n >= 0 for n in (offset, *size, *stride)):
        raise ValueError(f"a tensor with offset {offset}, size {size}, strides {stride}")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride))
    if 0 in size:
        return np.empty(size, storage.dtype)
    if last >= storage.size:
        raise ValueError(f"a tensor ends at {last}, its storage has {storage.size} elements")
    if np.prod(size, dtype=object) > max(storage.size, 1):
        raise ValueError(f"a tensor of size {size} repeats the {storage.size} elements of its storage")
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], tuple(size), strides).copy()


def _parameter(data: Any, *rest: Any) -> Any:
    return data


_ALLOWED = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "Size"): tuple,
}


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(file)
        self.archive, self.folder = archive, folder
        self.storages: dict[str, np.ndarray] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if module == "torch" and name in _STORAGES:
            return _StorageType(name)
        raise ValueError(
            f"it holds {module}.{name}, which is no tensor and no container: save the model's state_dict() instead"
        )

    def persistent_load(self, saved: Any) -> np.ndarray:
        kind, storage, key, _, count = saved
        if kind != "storage" or not isinstance(storage, _StorageType) or type(count) is not int:
            raise ValueError("a storage of an unknown kind")
        if key not in self.storages:
            self.storages[key] = self._storage(storage.code, str(key), count)
        return self.storages[key]

    def _storage(self, code: str, key: str, count: int) -> np.ndarray:
        entry = self.archive.getinfo(f"{self.folder}data/{key}")
        width = 2 if code == "bfloat16" else np.dtype(code).itemsize
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != count * width:
            raise ValueError(f"storage {key} has {entry.file_size} bytes, {count} elements of {code} are announced")
        data = self.archive.read(entry)
        if code == "bfloat16":
            return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
        return np.frombuffer(data, code).astype(np.dtype(code).newbyteorder("="))


def read(path: Path) -> Any:
    """What ``torch.save`` wrote: a state dict, or a tensor, dict, list or tuple. ``ValueError`` for anything else."""
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path.name}: not in the zip format of torch.save; load it in PyTorch and save it again, "
            "as it is in the older form, or damaged"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(n for n in archive.namelist() if n == "data.pkl" or n.endswith("/data.pkl"))
            folder, entry = name.removesuffix("data.pkl"), archive.getinfo(name)
            order = f"{folder}byteorder"
            if order in archive.namelist() and archive.read(order) != b"little":
                raise ValueError("its numbers are big-endian")
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError("its data.pkl is compressed")
            with archive.open(entry) as file:
                return _Reader(file, archive, folder).load()
    except StopIteration:
        raise ValueError(f"{path.name}: there is no data.pkl in it") from None
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path.name}: {error}") from None
    except (zipfile.BadZipFile, OverflowError, MemoryError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{path.name}: damaged: {error}") from None
