"""Streams, captures and graphs of the stand-in for CuPy.

While a stream captures, nothing is run: what would be launched is noted, with addresses, as a CUDA graph has it. What
would wait, or copy from the host's memory, is refused. A graph that is launched reads memory that is still there, or
says that it is not.
"""

from __future__ import annotations

import contextlib
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

#: What the stream that captures has noted; None while none does.
_noted: list[tuple] | None = None
_pools: list[MemoryPool] = []
#: Graphs that were launched.
launched = 0


class Place:
    """An array by its address; it is there as long as the memory under it."""

    def __init__(self, x: np.ndarray) -> None:
        self.form = x.__array_interface__
        owner = x
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        self.owner = weakref.ref(owner)

    def array(self) -> np.ndarray:
        if self.owner() is None:
            raise RuntimeError("cudaErrorIllegalAddress: a graph uses memory that was given back")
        return np.asarray(type("View", (), {"__array_interface__": self.form})())


def _frozen(x: Any, how: Callable) -> Any:
    if isinstance(x, tuple | list):
        return type(x)(_frozen(v, how) for v in x)
    return how(x)


def refuse(what: str) -> None:
    """What a capture does not allow."""
    if _noted is not None:
        raise RuntimeError(f"cudaErrorStreamCaptureUnsupported: operation not permitted: {what}")


def do(function: Callable, *arguments: Any, **settings: Any) -> None:
    """Run a function that writes to its arguments, or note it."""
    if _noted is None:
        function(*arguments, **settings)
    else:
        _note(function, arguments, settings)


def _note(function: Callable, arguments: tuple, settings: dict) -> None:
    def place(x: Any) -> Any:
        return Place(x) if isinstance(x, np.ndarray) and x.size else x

    _noted.append((function, _frozen(arguments, place), {k: _frozen(v, place) for k, v in settings.items()}))


def again(made: np.ndarray, function: Callable, *arguments: Any, **settings: Any) -> None:
    """Note that ``made`` is what a function gives; until a graph was launched there is nothing of use in it."""
    if _noted is not None:
        made.view(np.uint8).fill(255) if made.ndim and made.flags.c_contiguous else None
        _note(_fill, (made, function, arguments, settings), {})


def _fill(made: np.ndarray, function: Callable, arguments: tuple, settings: dict) -> None:
    made[...] = function(*arguments, **settings)


def kept(host: np.ndarray) -> np.ndarray:
    """New memory, which belongs to the pool that is used."""
    if _pools:
        _pools[-1].memory.append(host)
    return host


class MemoryPool:
    def __init__(self) -> None:
        self.memory: list[np.ndarray] = []

    def malloc(self, size: int) -> Any:
        raise NotImplementedError


@contextlib.contextmanager
def using_allocator(allocator: Any = None) -> Iterator[None]:
    _pools.append(allocator.__self__)
    try:
        yield
    finally:
        _pools.pop()


class Graph:
    def __init__(self, noted: list[tuple]) -> None:
        self.noted = noted

    def launch(self, stream: Any = None) -> None:
        global launched
        refuse("the launch of a graph")
        launched += 1
        for function, arguments, settings in self.noted:
            given = _frozen(arguments, _there)
            function(*given, **{k: _frozen(v, _there) for k, v in settings.items()})


def _there(x: Any) -> Any:
    return x.array() if isinstance(x, Place) else x


class Event:
    """A moment on the clock of the CPU."""

    def record(self, stream: Any = None) -> None:
        self.time = time.perf_counter()

    def synchronize(self) -> None: ...


def get_elapsed_time(start: Event, end: Event) -> float:
    return (end.time - start.time) * 1e3


class Stream:
    def __init__(self, null: bool = False, non_blocking: bool = False, ptds: bool = False) -> None:
        self.ptr = 0 if null else id(self)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *error: Any) -> None: ...

    def begin_capture(self, mode: Any = None) -> None:
        global _noted
        if self.ptr == 0:
            raise RuntimeError("cannot capture on the default (legacy) stream")
        refuse("a capture in a capture")
        _noted = []

    def end_capture(self) -> Graph:
        global _noted
        noted, _noted = _noted, None
        return Graph(noted)

    def is_capturing(self) -> bool:
        return _noted is not None
