"""Parts of a loader for processes that train together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import torch7 as torch
from torch7 import generator

from .data_loader import Batch, DataLoader, _batchsize


def bounds(columns: int, rank: int, size: int) -> tuple[int, int]:
    """The first of ``columns`` that process ``rank`` of ``size`` reads, and the one after its last, from 0."""
    check(rank, size)
    if columns < size:
        raise ValueError(f"shard: {columns} columns are too few for {size} processes")
    return columns * rank // size, columns * (rank + 1) // size


def check(rank: int, size: int) -> None:
    """``ValueError`` unless ``rank`` is one of ``size`` processes, counted from 0."""
    if size < 1 or not 0 <= rank < size:
        raise ValueError(f"shard: rank {rank} is not one of {size} processes, which count from 0")


class Shard(DataLoader):
    """Every ``size``-th sample of ``loader``, from sample ``rank + 1`` on.

    Batches of b samples of all ``size`` shards are together the batch of b size samples of the whole loader, so the
    order of training is the same for any number of processes. Random samples and permutations come from a stream of
    the shards' own, that of ``seed`` (1), whatever else the processes draw. Where the samples cannot be divided
    evenly, shards differ by one sample, and maybe by one batch. Other fields are those of ``loader``.
    """

    def __init__(self, loader: DataLoader, rank: int, size: int, seed: int | None = None) -> None:
        check(rank, size)
        self.loader, self.rank, self.nshard = loader, int(rank), int(size)
        self._generator = torch.Generator().manualSeed(1 if seed is None else seed)
        self._order: np.ndarray | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "loader" not in vars(self):
            raise AttributeError(name)
        return getattr(self.loader, name)

    def size(self, *args: Any) -> int:
        """The number of samples of this shard; with arguments, what the whole loader answers."""
        return self.loader.size(*args) if args else len(range(self.rank, self.loader.size(), self.nshard))

    def isize(self, excludedim: int | bool | None = None) -> list:
        return self._own(self.loader.isize(excludedim), excludedim)

    def tsize(self, excludedim: int | bool | None = None) -> list:
        return self._own(self.loader.tsize(excludedim), excludedim)

    def index(self, indices: Any, inputs: Any = None, targets: Any = None, *args: Any) -> Batch:
        """The batch of the shard's samples ``indices``, from 1."""
        indices = np.asarray(indices, np.int64)
        if indices.size and not 1 <= indices.min() <= indices.max() <= self.size():
            raise IndexError(f"indices {indices.min()} to {indices.max()} are not in 1..{self.size()}")
        return self._placed((indices - 1) * self.nshard + self.rank + 1, inputs, targets, *args)

    def shuffle(self) -> tuple[Shard, np.ndarray]:
        """Put the samples of the whole loader in random order, for all shards alike; returns self and the order."""
        order = torch.randperm(self._generator, self.loader.size())
        self._order = order if self._order is None else self._order[order - 1]
        return self, order

    def sample(self, batchsize: int, inputs: Any = None, targets: Any = None, *args: Any) -> Batch:
        """This shard's part of ``batchsize`` random samples for each shard."""
        return self._picked(self._drawn(batchsize * self.nshard), inputs, targets, *args)

    def split(self, ratio: float) -> tuple[Shard, Shard]:
        """Shards of the two parts of the whole loader; before any ``shuffle``."""
        if self._order is not None:
            raise ValueError("split a loader before its shards are shuffled")
        seed = self._generator.initialSeed()
        return tuple(Shard(part, self.rank, self.nshard, seed) for part in self.loader.split(ratio))

    def subiter(self, batchsize: int | None = None, epochsize: int | None = None, *args: Any) -> Iterator[Batch]:
        """This shard's part of the batches of all shards, each ``batchsize`` (32) for each of them.

        Without ``epochsize`` until the whole loader has come once, else until that many have for each shard.
        """
        return self._subiter(_batchsize(batchsize), self._wholesize(epochsize), args)

    def sampleiter(self, batchsize: int | None = None, epochsize: int | None = None, *args: Any) -> Iterator[Batch]:
        """This shard's part of batches of random samples."""
        return self._sampleiter(_batchsize(batchsize), epochsize, args)

    def reset(self) -> None:
        super().reset()
        self.loader.reset()

    def _subiter(self, batchsize: int, wholesize: int, args: tuple) -> Iterator[Batch]:
        k, whole, buffers = 0, 0, (None, None)
        while whole < wholesize:
            start, stop = self._advance(min(batchsize * self.nshard, wholesize - whole), self.loader.size())
            whole += stop - start + 1
            places = np.arange(start + self.rank, stop + 1, self.nshard)
            if len(places):
                inputs, targets, *_ = self._placed(places, *buffers, *args)
                k += len(places)
                if len(places) == batchsize:
                    buffers = inputs, targets
                yield k, inputs, targets

    def _sample_jobs(self, batchsize: int, epochsize: int | None) -> Iterator[tuple]:
        """The random samples are drawn here, not by workers: all shards draw alike."""
        most, wholesize = batchsize * self.nshard, self._wholesize(epochsize)
        for k in range(0, wholesize, most):
            picked = self._drawn(min(most, wholesize - k))
            if len(picked):
                yield "_picked", len(picked), (picked,)

    def _wholesize(self, epochsize: int | None) -> int:
        """How many samples all shards take in an epoch."""
        whole = epochsize is None or epochsize <= 0
        return self.loader.size() if whole else int(epochsize) * self.nshard

    def _drawn(self, batchsize: int) -> np.ndarray:
        """This shard's part of ``batchsize`` random samples of the whole loader."""
        with drawing_from(self._generator):
            return self.loader._drawn(batchsize)[self.rank :: self.nshard]

    def _picked(self, indices: np.ndarray, *args: Any) -> Batch:
        """The batch of the samples ``indices`` of the whole loader."""
        return self.loader.index(indices, *args)

    def _placed(self, places: np.ndarray, *args: Any) -> Batch:
        """The batch of the samples at ``places`` of the whole loader, as the last shuffle ordered them."""
        return self._picked(places if self._order is None else self._order[places - 1], *args)

    def _own(self, sizes: list, excludedim: int | bool | None) -> list:
        """Sizes with this shard's number of samples, where they have one."""
        if excludedim is not False:
            return sizes
        if sizes and isinstance(sizes[0], list):
            return [self._own(s, excludedim) for s in sizes]
        return [self.size(), *sizes[1:]]


