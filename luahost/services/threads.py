"""``threads`` for Lua, which has one state: jobs run one after another when they are added, and end as in Torch."""

from __future__ import annotations

from typing import Any

from rocks import threads
from rocks.threads import Mutex, safe, serialization

from ..runtime import host

__all__ = ["Mutex", "Threads", "safe", "serialization"]


class Threads(threads.Threads):
    """A pool whose threads are all the one that asks; ``__threadid`` says which it stands for."""

    def _start(self, inits: tuple) -> None:
        for number in range(1, self.N + 1):
            self._pending += 1
            self._run(number, lambda number=number: [init(number) for init in inits] and None, None, ())
        self.synchronize()

    def _give(self, number: int, job: tuple) -> None:
        self._run(number or 1, *job)

    def _run(self, number: int, *job: Any) -> None:
        before, host.globals["__threadid"] = host.globals["__threadid"], number
        try:
            super()._run(number, *job)
        finally:
            host.globals["__threadid"] = before


__lua_call__ = Threads
