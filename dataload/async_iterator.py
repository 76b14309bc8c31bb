"""Batches made ahead of time by workers."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import torch7 as torch

from .data_loader import Batch, DataLoader, _batchsize
from .workers import Failure, ProcessWorker, ThreadWorker, start_streams


class AsyncIterator(DataLoader):
    """Iterates over ``dataset`` with ``nthread`` (2) workers, each with a copy of it and random streams of its own.

    Other parameters: ``verbose`` (False); ``serialmode``, ``'ascii'`` or ``'binary'``, accepted as in Lua;
    ``threadInit(number)``, called by each worker at its start; ``processes`` (False), whether workers are processes,
    which need a data set that can be pickled and a main module that can be imported. Threads serve where
    the work releases the lock, as decoding images does.

    ``subiter`` and ``sampleiter`` keep one batch a worker in the making and yield batches in the order they were asked
    for. Worker i draws from the stream of seed ``torch7.initialSeed() + i``, set here and by ``reset``, so equal seeds
    give equal batches. An error of a worker is raised in place of its batch. Only the newest iterator can be used;
    ``querymode`` is its name, None before it and after :meth:`synchronize`.
    Source: dataload manual, AsyncIterator.
    """

    gcdelay = 50
    querymode: str | None = None

    def __init__(
        self,
        dataset: DataLoader,
        nthread: int | None = None,
        verbose: bool | None = None,
        serialmode: str | None = None,
        threadInit: Callable[[int], None] | None = None,
        processes: bool | None = None,
    ) -> None:
        if not isinstance(dataset, DataLoader):
            raise TypeError(f"AsyncIterator expects a DataLoader, got {type(dataset).__name__}")
        if serialmode not in (None, "ascii", "binary"):
            raise ValueError(f"serialmode is 'ascii' or 'binary', not {serialmode!r}")
        self.dataset, self.nthread = dataset, 2 if nthread is None else int(nthread)
        if self.nthread < 1:
            raise ValueError(f"AsyncIterator needs at least one worker, got {nthread}")
        dataset.reset()
        worker = ProcessWorker if processes else ThreadWorker
        self._shared_memory = not processes
        self._workers = [worker(dataset, i, _seed(i), threadInit) for i in range(1, self.nthread + 1)]
        self._stop = weakref.finalize(self, _stop, self._workers)
        self._turns = itertools.cycle(self._workers)
        self._waiting: deque = deque()
        self._iterator: object = None
        self._delivered = 1
        if verbose:
            print(f"AsyncIterator: {self.nthread} workers")

    def subiter(self, batchsize: int | None = None, epochsize: int | None = None, *args: Any) -> Iterator[Batch]:
        jobs = self._sub_jobs(_batchsize(batchsize), self._epochsize(epochsize))
        return self._start_iterator("subiter", jobs, args)

    def sampleiter(self, batchsize: int | None = None, epochsize: int | None = None, *args: Any) -> Iterator[Batch]:
        jobs = self.dataset._sample_jobs(_batchsize(batchsize), epochsize)
        return self._start_iterator("sampleiter", ((*job, None) for job in jobs), args)

    def asyncPut(self, fn: str | Callable, args: tuple, size: int) -> None:
        """Let the next worker call ``fn(dataset, *args)``, or the method of the data set that ``fn`` names."""
        worker = next(self._turns)
        worker.put((fn, tuple(args)))
        self._waiting.append((worker, size))

    def asyncGet(self) -> tuple[int, Any]:
        """``size`` and result of the oldest ``asyncPut`` that was not fetched; an error of the worker is raised."""
        if not self._waiting:
            raise RuntimeError("asyncGet without a call of asyncPut before it")
        worker, size = self._waiting.popleft()
        result = worker.get()
        if isinstance(result, Failure):
            raise result.error
        return size, result

    def synchronize(self) -> None:
        """Wait for the workers, drop what they have made and end the current iterator.

        ``subiter`` will go on with the first sample that was not yielded.
        """
        while self._waiting:
            worker, _ = self._waiting.popleft()
            worker.get()
        self._turns = itertools.cycle(self._workers)
        self._iterator = self.querymode = None
        self._start = self._delivered

    def reset(self) -> None:
        """Start anew: the position of ``subiter``, the workers' data sets and their random streams."""
        self.synchronize()
        super().reset()
        self._delivered = 1
        self.dataset.reset()
        for i, _ in enumerate(self._workers, 1):
            self.asyncPut(start_streams, (_seed(i),), 0)
        self.synchronize()

    def forceCollectGarbage(self) -> None:
        """Collect garbage here and in the workers."""
        self.synchronize()
        for _ in self._workers:
            self.asyncPut(_collect, (), 0)
        self.synchronize()
        gc.collect()

    def collectgarbage(self) -> None:
        """Collect garbage, here and in the workers, at every ``gcdelay``-th call."""
        self._gccount += 1
        if self._gccount >= self.gcdelay:
            self.forceCollectGarbage()
            self._gccount = 0

    def index(self, *args: Any) -> Batch:
        return self.dataset.index(*args)

    def sample(self, *args: Any) -> Batch:
        return self.dataset.sample(*args)

    def sub(self, *args: Any) -> Batch:
        return self.dataset.sub(*args)

    def size(self, *args: Any) -> int:
        return self.dataset.size(*args)

    def isize(self, excludedim: int | bool | None = None) -> list:
        return self.dataset.isize(excludedim)

    def tsize(self, excludedim: int | bool | None = None) -> list:
        return self.dataset.tsize(excludedim)

    def clone(self, *names: str) -> DataLoader:
        raise TypeError("an AsyncIterator cannot be copied: clone its dataset")

    def _sub_jobs(self, batchsize: int, epochsize: int) -> Iterator[tuple]:
        k = 0
        while k < epochsize:
            start, stop = self._advance(min(batchsize, epochsize - k))
            k += stop - start + 1
            yield "sub", stop - start + 1, (start, stop), self._start

    def _start_iterator(self, mode: str, jobs: Iterator[tuple], args: tuple) -> Iterator[Batch]:
        self.synchronize()
        self.querymode = mode
        self._iterator = token = object()
        ends = deque(self._ask(job, (None, None), args) for job in itertools.islice(jobs, self.nthread))
        return self._iterate(token, jobs, ends, args)

    def _ask(self, job: tuple, buffers: tuple, args: tuple) -> int | None:
        """Ask for a batch; returns where the one after it starts."""
        method, n, which, end = job
        self.asyncPut(method, (*which, *(buffers if self._shared_memory else (None, None)), *args), n)
        return end

    def _iterate(self, token: object, jobs: Iterator[tuple], ends: deque, args: tuple) -> Iterator[Batch]:
        k, buffers = 0, (None, None)
        while self._current(token) and self._waiting:
            self._delivered = ends.popleft() or self._delivered
            n, (inputs, targets, *_) = self.asyncGet()
            ends.extend(self._ask(job, buffers, args) for job in itertools.islice(jobs, 1))
            k, buffers = k + n, (inputs, targets)
            yield k, inputs, targets

    def _current(self, token: object) -> bool:
        if self._iterator is not token:
            raise RuntimeError("Can only support one iterator per synchronize()")
        return True


def _seed(number: int) -> int:
    return torch.initialSeed() + number


def _collect(dataset: Any) -> None:
    gc.collect()


def _stop(workers: list) -> None:
    for worker in workers:
        worker.stop()
