"""Time: Timer, tic and toc."""

from __future__ import annotations

import os
import time

from . import registry
from .lua import Table


class Timer:
    """A stopwatch for real, user and system time; it runs from its construction on.

    ``time()`` returns the seconds so far as a table, ``timer.time().real``; only while the timer runs they grow.
    ``stop()``, ``resume()`` and ``reset()`` return the timer; ``reset`` sets the times to 0 and leaves a running
    timer running.
    """

    def __init__(self) -> None:
        self._running = True
        self.reset()

    def time(self) -> Table:
        now = self._now() if self._running else self._since
        real, user, system = (t + b - a for t, a, b in zip(self._total, self._since, now))
        return Table(real=real, user=user, sys=system)

    def stop(self) -> Timer:
        if self._running:
            self._total = tuple(self.time().values())
            self._since = self._now()
            self._running = False
        return self

    def resume(self) -> Timer:
        if not self._running:
            self._since = self._now()
            self._running = True
        return self

    def reset(self) -> Timer:
        self._total = (0.0, 0.0, 0.0)
        self._since = self._now()
        return self

    @staticmethod
    def _now() -> tuple[float, float, float]:
        spent = os.times()
        return time.perf_counter(), spent.user, spent.system

    def __repr__(self) -> str:
        return f"torch.Timer [status: {'running' if self._running else 'stopped'}]"


registry.register("torch.Timer", Timer)


def tic() -> float:
    """A time stamp for :func:`toc`."""
    return time.time()


def toc(since: float) -> float:
    """The seconds since the time stamp ``since``."""
    return time.time() - since
