"""Many independent sequences, read side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import nested
from .column_loader import ColumnLoader


class MultiSequence(ColumnLoader):
    """Time steps of independent sequences, one after another in each of ``batchsize`` columns.

    ``sequences``: arrays of time [x item sizes], of one type. A column reads a sequence s as the pairs (s[t], s[t+1]),
    after a mask step: input 0 and target 1 (0 where items are arrays). Then it takes the next sequence, or, with
    ``randseq`` set, one drawn by Lua's ``math.random``. ``sub(start, stop)`` gives the next stop - start + 1 steps,
    wherever the columns are: arrays of steps x batchsize [x item sizes]. ``size`` is the number of items divided by
    ``batchsize``, rounded up. Source: dataload manual, MultiSequence.

    >>> sequences = [np.array([11, 12, 13]), np.array([21, 22, 23, 24]), np.array([31, 32])]
    >>> inputs, targets = MultiSequence(sequences, 2).sub(1, 6)
    >>> inputs[:, 0], targets[:, 0]
    (array([ 0, 11, 12,  0, 21, 22]), array([ 1, 12, 13,  1, 22, 23]))
    """

    def __init__(self, sequences: Sequence[np.ndarray], batchsize: int) -> None:
        if len(sequences) == 0 or batchsize < 1:
            raise ValueError(f"cannot read {len(sequences)} sequences in {batchsize} columns")
        self.sequences, self.batchsize = sequences, int(batchsize)
        self.seqlen = -(-self._count() // self.batchsize)
        self.reset()

    def sub(self, start: int, stop: int, inputs: Any = None, targets: Any = None) -> tuple[Any, Any]:
        """The next stop - start + 1 time steps."""
        n = stop - start + 1
        like = np.empty((0, self.batchsize, *self.sequences[0].shape[1:]), self.sequences[0].dtype)
        inputs, targets = nested.rows(inputs, n, like), nested.rows(targets, n, like)
        for column in range(self.batchsize):
            self._read(self.trackers["columns"], column, inputs[:, column], targets[:, column])
        return inputs, targets

    def _read(self, columns: list, column: int, inputs: np.ndarray, targets: np.ndarray) -> None:
        filled = 0
        while filled < len(inputs):
            sequence, position = columns[column] or (None, 0)
            if sequence is None:
                inputs[filled], targets[filled] = 0, int(inputs.ndim == 1)
                columns[column] = (self.sequences[self._next(len(self.sequences)) - 1], 0)
                filled += 1
                continue
            n = max(0, min(len(sequence) - 1 - position, len(inputs) - filled))
            inputs[filled : filled + n] = sequence[position : position + n]
            targets[filled : filled + n] = sequence[position + 1 : position + n + 1]
            filled, position = filled + n, position + n
            columns[column] = (sequence, position) if position < len(sequence) - 1 else None

    def _count(self) -> int:
        return sum(map(len, self.sequences))

    def size(self) -> int:
        return self.seqlen

    def isize(self, excludedim: int | bool | None = None) -> list:
        """The sizes of an item; of all steps of all columns for ``excludedim`` False."""
        item = list(self.sequences[0].shape[1:])
        return [self.size(), self.batchsize, *item] if excludedim is False else item

    tsize = isize
