"""``tnn.load`` and ``tnn.save``: state dicts in .npz and .safetensors; reading of PyTorch's .pth without PyTorch."""

from __future__ import annotations

import errno
import json
import math
import os
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from torch7 import arrays
from torch7.serialization.replacing import replacing

from .parameter import plain

#: safetensors' names of types; BF16 is read as float32
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"}
_DTYPES |= {"BOOL": "?", "U16": "<u2", "U32": "<u4", "U64": "<u8"}
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items()}
#: What the readers of zip archives, arrays and JSON raise for bytes that are none, besides ``ValueError``.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, TypeError, AttributeError, RecursionError)
_DAMAGE += (OverflowError, MemoryError, NotImplementedError, SyntaxError)
_HEADER = 100_000_000  # the most bytes of a header, as in the format's own reader


def save(obj: Any, path: Any) -> None:
    """Write a module's ``state_dict``, or a dict of arrays, to ``.npz`` or ``.safetensors``.

    Arrays that share all their memory, as tied parameters do, are written once, with a note of the other names.
    ``ValueError`` for another ending.
    """
    state = obj if isinstance(obj, Mapping) else obj.state_dict()
    path, written, tied, first = Path(path), OrderedDict(), {}, {}
    for name, value in state.items():
        array = plain(value)
        key = (arrays.address(array), array.shape, array.strides, array.dtype.str)
        array = arrays.moved(array, np, array.dtype)
        if array.size and key in first:
            tied[name] = first[key]
        else:
            first[key] = name
            written[name] = np.ascontiguousarray(array).reshape(array.shape)
    if path.suffix == ".npz":
        if "__tied__" in written:
            raise ValueError(f"{path.name}: __tied__ is where a .npz file says what is tied, no name for an array")
        if tied:
            written["__tied__"] = np.array(json.dumps(tied))
        _write_npz(path, written)
    elif path.suffix == ".safetensors":
        _write_safetensors(path, written, tied)
    else:
        raise ValueError(f"{path.name}: files end in .npz or .safetensors")


def _write_npz(path: Path, state: Mapping) -> None:
    """As ``numpy.savez``, with any names: its own arguments are ``file`` and ``allow_pickle``."""
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, x in state.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, x, allow_pickle=False)


def _write_safetensors(path: Path, state: Mapping, tied: dict) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "np", **({"tied": json.dumps(tied)} if tied else {})}}
    start = 0
    for name, x in state.items():
        if x.dtype not in _NAMES:
            raise TypeError(f"{name}: safetensors cannot hold {x.dtype}")
        header[name] = {"dtype": _NAMES[x.dtype], "shape": list(x.shape), "data_offsets": [start, start + x.nbytes]}
        start += x.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with replacing(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for x in state.values():
            file.write(x.astype(x.dtype.newbyteorder("<"), copy=False).tobytes())


def load(path: Any) -> Any:
    """The state dict in ``.npz``, ``.safetensors``, ``.pth`` or ``.pt``, for ``load_state_dict``.

    Nothing in the file is executed: from PyTorch's files come arrays, dicts, lists, tuples, numbers and strings alone.
    ``ValueError`` that names the file for anything else, and for a file that is damaged.
    """
    path = Path(path)
    readers = {".npz": _read_npz, ".safetensors": _read_safetensors, ".pth": _read_pth, ".pt": _read_pth}
    if path.suffix not in readers:
        raise ValueError(f"{path.name}: files end in .npz, .safetensors, .pth or .pt")
    try:
        return readers[path.suffix](path)
    except _DAMAGE as error:
        raise ValueError(f"{path.name}: damaged, or of another kind: {error}") from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # which a place in front of the file raises
            raise
        raise ValueError(f"{path.name}: damaged: {error}") from None
    except ValueError as error:
        raise error if path.name in str(error) else ValueError(f"{path.name}: damaged: {error}") from None


def _untied(state: OrderedDict, tied: Any) -> OrderedDict:
    """``state`` with the names that a note, JSON of a dict, says are other arrays'."""
    for name, twin in (json.loads(str(tied)) if tied is not None else {}).items():
        if twin in state:
            state[name] = state[twin]
    return state


def _read_npz(path: Path) -> OrderedDict:
    with np.load(path, allow_pickle=False) as file:
        state = OrderedDict((name, file[name]) for name in file.files)
    return _untied(state, state.pop("__tied__", None))


def _read_safetensors(path: Path) -> OrderedDict:
    with open(path, "rb") as file:
        total = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if total < 8 or length > min(total - 8, _HEADER):
            raise ValueError(f"{path.name}: the header is said to have {length} bytes, the file has {total}")
        try:
            header = json.loads(file.read(length))
            notes = header.pop("__metadata__", {})
            entries = [(name, *_entry(item, total - 8 - length)) for name, item in header.items()]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{path.name}: damaged header: {error}") from None
        data = file.read()
    state = OrderedDict()
    for name, code, shape, start, end in entries:
        state[name] = _decoded(data[start:end], code).reshape(shape)
    return _untied(state, notes.get("tied"))


def _entry(item: dict, size: int) -> tuple:
    """Type, shape and place of an array, after proof that they fit each other and the file."""
    shape, (start, end), code = tuple(item["shape"]), item["data_offsets"], item["dtype"]
    width = 2 if code == "BF16" else np.dtype(_DTYPES[code]).itemsize
    if not all(isinstance(n, int) and n >= 0 for n in (*shape, start, end)):
        raise ValueError(f"sizes and places must be whole numbers, got {shape}, {start}, {end}")
    if not start <= end <= size or end - start != math.prod(shape) * width:
        raise ValueError(f"{shape} elements of {code} do not lie in bytes {start} to {end} of {size}")
    return code, shape, start, end


def _decoded(data: bytes, code: str) -> np.ndarray:
    if code == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    dtype = np.dtype(_DTYPES[code])
    return np.frombuffer(data, dtype).astype(dtype.type)


def _read_pth(path: Path) -> Any:
    from .pth import read

    return read(path)
