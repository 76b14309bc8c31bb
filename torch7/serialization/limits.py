"""Checks of what a file claims, made before memory is taken for it."""

from __future__ import annotations

import math

from .errors import T7Error
from .records import Storage, Tensor

MAX_DIMS = 64  # NumPy's limit
MAX_BYTES = 2**63 - 1  # what an address can reach


def check_count(count: int, each: float, left: int, what: str) -> None:
    """``count`` things of at least ``each`` bytes must fit in the ``left`` bytes of the file."""
    if count < 0:
        raise T7Error(f"{what} has a negative size, {count}")
    if count * each > left:
        raise T7Error(f"truncated or damaged: {what} of size {count} in the {left} bytes that are left")


def check_dims(dims: int) -> None:
    if not 0 <= dims <= MAX_DIMS:
        raise T7Error(f"a tensor of {dims} dimensions; 0 to {MAX_DIMS} are possible")


def check_tensor(tensor: Tensor, itemsize: int) -> None:
    """The elements of ``tensor`` must lie inside its storage, which must be one of its own type."""
    storage = tensor.storage
    count = 0 if storage is None else _storage_of(tensor).count
    if min((*tensor.shape, *tensor.strides), default=0) < 0:
        raise T7Error(f"a tensor of negative size: {_layout(tensor)}")
    if itemsize * max(math.prod(max(n, 1) for n in tensor.shape), *tensor.strides) > MAX_BYTES:
        raise T7Error(f"a tensor too large for any memory: {_layout(tensor)}")
    last = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides))
    if all(tensor.shape) and not 0 <= tensor.start < count - last:
        raise T7Error(f"a tensor outside its storage of {count} elements: {_layout(tensor)}")


def _storage_of(tensor: Tensor) -> Storage:
    storage, wanted = tensor.storage, tensor.name.replace("Tensor", "Storage")
    if not isinstance(storage, Storage) or storage.name != wanted:
        found = getattr(storage, "name", getattr(storage, "kind", "table" if storage == [] else type(storage).__name__))
        raise T7Error(f"a {tensor.name} needs a {wanted}, not a {found}")
    return storage


def _layout(tensor: Tensor) -> str:
    size, stride = ("x".join(map(str, x)) for x in (tensor.shape, tensor.strides))
    return f"size {size}, stride {stride}, offset {tensor.start + 1}"
