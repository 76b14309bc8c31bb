"""The common face of all loaders."""

from __future__ import annotations

import copy
import gc
from collections.abc import Iterator
from typing import Any

import numpy as np

import torch7 as torch

Batch = tuple[Any, ...]


class DataLoader:
    """A set of samples, from memory or from disk, that comes in batches of inputs and targets.

    A subclass defines ``index``, ``size``, ``isize`` and ``tsize``, and ``shuffle`` and ``split`` where they make
    sense; the rest follows. Samples are numbered from 1. ``inputs`` and ``targets``, where given, are buffers that
    the batch is written into if their type and size fit. Iterators yield ``(k, inputs, targets)``, k the samples so
    far, and write each batch over the one before: copy what must survive. Source: dataload manual, DataLoader.
    """

    gcdelay = 200
    _gccount = 0
    _start = 1
    _indices: np.ndarray | None = None
    # what data sets describe themselves by, where they have it
    classes: list[Any]
    vocab: dict[str, int]
    ivocab: Any
    wordfreq: Any

    def index(self, indices: Any, inputs: Any = None, targets: Any = None, *args: Any) -> Batch:
        """The batch of the samples ``indices``."""
        raise NotImplementedError("Not Implemented")

    def size(self) -> int:
        """The number of samples."""
        raise NotImplementedError("Not Implemented")

    def isize(self, excludedim: int | bool | None = None) -> list:
        """The sizes of inputs without dimension ``excludedim``: 1 unless given, False for all."""
        raise NotImplementedError("Not Implemented")

    def tsize(self, excludedim: int | bool | None = None) -> list:
        """The sizes of targets without dimension ``excludedim``: 1 unless given, False for all."""
        raise NotImplementedError("Not Implemented")

    def shuffle(self) -> Any:
        """Put the samples in random order."""
        raise NotImplementedError("Not Implemented")

    def split(self, ratio: float) -> tuple[DataLoader, DataLoader]:
        """Two loaders: the first floor(ratio x size) samples, and the rest."""
        raise NotImplementedError("Not Implemented")

    def sample(self, batchsize: int, inputs: Any = None, targets: Any = None, *args: Any) -> Batch:
        """``batchsize`` samples drawn at random, with replacement."""
        self._indices = self._drawn(batchsize)
        return self.index(self._indices, inputs, targets, *args)

    def _drawn(self, batchsize: int) -> np.ndarray:
        """The numbers of ``batchsize`` random samples."""
        return torch.random(np.empty(batchsize, np.int64), 1, self.size())

    def sub(self, start: int, stop: int, inputs: Any = None, targets: Any = None, *args: Any) -> Batch:
        """The samples ``start`` to ``stop``, both included."""
        self._check_range(start, stop)
        self._indices = np.arange(start, stop + 1)
        return self.index(self._indices, inputs, targets, *args)

    def subiter(self, batchsize: int | None = None, epochsize: int | None = None, *args: Any) -> Iterator[Batch]:
        """Batches of at most ``batchsize`` (32) samples in order, until ``epochsize`` (``size()``) have come.

        The next iterator goes on where the last one stopped, also after a break; ``reset`` starts anew. A batch ends
        with the last sample, and the one after it begins with the first. ``args`` are passed to ``sub``.
        """
        return self._subiter(_batchsize(batchsize), self._epochsize(epochsize), args)

    def sampleiter(self, batchsize: int | None = None, epochsize: int | None = None, *args: Any) -> Iterator[Batch]:
        """Batches of ``batchsize`` (32) random samples, until ``epochsize`` (``size()``) have come."""
        return self._sampleiter(_batchsize(batchsize), epochsize, args)

    def shard(self, rank: int, size: int, seed: int | None = None) -> DataLoader:
        """The part of process ``rank``, from 0, of ``size`` processes that train together.

        The parts of a batch of all processes are together the batch that one process would take: the order is the same
        for any number of processes. ``seed`` (1): that of the stream from which all shards draw samples and orders.
        """
        from .shard import Shard

        return Shard(self, rank, size, seed)

    def reset(self) -> None:
        """Forget the position of ``subiter``."""
        self._start = 1
        self._indices = None

    def collectgarbage(self) -> None:
        """Collect garbage at every ``gcdelay``-th call."""
        self._gccount += 1
        if self._gccount >= self.gcdelay:
            gc.collect()
            self._gccount = 0

    def clone(self, *names: str) -> DataLoader:
        """A deep copy, which shares the attributes ``names`` with this loader."""
        memo = {id(getattr(self, name)): getattr(self, name) for name in names}
        return copy.deepcopy(self, memo)

    def __len__(self) -> int:
        """The number of samples."""
        return self.size()

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        """Class, number of samples and their sizes, as far as a subclass knows them."""
        try:
            sizes = f", inputs {_sizes(self.isize())}, targets {_sizes(self.tsize())}"
        except NotImplementedError:
            sizes = ""
        try:
            return f"dl.{type(self).__name__}({self.size()} samples{sizes})"
        except NotImplementedError:
            return f"dl.{type(self).__name__}()"

    def _subiter(self, batchsize: int, epochsize: int, args: tuple) -> Iterator[Batch]:
        k, buffers = 0, (None, None)
        while k < epochsize:
            start, stop = self._advance(min(batchsize, epochsize - k))
            inputs, targets, *_ = self.sub(start, stop, *buffers, *args)
            k += stop - start + 1
            if stop - start + 1 == batchsize:
                buffers = inputs, targets
            yield k, inputs, targets

    def _sampleiter(self, batchsize: int, epochsize: int | None, args: tuple) -> Iterator[Batch]:
        k, buffers = 0, (None, None)
        for method, n, which in self._sample_jobs(batchsize, epochsize):
            inputs, targets, *_ = getattr(self, method)(*which, *buffers, *args)
            k, buffers = k + n, (inputs, targets)
            yield k, inputs, targets

    def _sample_jobs(self, batchsize: int, epochsize: int | None) -> Iterator[tuple]:
        """The batches of random samples of an epoch: a method, how many samples, and its arguments."""
        epochsize = self._epochsize(epochsize)
        for k in range(0, epochsize, batchsize):
            n = min(batchsize, epochsize - k)
            yield "sample", n, (n,)

    def _advance(self, n: int, size: int | None = None) -> tuple[int, int]:
        """The range of the next ``n`` of ``size`` samples, or of those up to the last one."""
        size = self.size() if size is None else size
        start, stop = self._start, min(self._start + n - 1, size)
        if stop < start:
            raise ValueError(f"no samples to iterate over: the loader's size is {size}")
        self._start = stop + 1 if stop < size else 1
        return start, stop

    def _epochsize(self, epochsize: int | None) -> int:
        return self.size() if epochsize is None or epochsize <= 0 else int(epochsize)

    def _check_range(self, start: int, stop: int) -> None:
        if not 1 <= start <= stop <= self.size():
            raise IndexError(f"samples {start} to {stop} are not in 1..{self.size()}")


def _sizes(sizes: Any) -> str:
    """Sizes as Lua prints them: ``3x32x32``, a table in braces, a number without any."""
    if isinstance(sizes, list) and any(isinstance(s, list) for s in sizes):
        return "{" + ", ".join(map(_sizes, sizes)) + "}"
    return "x".join(map(str, sizes)) or "numbers"


def _batchsize(batchsize: int | None) -> int:
    batchsize = 32 if batchsize is None else int(batchsize)
    if batchsize < 1:
        raise ValueError(f"a batch has at least one sample, got {batchsize}")
    return batchsize
