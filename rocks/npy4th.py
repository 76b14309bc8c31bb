"""``require 'npy4th'``: NumPy's files, .npy and .npz."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

import torch7
from torch7.arrays import CPU_TYPES, describe


def _tensor(x: np.ndarray, name: str) -> np.ndarray:
    """An array of a type that Torch has, rows first; bools are bytes, other whole numbers longs."""
    if x.dtype.kind not in "biuf":
        raise TypeError(f"npy4th: no Torch type holds the {x.dtype} elements of {name}")
    if x.dtype.kind == "b":
        x = x.astype(np.uint8)
    elif x.dtype.newbyteorder("=") not in CPU_TYPES.values():
        x = x.astype(np.float64 if x.dtype.kind == "f" else np.int64)
    return np.ascontiguousarray(x, x.dtype.newbyteorder("="))


def loadnpy(filename: str) -> np.ndarray:
    """The array in a .npy file; nothing in the file is run."""
    return _tensor(np.load(filename, allow_pickle=False), filename)


def loadnpz(filename: str) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name."""
    with np.load(filename, allow_pickle=False) as found:
        return {name: _tensor(found[name], name) for name in found.files}


def savenpy(filename: str, x: Any, mode: str | None = None) -> None:
    """Write a .npy file. With mode ``'a'`` the rows of ``x`` are put behind those that the file has."""
    if not torch7.isTensor(x):
        raise TypeError(f"npy4th.savenpy: a tensor is needed, got {describe(x)}")
    x = np.asarray(x.get() if hasattr(x, "get") else x)
    if mode not in (None, "w", "a"):
        raise ValueError(f"npy4th.savenpy: the mode is 'w' or 'a', not {mode!r}")
    if mode == "a" and os.path.exists(filename):
        before = np.load(filename, allow_pickle=False)
        if before.dtype != x.dtype or before.shape[1:] != x.shape[1:]:
            raise ValueError(f"npy4th.savenpy: {filename} holds {describe(before)}, which {describe(x)} cannot go on")
        x = np.concatenate([before, x])
    with open(filename, "wb") as f:
        np.save(f, x, allow_pickle=False)
