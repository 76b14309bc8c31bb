"""``require 'threads'``: a pool of threads that work off jobs; what ends a job runs in the thread that asks.

::

    pool = threads.Threads(4, lambda threadid: ...)          # what each thread does first
    pool.addjob(lambda: heavy(3), lambda result: ...)        # the second runs in synchronize() or dojob()
    pool.synchronize()
    pool.terminate()

Threads share the memory of the process: arrays are not copied. Each has its own stream of random numbers.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import torch7
from torch7 import lua_math
from torch7.generator import Generator, set_thread_generator

from .callable_module import make_callable

_here = threading.local()


def threadid() -> int | None:
    """The number (from 1) of the thread of a pool that asks, None outside of one; ``__threadid`` in Lua."""
    return getattr(_here, "id", None)


class Threads:
    """``Threads(n, init, ...)``: ``n`` threads, each of which calls every ``init(threadid)`` first.

    With ``specific(True)`` jobs are given to a thread by its number: ``addjob(id, job, end, ...)``. At most ``n`` jobs
    wait or run; one more ends the first that is done before. An exception in a job comes out of ``dojob`` or
    ``synchronize``.
    """

    torch_typename = "threads.Threads"

    def __init__(self, n: int, *inits: Callable[[int], Any]) -> None:
        self.N = int(n)
        if self.N < 1:
            raise ValueError(f"threads.Threads: at least one thread, not {n}")
        self._specific, self._pending, self._open = False, 0, True
        self._change = threading.Condition()
        self._jobs: dict[int, deque] = {i: deque() for i in range(self.N + 1)}  # 0: of any thread
        self._ended: deque = deque()
        self._results: dict[int, list] = {}  # of each thread's last init
        self._start(inits)

    @classmethod
    def with_results(cls, n: int, *inits: Callable[[int], Any]) -> tuple[Threads, list[list]]:
        """The pool, and for each thread a list of what its last ``init`` gave."""
        pool = cls(n, *inits)
        return pool, [pool._results[number] for number in range(1, pool.N + 1)]

    def _first(self, inits: tuple, number: int) -> None:
        found = [init(number) for init in inits][-1:] or [()]
        self._results[number] = list(found[0]) if isinstance(found[0], tuple) else [found[0]]

    def _start(self, inits: tuple) -> None:
        self._workers = [
            threading.Thread(target=self._work, args=(i, inits), daemon=True, name=f"torch-{i}")
            for i in range(1, self.N + 1)
        ]
        self._pending = self.N
        for worker in self._workers:
            worker.start()
        try:
            self.synchronize()
        except BaseException:
            self._close()
            raise

    def _work(self, number: int, inits: tuple) -> None:
        _here.id = number
        set_thread_generator(Generator())
        lua_math.set_thread_generator(torch7.LuaRandom())
        self._run(number, lambda: self._first(inits, number), None, ())
        while (job := self._next(number)) is not None:
            self._run(number, *job)

    def _next(self, number: int) -> tuple | None:
        with self._change:
            while self._open:
                for jobs in (self._jobs[number], self._jobs[0]):
                    if jobs:
                        return jobs.popleft()
                self._change.wait()
        return None

    def _run(self, number: int, job: Callable, end: Callable | None, args: tuple) -> None:
        results: tuple = ()
        error = None
        try:
            found = job(*args)
            results = found if isinstance(found, tuple) else () if found is None else (found,)
        except BaseException as e:
            error = e
            e.add_note(f"[thread {number} callback]")
        with self._change:
            self._ended.append((end, results, error))
            self._change.notify_all()

    def specific(self, flag: bool | None = None) -> bool | None:
        """Whether jobs are given to threads by number; with ``flag`` it is set, after the pending jobs are ended."""
        if flag is None:
            return self._specific
        self.synchronize()
        self._specific = bool(flag)
        return None

    def addjob(self, *args: Any) -> None:
        """``addjob([id,] job, end, ...)``: ``job(...)`` in a thread, then ``end(its results)`` in :meth:`dojob`."""
        number = 0
        if self._specific:
            number, *args = args
            if number not in range(1, self.N + 1):
                raise IndexError(f"threads: thread {number} is not in 1..{self.N}")
        if not self._open:
            raise RuntimeError("threads: the pool has been terminated")
        while not self.acceptsjob():
            self.dojob()
        job, end = args[0], args[1] if len(args) > 1 else None
        self._pending += 1
        self._give(int(number), (job, end, tuple(args[2:])))

    def _give(self, number: int, job: tuple) -> None:
        with self._change:
            self._jobs[number].append(job)
            self._change.notify_all()

    def dojob(self) -> None:
        """Wait for the next job that is done and call its ``end``."""
        if not self._pending:
            return
        with self._change:
            while not self._ended:
                self._change.wait()
            end, results, error = self._ended.popleft()
        self._pending -= 1
        if error is not None:
            raise error
        if end is not None:
            end(*results)

    def synchronize(self) -> None:
        """:meth:`dojob` until no job is left."""
        while self._pending:
            self.dojob()

    def hasjob(self) -> bool:
        """Whether there are jobs that are not ended."""
        return self._pending > 0

    def acceptsjob(self) -> bool:
        """Whether one more job goes in without waiting."""
        return self._pending < self.N

    def haserror(self) -> bool:
        """Whether a job that is done has failed."""
        with self._change:
            return any(error is not None for _, _, error in self._ended)

    def terminate(self) -> None:
        """End all jobs, then the threads."""
        if self._open:
            try:
                self.synchronize()
            finally:
                self._close()

    def _close(self) -> None:
        with self._change:
            self._open = False
            self._change.notify_all()

    @staticmethod
    def serialization(name: str | None = None) -> None:
        """Accepted: nothing is written down to go from thread to thread."""


class Mutex:
    """``lock()`` and ``unlock()``."""

    torch_typename = "threads.Mutex"

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def lock(self) -> None:
        self._lock.acquire()

    def unlock(self) -> None:
        self._lock.release()

    def id(self) -> int:
        """A number that is the mutex's own."""
        return id(self)

    def free(self) -> None:
        """Nothing; Python does it."""


def safe(f: Callable, mutex: Mutex | None = None) -> Callable:
    """``f``, which one thread at a time may run."""
    mutex = mutex or Mutex()

    def alone(*args: Any) -> Any:
        mutex.lock()
        try:
            return f(*args)
        finally:
            mutex.unlock()

    return alone


serialization = Threads.serialization
make_callable(__name__, Threads)
