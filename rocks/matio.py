"""``require 'matio'``: MATLAB's .mat files, through SciPy (extra ``matio``); version 7.3 is HDF5: see hdf5."""

from __future__ import annotations

from typing import Any

import numpy as np

import torch7
from torch7.arrays import describe

from .npy4th import _tensor

use_lua_strings = False


def _scipy() -> Any:
    try:
        from scipy import io
    except ImportError as e:
        raise ImportError("matio needs SciPy: pip install 'torch7[matio]'") from e
    return io


def load(filename: str, names: Any = None, strings: bool | None = None) -> Any:
    """All variables of a file by name; with ``names`` that one, or a table of those in a list.

    Matrices are tensors, cells lists, structs tables. Text is a CharTensor, as in Torch, or text where ``strings`` or
    ``matio.use_lua_strings`` is true.
    """
    wanted = [names] if isinstance(names, str) else names
    try:
        found = _scipy().loadmat(filename, variable_names=wanted, squeeze_me=False, chars_as_strings=True)
    except NotImplementedError:
        raise ValueError(f"matio.load: {filename} is of version 7.3, which is HDF5: use hdf5.open") from None
    as_text = use_lua_strings if strings is None else strings
    table = {name: _value(x, name, as_text) for name, x in found.items() if not name.startswith("__")}
    for name in wanted or ():
        if name not in table:
            raise KeyError(f"matio.load: {filename} has no {name}")
    return table[names] if isinstance(names, str) else table


def _value(x: Any, name: str, as_text: bool) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    if x.dtype.names:
        parts = [{key: _value(item[key], name, as_text) for key in x.dtype.names} for item in x.reshape(-1, order="F")]
        return parts[0] if len(parts) == 1 else parts
    if x.dtype.kind == "O":
        return [_value(item, name, as_text) for item in x.reshape(-1, order="F")]
    if x.dtype.kind == "U":
        lines = [str(line) for line in x.reshape(-1)] or [""]
        if as_text:
            return lines[0] if len(lines) == 1 else lines
        codes = [np.frombuffer(line.encode("latin-1", "replace"), np.int8) for line in lines]
        return np.stack(codes).copy()
    return _tensor(x, name)


def save(filename: str, data: Any) -> None:
    """Write a tensor, as the variable ``x``, or a table of tensors, numbers, text and tables by name."""
    table = data if isinstance(data, dict) else {"x": data}
    for name, value in table.items():
        if not torch7.isTensor(value) and not isinstance(value, int | float | str | list | dict):
            raise TypeError(f"matio.save: {name} is a {describe(value)}; tensors, numbers, text and tables are written")
    _scipy().savemat(filename, {name: _matrix(value) for name, value in table.items()}, oned_as="column")


def _matrix(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _matrix(x) for key, x in value.items()}
    if isinstance(value, list):
        cells = np.empty((1, len(value)), object)
        cells[0, :] = [_matrix(x) for x in value]
        return cells
    return value.get() if hasattr(value, "get") else value
