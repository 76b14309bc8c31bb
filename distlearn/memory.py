"""How tensors lie in memory while they travel: flat, contiguous, of a type that MPI can add."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from torch7 import arrays

#: Elements of one MPI call: its counts are C ints.
MOST = 1 << 28


def wire(dtype: Any) -> np.dtype:
    """The type in which numbers of ``dtype`` travel: MPI adds no float16 and no bfloat16, and knows one byte order."""
    if dtype == np.float16 or dtype.name == "bfloat16":
        return np.dtype(np.float32)
    if dtype.kind == "V":
        raise TypeError(f"tensors of {dtype} cannot be exchanged")
    return dtype.newbyteorder("=")


def is_direct(x: Any, cudaAware: bool = False) -> bool:
    """Whether MPI can take ``x`` where it lies."""
    return x.flags.c_contiguous and x.dtype == wire(x.dtype) and (isinstance(x, np.ndarray) or cudaAware)


def flatten(x: Any, cudaAware: bool = False) -> tuple[Any, Callable[[], None]]:
    """``x`` flat as it can travel, a view where possible, and the function that brings the elements back into ``x``."""
    if is_direct(x, cudaAware):
        settle(x)
        return x.reshape(-1), lambda: None
    flat = np.empty(x.size, wire(x.dtype))
    load(flat, x)
    return flat, lambda: store(flat, x)


def load(flat: Any, x: Any) -> None:
    """``flat = x``, for a flat array of MPI's."""
    flat.reshape(x.shape)[...] = x if isinstance(x, np.ndarray) else x.get()


def store(flat: Any, x: Any) -> None:
    """``x = flat``, in the type and on the device of ``x``."""
    values = flat.reshape(x.shape)
    if isinstance(x, np.ndarray):
        x[...] = values
        return
    with x.device:  # the thread that looks after sums has a device and a stream of its own
        x[...] = arrays.array_module(x).asarray(values, x.dtype)
        settle(x)


def settle(x: Any) -> None:
    """Wait for the GPU where ``x`` lies on one: MPI does not know about streams."""
    if not isinstance(x, np.ndarray):
        with x.device:
            arrays.cupy().cuda.get_current_stream().synchronize()


def portions(flat: Any) -> Iterator[Any]:
    """``flat`` in parts that one MPI call can take."""
    for start in range(0, flat.size, MOST):
        yield flat[start : start + MOST]
