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
from .names import Names
from .outline import STATISTICS, Entry, is_parameter, outline, view_of
from .packages import find_class
from .records import Object, TableRecord, Tensor
from .replacing import replacing

#: Why gradients, results and the like are left out.
NO_PARAMETER = "no parameter; --all writes it"


def convert(filename: Any, out: str | os.PathLike, mode: str | None = None, everything: bool = False) -> dict[str, str]:
    """Write the parameters and running statistics in a .t7 file to ``out``, a ``.npz`` or ``.safetensors`` file.

    The name of a tensor is its path in full, ``modules[1].weight``. Tensors in plain tables and in objects of unknown
    classes count as parameters; with ``everything`` all tensors are written. A tensor that stands in several places is
    written once. Returns the names that were left out, with the name each is the same as (or why else).
    :func:`torch7.loadarrays` puts the arrays back into a network.
    """
    write = {".npz": _write_npz, ".safetensors": _write_safetensors}.get(os.path.splitext(os.fsdecode(out))[1])
    if write is None:
        kinds = ".npz, .safetensors or .onnx; --to pytorch writes a folder"
        raise T7Error(f"{os.fsdecode(out)}: the name of the new file ends in {kinds}")
    left_out: dict[str, str] = {}
    with opened_records(filename, mode) as (root, parser):
        builder = Builder(parser.source)
        chosen = _choose(outline(root), everything, left_out)
        arrays = ((name, np.ascontiguousarray(builder.tensor(tensor))) for name, tensor in chosen.items())
        if (count := write(out, arrays)) != len(chosen):
            raise T7Error(f"{os.fsdecode(out)} has {count} arrays of {len(chosen)}")
    return left_out


def _choose(entries: list[Entry], everything: bool, left_out: dict[str, str]) -> dict[str, Tensor]:
    chosen: dict[str, Tensor] = {}
    first: dict[Any, str] = {}
    names = Names()
    for entry in entries:
        if not isinstance(entry.item, Tensor):
            continue
        if entry.depth > _DEEPEST:
            raise T7Error("the tables are nested too deep for names of tensors")
        name, tensor = names.name(entry.name), entry.item
        if not (everything or _is_wanted(entry)):
            if _is_unknown(entry.parent):
                left_out[name] = f"a buffer of {entry.parent.item.name}, an unknown class; --all writes it"
            elif tensor.storage is not None and math.prod(tensor.shape):
                left_out[name] = NO_PARAMETER
        elif view_of(tensor) in first:
            left_out[name] = first[view_of(tensor)]
        elif tensor.storage is not None and math.prod(tensor.shape) > tensor.storage.count:
            left_out[name] = "expanded from fewer elements"
        else:
            chosen[name] = tensor
            first[view_of(tensor)] = name
    return chosen


_DEEPEST = 5000  # levels whose labels make a name


def _is_wanted(entry: Entry) -> bool:
    """A parameter or running statistic of an object, or a tensor in tables alone or in an unknown class."""
    if is_parameter(entry) or entry.label[1:] in STATISTICS:
        return True
    direct = True
    while entry.parent is not None and isinstance(entry.parent.item, TableRecord):
        entry, direct = entry.parent, False
    if entry.parent is None or not isinstance(entry.parent.item, Object):
        return True
    return _is_unknown(entry.parent) and not (direct and _is_buffer(entry.label[1:]))


def _is_unknown(entry: Entry | None) -> bool:
    return entry is not None and isinstance(entry.item, Object) and find_class(entry.item.name) is None


def _is_buffer(field: str) -> bool:
    return field in ("output", "gradInput") or field.startswith(("grad", "_"))


def _write_npz(out: str | os.PathLike, arrays: Iterator[tuple[str, np.ndarray]]) -> int:
    with replacing(out) as target, zipfile.ZipFile(target, "w") as archive:
        for name, array in arrays:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
        return len(set(archive.namelist()))


def _write_safetensors(out: str | os.PathLike, arrays: Iterator[tuple[str, np.ndarray]]) -> int:
    try:
        from safetensors.numpy import save
    except ImportError:
        raise T7Error("writing .safetensors needs: pip install 'torch7[safetensors]'") from None
    tensors = dict(arrays)
    with replacing(out) as file:
        file.write(save(tensors))  # of contiguous arrays: others would be written in the order of their memory
    return len(tensors)
