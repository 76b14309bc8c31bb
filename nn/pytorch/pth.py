"""A reader of PyTorch's zip files that runs nothing: arrays, containers and numbers come out, all else is refused."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

_STORAGES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}
_STORAGES |= {"IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?"}
_STORAGES |= {"BFloat16Storage": "bfloat16", "ComplexFloatStorage": "<c8", "ComplexDoubleStorage": "<c16"}
#: PyTorch's names of types -> what a file that mentions one gives.
_TYPES = {name: np.dtype(name) for name in ("float16", "float32", "float64", "int8", "int16", "int32", "int64")}
_TYPES |= {"uint8": np.dtype("uint8"), "bool": np.dtype("bool"), "bfloat16": "bfloat16"}
_TYPES |= {"complex64": np.dtype("complex64"), "complex128": np.dtype("complex128")}


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


def _device(kind: Any, index: Any = None) -> str:
    """The name of a device, such as ``"cuda:0"``."""
    return str(kind) if index is None else f"{kind}:{index}"


def _dict(*factory: Any) -> dict:
    """A dict in place of a defaultdict, whose factory is not run."""
    return {}


class _NumberType:
    """Stands for ``numpy.dtype``: the type of a number beside the tensors."""

    def __init__(self, code: Any, *rest: Any) -> None:
        if not isinstance(code, str) or (code not in ("b1", "f2", "f4", "f8") and code[:1] not in "iu"):
            raise ValueError(f"a number of the type {code!r}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: Any) -> None:
        if state[1] == ">":
            raise ValueError("its numbers are big-endian")


def _number(kind: Any, data: Any) -> Any:
    if not isinstance(kind, _NumberType) or not isinstance(data, bytes) or len(data) != kind.dtype.itemsize:
        raise ValueError("a number without a type")
    return np.frombuffer(data, kind.dtype)[0]


def _bytes(text: Any, encoding: Any) -> bytes:
    if encoding != "latin1" or not isinstance(text, str):
        raise ValueError("bytes of an unknown kind")
    return text.encode("latin1")


_ALLOWED = {
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "defaultdict"): _dict,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
    ("argparse", "Namespace"): SimpleNamespace,
    ("torch", "device"): _device,
    ("_codecs", "encode"): _bytes,
    ("numpy", "dtype"): _NumberType,
    ("numpy._core.multiarray", "scalar"): _number,
    ("numpy.core.multiarray", "scalar"): _number,
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
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        if module in ("builtins", "__builtin__") and name in ("int", "long", "float", "list", "dict", "bool", "str"):
            return name  # the factory of a defaultdict: nothing is called
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
        return np.frombuffer(data, code).astype(np.dtype(code).type)


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
