"""Scratch memory of the kernels: buffers that are kept between calls, a set of them for each calling thread."""

from __future__ import annotations

import threading

import numpy as np

#: The most bytes that a thread's buffers may have together; a single request above it is met, but not kept.
LIMIT = 128 << 20
LINE = 64


class Workspace(threading.local):
    """Buffers by label, the one asked for last at the end."""

    def __init__(self) -> None:
        self.buffers: dict[str, np.ndarray] = {}
        #: What was taken last.
        self.views: dict[str, np.ndarray] = {}

    def take(self, label: str, dtype: np.dtype, count: int) -> np.ndarray:
        """A vector of ``count`` undefined elements, aligned to lines of the cache.

        It is valid until the next request with the same label; who needs several at once gives them labels.
        """
        view = self.views.get(label)
        if view is not None and view.size == count and view.dtype == dtype:
            return view
        size = count * dtype.itemsize
        kept = self.buffers.get(label)
        if kept is None or kept.size < size:
            kept = self._grown(label, size)
        view = kept[:size].view(dtype)
        if kept.size <= LIMIT:
            self.views[label] = view
        return view

    def take_shares(self, label: str, dtype: np.dtype, shares: int, count: int) -> tuple[np.ndarray, int]:
        """Room for so many shares of ``count`` elements, and the elements from a share to the next.

        They divide all that is kept, so that a share lies where it did in other calls, in the caches of its thread.
        """
        kept, item = self.buffers.get(label), dtype.itemsize
        if kept is None or kept.size < shares * (count * item + LINE):
            kept = self._grown(label, shares * (count * item + LINE))
        return kept.view(dtype), kept.size // (shares * LINE) * LINE // item

    def _grown(self, label: str, size: int) -> np.ndarray:
        """A new buffer; those longest not replaced are dropped until all fit the limit."""
        self.buffers.pop(label, None)
        self.views.clear()
        memory = _aligned(size)
        if memory.size <= LIMIT:
            while sum(b.size for b in self.buffers.values()) + memory.size > LIMIT:
                del self.buffers[next(iter(self.buffers))]
            self.buffers[label] = memory
        return memory


def _aligned(size: int) -> np.ndarray:
    """``size`` bytes that begin at a cache line, rounded up to whole lines."""
    size = -(-size // LINE) * LINE
    raw = np.empty(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size]


_workspace = Workspace()
take, take_shares = _workspace.take, _workspace.take_shares
