"""Where the maxima of poolings are: their field ``indices``."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ..module import Module

TYPES = "int64", "int32"


class Places(Module):
    """Base of max poolings. Their ``indices`` are of int64, Torch's LongTensor, unless ``indexType`` says less.

    ``indexType``: 'int64', or 'int32' for half of the memory, from the next forward on, where a plane has fewer than
    2^31 elements; on a GPU they stay int64. The numbers are the same. It belongs to this process: copies and files have
    indices of int64, as has the module itself once it is 'int64' again or converted. ``ValueError`` for another type.
    """

    _transient = ("_indexType",)

    @property
    def indexType(self) -> str:
        return self._indexType

    @indexType.setter
    def indexType(self, name: str) -> None:
        if name not in TYPES:
            raise ValueError(f"{self}: indexType must be one of {TYPES}, got {name!r}")
        self._indexType = name
        if name == "int64":
            vars(self).update(as_longs(self))

    def _unlinked(self, name: str, value: Any) -> Any:
        own = super()._unlinked(name, value)
        return own if self._indexType == "int64" else as_longs(self).get(name, own)

    def _t7_fields(self) -> dict:
        return vars(self) | as_longs(self)


def as_longs(module: Any) -> dict[str, Any]:
    """``indices`` that are smaller as Torch has them, by their name."""
    indices = vars(module).get("indices")
    small = arrays.is_array(indices) and indices.dtype == "int32"
    return {"indices": indices.astype(np.int64)} if small else {}
