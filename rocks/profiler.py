"""``xlua.Profiler``: times between start and lap, by name."""

from __future__ import annotations

from typing import Any

from torch7.lua import Table
from torch7.timer import Timer


class Profiler:
    """``p.start('load')``, ``p.lap('load')``; then ``p.real('load')``, ``p.cpu``, ``p.mean`` and ``p.printAll()``."""

    def __init__(self) -> None:
        self.events: dict[str, Table] = {}

    def start(self, name: str) -> None:
        """Begin to measure."""
        event = self.events.setdefault(name, Table(total=0.0, count=0, last=None))
        event.timer = Timer()

    def lap(self, name: str) -> Any:
        """End what :meth:`start` began; its times as ``real``, ``user`` and ``sys``."""
        event = self.events.get(name)
        if event is None or event.get("timer") is None:
            raise ValueError(f"profiler: {name} was not started")
        event.last = event.timer.time()
        event.total, event.count = event.total + event.last.real, event.count + 1
        return event.last

    def real(self, name: str) -> float:
        """Seconds of the last lap."""
        return self.events[name].last.real

    def cpu(self, name: str) -> float:
        """Seconds of work of the last lap."""
        last = self.events[name].last
        return last.user + last.sys

    def mean(self, name: str) -> float:
        """Mean of all laps."""
        event = self.events[name]
        return event.total / event.count

    def printAll(self) -> None:
        """A line for each name."""
        for name, event in self.events.items():
            print(f"{name}: {event.total:g} s in {event.count} laps")

    report = printAll
