"""A thread that looks after sums under way while the main thread computes: MPI moves on only when it is called."""

from __future__ import annotations

import threading
import time
from typing import Any

#: Seconds between two looks, each of which takes some tenths of a millisecond from the main thread.
PAUSE = 4e-3

_exchanges: list = []
_something = threading.Event()
_thread: threading.Thread | None = None


def watch(exchange: Any) -> None:
    """Look after ``exchange`` until :func:`release`."""
    global _thread
    if _thread is None:
        _thread = threading.Thread(target=_look, daemon=True, name="distlearn")
        _thread.start()
    _exchanges.append(exchange)
    _something.set()


def release(exchange: Any) -> None:
    """Look after ``exchange`` no longer."""
    if exchange in _exchanges:
        _exchanges.remove(exchange)


def _look() -> None:
    while _something.wait():
        time.sleep(PAUSE)  # first: nothing is under way when a backward pass begins
        for exchange in list(_exchanges):
            exchange.advance()
        _something.clear()
        if _exchanges:
            _something.set()
