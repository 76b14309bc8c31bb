"""``python -m torch7 convert``: the parameters of a file, by path, for other programs."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from .builder import Builder
from .errors import T7Error
from .files import opened_records
from .outline import STATISTICS, Entry, is_parameter, outline, view_of
from .records import Object, Table, Tensor


def convert(
    filename: str | os.PathLike, out: str | os.PathLike, mode: str | None = None, everything: bool = False
) -> dict[str, str]:
    """Write the parameters and running statistics in a .t7 file to ``out``, a ``.npz`` or ``.safetensors`` file.

    The name of a tensor is its path, ``modules[1].weight``. Tensors in plain tables count as parameters; with
    ``everything`` all tensors are written. Returns the names that were left out, with the name each is the same as (or
    why else).
    """
    write = {".npz": _write_npz, ".safetensors": _write_safetensors}.get(os.path.splitext(out)[1])
    if write is None:
        raise T7Error(f"{os.fspath(out)}: the name of the new file ends in .npz or .safetensors")
    left_out: dict[str, str] = {}
    with opened_records(filename, mode) as (root, parser):
        builder = Builder(parser.source)
        chosen = _choose(outline(root), everything, left_out)
        write(out, ((name, np.ascontiguousarray(builder.tensor(tensor))) for name, tensor in chosen.items()))
    return left_out


def _choose(entries: list[Entry], everything: bool, left_out: dict[str, str]) -> dict[str, Tensor]:
    chosen: dict[str, Tensor] = {}
    names: dict[Any, str] = {}
    for entry in entries:
        if not isinstance(entry.item, Tensor) or not (everything or _is_wanted(entry)):
            continue
        name, tensor = (entry.path or "value").replace("/", "_").replace("\\", "_"), entry.item
        first = names.setdefault(view_of(tensor), name)
        if first != name:
            left_out[name] = first
        elif tensor.storage is not None and math.prod(tensor.shape) > tensor.storage.count:
            left_out[name] = "expanded from fewer elements"
        else:
            chosen[name] = tensor
    return chosen


def _is_wanted(entry: Entry) -> bool:
    """A parameter or running statistic of an object, or a tensor in tables alone."""
    if is_parameter(entry) or entry.label[1:] in STATISTICS:
        return True
    while entry.parent is not None and isinstance(entry.parent.item, Table):
        entry = entry.parent
    return entry.parent is None or not isinstance(entry.parent.item, Object)


def _write_npz(out: str | os.PathLike, arrays: Iterator[tuple[str, np.ndarray]]) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in arrays:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def _write_safetensors(out: str | os.PathLike, arrays: Iterator[tuple[str, np.ndarray]]) -> None:
    try:
        from safetensors.numpy import save_file
    except ImportError:
        raise T7Error("writing .safetensors needs: pip install 'torch7[safetensors]'") from None
    save_file(dict(arrays), out)
