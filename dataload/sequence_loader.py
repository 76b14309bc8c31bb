"""One long sequence, cut into columns that are read side by side."""

from __future__ import annotations

import copy
from typing import Any

from torch7 import arrays

from . import nested
from .data_loader import DataLoader
from .shard import bounds


class SequenceLoader(DataLoader):
    """Time steps of one sequence, for language and time-series models.

    The sequence (time [x item sizes]) is cut into ``batchsize`` pieces of length L = floor(time / batchsize) that
    become the columns of ``data``, L x batchsize [x item sizes]; what is left over is dropped. Targets are the
    inputs one step later, or, if ``bidirectional``, the inputs. ``sub`` and ``subiter(seqlen)`` count time steps and
    give views of ``data``, seqlen x batchsize [x item sizes]. Source: dataload manual, SequenceLoader.

    >>> import numpy as np
    >>> loader = SequenceLoader(np.arange(1, 24), 3)
    >>> inputs, targets = loader.sub(1, 2)
    >>> inputs
    array([[ 1,  8, 15],
           [ 2,  9, 16]])
    >>> targets
    array([[ 2,  9, 16],
           [ 3, 10, 17]])
    """

    def __init__(self, sequence: Any, batchsize: int, bidirectional: bool | None = None) -> None:
        if not arrays.is_array(sequence) or sequence.ndim == 0:
            raise TypeError(f"a sequence is an array whose first dimension is time, got {type(sequence).__name__}")
        if not 0 < batchsize <= len(sequence):
            raise ValueError(f"cannot cut a sequence of {len(sequence)} into {batchsize} columns")
        self.batchsize, self.bidirectional = int(batchsize), bool(bidirectional)
        length = len(sequence) // self.batchsize
        columns = sequence[: length * self.batchsize].reshape(self.batchsize, length, *sequence.shape[1:])
        self.data = columns.swapaxes(0, 1).copy()

    def sub(self, start: int, stop: int, inputs: Any = None, targets: Any = None) -> tuple[Any, Any]:
        """Views of the time steps ``start`` to ``stop``; the buffers are not used."""
        self._check_range(start, stop)
        ahead = 0 if self.bidirectional else 1
        return self.data[start - 1 : stop], self.data[start - 1 + ahead : stop + ahead]

    def shard(self, rank: int, size: int, seed: int | None = None) -> SequenceLoader:
        """The columns of process ``rank``, from 0, of ``size`` processes that train together."""
        low, high = bounds(self.batchsize, rank, size)
        part = copy.copy(self)
        part.data, part.batchsize = self.data[:, low:high], high - low
        part.reset()
        return part

    def sample(self, *args: Any) -> Any:
        raise NotImplementedError("Not Implemented")

    def sampleiter(self, *args: Any) -> Any:
        raise NotImplementedError("Not Implemented. Use subiter instead.")

    def size(self) -> int:
        """The number of time steps that have a target."""
        return len(self.data) - (not self.bidirectional)

    def isize(self, excludedim: int | bool | None = None) -> list:
        return nested.without([self.size(), *self.data.shape[1:]], excludedim)

    tsize = isize
