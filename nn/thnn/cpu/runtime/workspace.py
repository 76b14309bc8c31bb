"""Scratch memory of the kernels: kept between calls, one set of buffers for each calling thread."""

from __future__ import annotations

import threading

import numpy as np

#: A request above this many bytes is met, but not kept.
LIMIT = 64 << 20
LINE = 64


class _Buffers(threading.local):
    def __init__(self) -> None:
        self.bytes = {}


_buffers = _Buffers()


def scratch(dtype: np.dtype, count: int, name: str = "") -> np.ndarray:
    """A vector of at least ``count`` undefined elements, aligned to cache lines.

    It is valid until the next request with the same name; kernels that need several at once give them names.
    """
    size = count * dtype.itemsize
    kept = _buffers.bytes.get(name)
    if kept is None or kept.size < size:
        kept = _aligned(size)
        if size <= LIMIT:
            _buffers.bytes[name] = kept
    return kept[: kept.size - kept.size % dtype.itemsize].view(dtype)


def _aligned(size: int) -> np.ndarray:
    """``size`` bytes that begin at a cache line, rounded up to whole lines."""
    size = -(-size // LINE) * LINE
    raw = np.empty(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size]


def release() -> None:
    """Give the calling thread's buffers back."""
    _buffers.bytes.clear()
