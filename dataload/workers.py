"""Workers with a copy of a data set and random streams of their own: threads or processes."""

from __future__ import annotations

import copy
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import numpy as np

from torch7 import generator, lua_math

Job = tuple[str | Callable, tuple]


class Failure:
    """What a worker sends back in place of a result when a job raised ``error``."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class ThreadWorker:
    """A thread that runs jobs on its own copy of ``dataset``; large arrays are shared, not copied."""

    def __init__(self, dataset: Any, number: int, seed: int, init: Callable | None) -> None:
        self._jobs: SimpleQueue = SimpleQueue()
        self._results: SimpleQueue = SimpleQueue()
        own = copy.deepcopy(dataset, {id(x): x for x in _arrays(vars(dataset))})
        work = (self._jobs.get, self._results.put, own, number, seed, init)
        self._thread = threading.Thread(target=_serve, args=work, daemon=True, name=f"dataload-{number}")
        self._thread.start()

    def put(self, job: Job | None) -> None:
        self._jobs.put(job)

    def get(self) -> Any:
        return self._results.get()

    def stop(self) -> None:
        self._jobs.put(None)


class ProcessWorker:
    """A process that runs jobs on its own copy of ``dataset``; results come through a pipe."""

    def __init__(self, dataset: Any, number: int, seed: int, init: Callable | None) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve_pipe, args=(other, dataset, number, seed, init), daemon=True)
        self._process.start()
        other.close()

    def put(self, job: Job | None) -> None:
        self._pipe.send(job)

    def get(self) -> Any:
        try:
            return self._pipe.recv()
        except EOFError:
            self._process.join(60)
            code = self._process.exitcode
            return Failure(RuntimeError(f"a worker process of AsyncIterator ended, exit code {code}"))

    def stop(self) -> None:
        self._process.terminate()


def _serve_pipe(pipe: Any, dataset: Any, number: int, seed: int, init: Callable | None) -> None:
    def receive() -> Job | None:
        try:
            return pipe.recv()
        except EOFError:
            return None
        except Exception as e:
            return _raise, (RuntimeError(f"a worker process cannot read its job: {e}"),)

    def send(result: Any) -> None:
        try:
            pipe.send(result)
        except (TypeError, ValueError, AttributeError) as e:
            pipe.send(Failure(RuntimeError(f"a worker process cannot send its result: {e}")))

    _serve(receive, send, dataset, number, seed, init)


def _raise(dataset: Any, error: Exception) -> None:
    raise error


def _serve(receive: Callable, send: Callable, dataset: Any, number: int, seed: int, init: Callable | None) -> None:
    start_streams(dataset, seed)
    failure = None
    try:
        if init is not None:
            init(number)
    except Exception as e:
        failure = Failure(e)
    while (job := receive()) is not None:
        send(failure or _run(dataset, *job))
        del job


def _run(dataset: Any, function: str | Callable, args: tuple) -> Any:
    try:
        return getattr(dataset, function)(*args) if isinstance(function, str) else function(dataset, *args)
    except Exception as e:
        return Failure(e)


def start_streams(dataset: Any, seed: int) -> None:
    """Give this thread random streams of its own, Torch's and Lua's, and the data set a fresh start."""
    generator.set_thread_generator(generator.Generator().manualSeed(seed))
    lua_math.set_thread_generator(lua_math.LuaRandom(seed))
    dataset.reset()


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item)
