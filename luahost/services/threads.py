"""``threads`` for Lua, which has one state: jobs run one after another when they are added, and end as in Torch.

Each thread has its own globals, loaded files, stream of random numbers and default type of tensors, as the states of
Torch's threads had.
"""

from __future__ import annotations

from typing import Any

import torch7
from rocks import threads
from rocks.threads import Mutex, safe, serialization
from torch7.generator import Generator, current, set_thread_generator

from ..runtime import host

__all__ = ["Mutex", "Threads", "safe", "serialization"]


class Threads(threads.Threads):
    """A pool whose threads are all the one that asks; ``__threadid`` says which it stands for."""

    def _start(self, inits: tuple) -> None:
        self._own = {number: (Generator(), "torch.DoubleTensor") for number in range(1, self.N + 1)}
        self._states = {number: host.library.new_state() for number in self._own}
        for number in self._own:
            self._pending += 1
            self._run(number, lambda number=number: self._first(inits, number), None, ())
        self.synchronize()

    def _give(self, number: int, job: tuple) -> None:
        self._run(number or 1, *job)

    def _run(self, number: int, *job: Any) -> None:
        leave = host.library.enter_state(self._states[number])
        host.globals["__threadid"] = number
        here = current(), torch7.getdefaulttensortype()
        _become(self._own[number])
        try:
            super()._run(number, *job)
        finally:
            leave()
            self._own[number] = current(), torch7.getdefaulttensortype()
            _become(here)


def _become(state: tuple[Generator, str]) -> None:
    """Draw from this generator and make tensors of this type."""
    set_thread_generator(state[0])
    if torch7.getdefaulttensortype() != state[1]:
        host.globals.torch.setdefaulttensortype(state[1])


__lua_call__ = Threads.with_results