class ColumnShard(DataLoader):
    """The columns of process ``rank`` of ``size`` of a loader that reads sequences side by side.

    The whole loader is read by every process, so that the sequences are divided among the columns as by one process.
    """

    def __init__(self, loader: DataLoader, rank: int, size: int) -> None:
        self.loader = loader
        self._low, self._high = bounds(loader.batchsize, rank, size)
        self.batchsize = self._high - self._low
        self._buffers: tuple = (None, None)

    def sub(self, start: int, stop: int, inputs: Any = None, targets: Any = None, *args: Any) -> Batch:
        """The next stop - start + 1 steps: views of buffers that the next call reuses."""
        self._buffers = self.loader.sub(start, stop, *self._buffers, *args)
        return tuple(x[:, self._low : self._high] for x in self._buffers)

    def sample(self, *args: Any) -> Any:
        return self.loader.sample(*args)

    def sampleiter(self, *args: Any) -> Any:
        return self.loader.sampleiter(*args)

    def reset(self) -> None:
        super().reset()
        self.loader.reset()

    def size(self) -> int:
        return self.loader.size()

    def isize(self, excludedim: int | bool | None = None) -> list:
        return self._own(self.loader.isize(excludedim), excludedim)

    def tsize(self, excludedim: int | bool | None = None) -> list:
        return self._own(self.loader.tsize(excludedim), excludedim)

    def _own(self, sizes: list, excludedim: int | bool | None) -> list:
        return [sizes[0], self.batchsize, *sizes[2:]] if excludedim is False else sizes


@contextmanager
def drawing_from(stream: torch.Generator) -> Iterator[None]:
    """Let this thread draw from ``stream``."""
    before = generator.current()
    generator.set_thread_generator(stream)
    try:
        yield
    finally:
        generator.set_thread_generator(before)
