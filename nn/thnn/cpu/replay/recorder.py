"""Which compiled code a computation calls, with its arguments and results.

All compiled code is called through dispatchers, objects of Numba's that find the code for the types of the arguments.
While one thread records, its dispatchers have none to find: each asks Python for it, and there the call is noted. Other
threads get the same code in the same way, without a note.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from numba.core.dispatcher import Dispatcher

from ..runtime.frame import Layout
from ..runtime.parallel import Call, alone, launch

#: Packages of kernels.
KERNELS = "nn.thnn.", "optim.kernels", "rnn.", "dpnn.", "nnx."
#: One recording at a time.
_lock = threading.Lock()
_recording: int | None = None  # the thread


def _after_fork() -> None:
    """A child has not the thread that records."""
    if _recording != threading.get_ident():
        _lock._at_fork_reinit()  # type: ignore[attr-defined]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Launch(NamedTuple):
    """A call of compiled code: ``code`` is Numba's result of a compilation.

    ``tables`` are copies of those that the frame of a region names, in which later calls may put other words.
    """

    kernel: Any
    code: Any
    arguments: tuple
    result: Any
    tables: tuple = ()


def record(run: Callable[[], Any], then: Callable[[Launch], None] | None = None) -> tuple[list[Launch], Any]:
    """What ``run()`` calls in this thread, and what it returns. An error of ``run`` is passed on.

    ``then`` is called after every call.
    """
    launches: list[Launch] = []
    bound: list = []  # tables of the next launch
    with _lock:
        kernels = list({id(d): d for d in _kernels()}.values())
        before = [vars(d).get("_compile_for_args") for d in kernels]
        global _recording
        _recording = thread = threading.get_ident()
        for d in kernels:
            d._compile_for_args = _noting(d, d._compile_for_args, (launches, then, bound), thread)
            d._clear()
        Layout.note = lambda found: _note_frame(found, launches, thread)
        Call.note = lambda call: bound.extend(call.tables) if threading.get_ident() == thread else None
        try:
            return launches, run()
        finally:
            Layout.note = Call.note = None
            for d, method in zip(kernels, before):
                _restore(d, method)


def _note_frame(found: tuple, launches: list[Launch], thread: int) -> None:
    """The values of a frame: a launch whose kernel is :class:`Layout`, before that of the frame."""
    if threading.get_ident() == thread:
        launches.append(Launch(Layout, None, found, None))


def _kernels() -> Iterator[Dispatcher]:
    """The dispatchers in the modules of kernels, and in the objects that decorators made."""
    for name, module in list(sys.modules.items()):
        if name.startswith(KERNELS) and module is not None:
            for x in list(vars(module).values()):
                yield from _dispatchers(x)


def _dispatchers(x: Any, inside: bool = True) -> Iterator[Dispatcher]:
    if isinstance(x, Dispatcher):
        yield x
    elif isinstance(x, dict):
        for value in list(x.values()):
            if isinstance(value, Dispatcher):
                yield value
    elif inside and type(x).__module__.startswith(KERNELS) and hasattr(x, "__dict__"):
        for value in list(vars(x).values()):
            yield from _dispatchers(value, False)


def _restore(dispatcher: Dispatcher, method: Callable | None) -> None:
    """Let a dispatcher find its code again, and with ``method`` what it has not."""
    del dispatcher._compile_for_args
    if method is not None:
        dispatcher._compile_for_args = method
    dispatcher._clear()
    for code in list(dispatcher.overloads.values()):
        dispatcher._insert([kind._code for kind in code.signature.args], code.entry_point, code.objectmode)


def _noting(dispatcher: Dispatcher, compile_for: Callable, note: tuple, thread: int) -> Callable:
    """``_compile_for_args`` of a dispatcher: the code for some arguments, in this thread with a note of its call."""

    launches, then, bound = note

    def find(*arguments: Any, **more: Any) -> Callable:
        entry = compile_for(*arguments, **more)
        if threading.get_ident() != thread:
            return entry
        code = next(c for c in dispatcher.overloads.values() if c.entry_point is entry)

        def call(*arguments: Any) -> Any:
            held, tables = _held(arguments, bound) if dispatcher in (alone, launch) else (arguments, ())
            result = entry(*arguments)
            launches.append(Launch(dispatcher, code, held, result, tables))
            if then is not None:
                then(launches[-1])
            return result

        return call

    return find


def _held(arguments: tuple, bound: list) -> tuple[tuple, tuple]:
    """Copies of the frame of a parallel region and of its tables, which later calls may fill with other arguments."""
    address, frame, *more = arguments
    frame, tables = frame.copy(), []
    for n, table in bound:
        tables.append(table.flatten())
        frame[n] = tables[-1].ctypes.data
    bound.clear()
    return (address, frame, *more), tuple(tables)
