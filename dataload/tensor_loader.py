"""Samples that lie in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

import torch7 as torch
from torch7.lua import is_number

from . import nested
from .data_loader import DataLoader


class TensorLoader(DataLoader):
    """Batches of arrays, or of nested lists of arrays: sample i is row i of every array.

    ``inputs`` and ``targets``: arrays of N rows; a different number of rows raises ``ValueError``. The arrays are
    used where they lie, not copied; batches are copies. Source: dataload manual, TensorLoader.

    >>> loader = TensorLoader(np.arange(1.0, 6), np.arange(1.0, 6))
    >>> for k, inputs, targets in loader.subiter(2, 6):
    ...     print(k, inputs)
    2 [1. 2.]
    4 [3. 4.]
    5 [5.]
    6 [1.]
    """

    def __init__(self, inputs: Any, targets: Any) -> None:
        self.inputs = nested.apply(_as_array, inputs)
        self.targets = nested.apply(_as_array, targets)
        counts: list[int] = []
        nested.apply(lambda x: counts.append(len(x)), [self.inputs, self.targets])
        if len(set(counts)) > 1:
            raise ValueError(f"inputs and targets have different numbers of samples: {counts}")

    def index(self, indices: Any, inputs: Any = None, targets: Any = None) -> tuple[Any, Any]:
        """Copies of the samples ``indices``."""
        rows = np.asarray(indices, np.int64) - 1
        if rows.size and not (rows.min() >= 0 and rows.max() < self.size()):
            raise IndexError(f"indices {rows.min() + 1} to {rows.max() + 1} are not in 1..{self.size()}")
        return self._batch(lambda source, buffer: nested.gather(source, rows, buffer), inputs, targets)

    def sub(self, start: int, stop: int, inputs: Any = None, targets: Any = None) -> tuple[Any, Any]:
        """Copies of the samples ``start`` to ``stop``, both included."""
        self._check_range(start, stop)

        def copy(source: Any, buffer: Any) -> Any:
            out = nested.rows(buffer, stop - start + 1, source)
            out[...] = source[start - 1 : stop]
            return out

        return self._batch(copy, inputs, targets)

    def shuffle(self) -> tuple[TensorLoader, np.ndarray]:
        """Reorder the samples by ``torch7.randperm``; returns self and the permutation."""
        order = torch.randperm(self.size())
        self.inputs, self.targets = self.index(order)
        return self, order

    def split(self, ratio: float) -> tuple[TensorLoader, TensorLoader]:
        """The first floor(ratio x size) samples and the rest, on the same memory."""
        if not is_number(ratio):
            raise TypeError(
                f"split takes one ratio and gives two parts, got {ratio!r}: "
                "split(0.6), then the second part again for more"
            )
        if not 0 < ratio < 1:
            raise ValueError(f"Expecting 0 < arg < 1, got {ratio}")
        n = int(self.size() * ratio)
        if n == 0:
            raise ValueError(f"a ratio of {ratio} leaves none of {self.size()} samples for the first part")
        parts = (self._batch(lambda x, _, part=part: x[part], None, None) for part in (slice(n), slice(n, None)))
        return tuple(TensorLoader(*part) for part in parts)

    def size(self) -> int:
        return len(nested.first(self.inputs))

    def isize(self, excludedim: int | bool | None = None) -> list:
        return nested.sizes(self.inputs, excludedim)

    def tsize(self, excludedim: int | bool | None = None) -> list:
        return nested.sizes(self.targets, excludedim)

    def _batch(self, take: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
        return nested.apply(take, self.inputs, inputs), nested.apply(take, self.targets, targets)


def _as_array(x: Any) -> Any:
    if not torch.arrays.is_array(x) or x.ndim == 0:
        raise TypeError(f"inputs and targets are arrays or lists of arrays, got {type(x).__name__}")
    return x
