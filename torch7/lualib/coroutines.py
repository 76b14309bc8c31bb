"""Coroutines: each runs on a thread of its own, of which only one goes on at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .errors import LuaError, message
from .values import values_of

_current = threading.local()


class Coroutine:
    """A function that can stop at ``coroutine.yield_`` and go on later."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f, self.status = f, "suspended"
        self._wake, self._rest = threading.Semaphore(0), threading.Semaphore(0)
        self._passed: tuple = ()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def resume(self, *args: Any) -> tuple:
        """Go on until the next stop; the values given there."""
        if self.status != "suspended":
            raise LuaError(f"cannot resume {'dead' if self.status == 'dead' else 'non-suspended'} coroutine")
        self._passed, self.status = args, "running"
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._wake.release()
        self._rest.acquire()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self._passed

    def _run(self) -> None:
        _current.coroutine = self
        try:
            self._passed = values_of(self.f(*self._passed))
        except BaseException as e:
            self._error = e
        self.status = "dead"
        self._rest.release()

    def stop(self, *values: Any) -> Any:
        """Give values to whoever resumed, and wait for the next time."""
        self._passed, self.status = values, "suspended"
        self._rest.release()
        self._wake.acquire()
        passed = self._passed
        return passed[0] if len(passed) == 1 else passed or None


def _resume(co: Coroutine, *args: Any) -> tuple:
    try:
        return True, *co.resume(*args)
    except Exception as e:
        return False, message(e)


def _yield(*values: Any) -> Any:
    running = getattr(_current, "coroutine", None)
    if running is None:
        raise LuaError("attempt to yield from outside a coroutine")
    return running.stop(*values)


def _wrap(f: Callable[..., Any]) -> Callable[..., Any]:
    co = Coroutine(f)

    def step(*args: Any) -> Any:
        values = co.resume(*args)
        return values[0] if len(values) == 1 else values or None

    return step


coroutine = SimpleNamespace(create=Coroutine, resume=_resume, wrap=_wrap, yield_=_yield, status=lambda co: co.status,
                            running=lambda: getattr(_current, "coroutine", None))  # fmt: skip
