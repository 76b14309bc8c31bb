"""Windows of pooling: where each begins and ends along every axis, as tables that kernels walk through."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from .geometry import at_least, sizes

#: The only window of an axis that is not there.
ONE = np.array([[0], [1], [1]])


class Pooling:
    """The resolved arguments of one pooling over ``dims`` axes: kernel, stride, padding, dilation, rounding."""

    def __init__(self, name: str, dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> None:
        self.name, self.dims, self.ceil = name, dims, ceil
        self.kernel = sizes("kernel_size", kernel, dims)
        given = stride is None or (isinstance(stride, (list, tuple)) and not stride)
        self.stride = self.kernel if given else sizes("stride", stride, dims)
        self.padding, self.dilation = sizes("padding", padding, dims), sizes("dilation", dilation, dims)
        for what, least in (("kernel", 1), ("stride", 1), ("padding", 0), ("dilation", 1)):
            at_least(f"{name}: {what}", getattr(self, what), least)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel)):
            raise ValueError(f"{name}: padding {self.padding} must be at most half of the kernel size {self.kernel}")

    def outputs(self, spatial: tuple) -> tuple:
        """How many windows there are along each axis; ``ValueError`` if there is none."""
        found = tuple(map(self._count, spatial, self.kernel, self.stride, self.padding, self.dilation))
        if min(found) < 1:
            raise ValueError(f"{self.name}: an input of {spatial} has no window of {self.kernel}, output {found}")
        return found

    def _count(self, n: int, k: int, s: int, p: int, d: int) -> int:
        room = n + 2 * p - d * (k - 1) - 1
        count = (-(-room // s) if self.ceil else room // s) + 1
        return count - 1 if self.ceil and (count - 1) * s >= n + p else count

    def tables(self, spatial: tuple, whole: bool = True) -> list[np.ndarray]:
        """For each axis 3 x outputs: begin and end of the windows inside the input, and the places they count.

        ``whole`` counts the border too, up to ``n + padding``.
        """
        axes = zip(spatial, self.outputs(spatial), self.kernel, self.stride, self.padding, self.dilation)
        return [_table(*axis, whole) for axis in axes]


@lru_cache(512)
def _table(n: int, count: int, k: int, s: int, p: int, d: int, whole: bool) -> np.ndarray:
    start = np.arange(count) * s - p
    behind = start + (k - 1) * d + 1
    first = start + d * np.maximum(0, -(start // d))  # the first place of the window that is not below 0
    last = np.minimum(behind, n)
    counted = np.minimum(start + k, n + p) - start if whole else np.minimum(start + k, n) - np.maximum(start, 0)
    return np.stack([first, np.maximum(last, first), counted])


def adaptive_tables(spatial: tuple, outputs: tuple) -> list[np.ndarray]:
    """Windows that cover each axis of ``n`` places by ``o``: from ``floor(k n / o)`` to ``ceil((k + 1) n / o)``."""
    return [_adaptive(n, o) for n, o in zip(spatial, outputs)]


@lru_cache(512)
def _adaptive(n: int, o: int) -> np.ndarray:
    k = np.arange(o)
    first, behind = k * n // max(1, o), -(-(k + 1) * n // max(1, o))
    return np.stack([first, behind, behind - first])


def three(tables: list) -> list[np.ndarray]:
    """Tables of three axes: those in front that are missing have one window of one place."""
    return [ONE] * (3 - len(tables)) + tables


def volumes(x: Any, dims: int) -> Any:
    """Contiguous ``x`` as planes x three axes."""
    return x.reshape(prod(x.shape[: x.ndim - dims]), *[1] * (3 - dims), *x.shape[x.ndim - dims :])
