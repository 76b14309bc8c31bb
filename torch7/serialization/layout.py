"""Arrays as Torch lays them out: a view of a storage."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import arrays
from .errors import T7Error


def torch_array(x: Any) -> Any:
    """``x`` with a dtype that Torch has, in the machine's byte order; booleans as bytes, over the same memory."""
    if x.dtype == np.bool_:
        return x.view(np.uint8)
    if not x.dtype.isnative:
        x = x.astype(x.dtype.newbyteorder("="))
    try:
        arrays.type_name(x)
    except TypeError:
        raise T7Error(f"no Torch type holds {x.dtype} elements; convert the array first") from None
    return x


def layout(x: Any) -> tuple[Any, tuple[int, ...], int]:
    """``(storage, strides, start)`` of an array, in elements: ``storage`` is 1-D, over all of the memory it views.

    What Torch cannot lay out so (negative strides, say) is copied first.
    """
    if not x.size:
        return x.reshape(-1), _contiguous(x.shape), 0
    owner = x
    while arrays.is_array(owner.base) and owner.base.dtype == x.dtype:
        owner = owner.base
    size, start = x.dtype.itemsize, arrays.offset_of(x, owner)
    dense = owner.flags.c_contiguous or owner.flags.f_contiguous
    if not dense or start % size or any(s < 0 or s % size for s in x.strides):
        return layout(arrays.array_module(x).ascontiguousarray(x).copy())
    return owner.ravel(order="K"), tuple(s // size for s in x.strides), start // size


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(math.prod(max(n, 1) for n in shape[axis + 1 :]) for axis in range(len(shape)))


def is_part(x: Any) -> bool:
    """Whether ``x`` shows only some of the elements of its storage."""
    return x.base is not None and x.size < layout(x)[0].size
