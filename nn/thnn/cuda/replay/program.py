"""A computation on a GPU as a CUDA graph: what it launches is captured and launched again by one call.

A graph holds addresses. What is in the slots, the arrays that every run may bring anew, is copied to the program's own.
Memory that the computation makes comes from a pool of its own, and scratch memory that others may exchange is held, so
that what a graph reads and writes is there as long as the program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from torch7 import arrays

from .. import tables, workspace
from ..results import Result, watch_copies, watched


class NotReplayable(Exception):
    """Why a computation cannot be captured."""


#: What a run says: all was launched; nothing was, because slots do not fit.
DONE, UNFIT = range(2)


class Program:
    """The graph of ``compute(*statics)``, and what it returned, whose elements are there after a run.

    ``statics`` are arrays of the program's own, which a run fills with what is in the slots.
    """

    def __init__(self, compute: Callable, statics: Sequence[Any]) -> None:
        cuda = arrays.cupy().cuda
        self.statics = list(statics)
        self.pool = cuda.MemoryPool()
        stream, before = cuda.Stream(non_blocking=True), watch_copies([])
        cuda.get_current_stream().synchronize()
        with cuda.using_allocator(self.pool.malloc), stream:
            stream.begin_capture()
            try:
                self.result = compute(*self.statics)
            except Exception as reason:
                watched(before)
                with suppress(Exception):
                    stream.end_capture()
                raise NotReplayable(str(reason)) from reason
            self.graph = stream.end_capture()
        self.faults = watched(before)
        self.kept = [*workspace.held(), *tables.held()]
        self.slots = [(x.shape, x.dtype) for x in statics]

    def run(self, *slots: Any) -> int:
        """Launch the graph on the arrays in the slots: DONE or UNFIT."""
        for x, form in zip(slots, self.slots):
            if (x.shape, x.dtype) != form or type(x) is not arrays.cupy().ndarray:
                return UNFIT
        for x, own in zip(slots, self.statics):
            own[...] = x
        self.graph.launch()
        watch_copies(self.faults)
        return DONE

    def number(self) -> Any:
        """The number that the computation returned, as of the last run: later runs do not change it."""
        if not isinstance(self.result, Result):
            return self.result
        terms = [(factor, slot.copied()) for factor, slot in self.result.terms]
        return Result(tuple(terms), self.result.constant)


def spoil() -> None:
    """Fill scratch memory with what no computation may depend on."""
    for x in workspace.held():
        x.fill(float("nan") if x.dtype.kind == "f" else -1)
