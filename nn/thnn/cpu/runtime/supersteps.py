"""Kernels on several threads that meet: no part begins a turn before all parts have ended the one before.

A recurrent layer whose units are shared out needs that at every step. No part waits inside: every turn is a launch of
its own, from compiled code, so that a threading layer that runs parts one after another is slower and no more. The
parts are counted on over the turns::

    @relay
    def _steps(frame, like, count, parts):
        turn, part = count // parts, count % parts
        x, n = unpack(frame, like, "pi")

    _steps(x, parts, turns, x, n)                             # like, parts, turns, then what is unpacked
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange

from torch7 import thread_team, threading_layer

from .jit import kernel, parallel
from .parallel import Team, as_word, call_part, fill


class Relay(Team):
    """A :class:`Team` that takes turns."""

    def __call__(self, like: np.ndarray, parts: int, turns: int, *arguments: Any) -> None:
        """Run parts 0 ... parts - 1 of turn 0, then those of turn 1 and so on."""
        function = self.compiled.get(like.dtype) or self._compile(like.dtype)
        frame = np.empty(len(arguments), np.int64)
        fill(frame, *[as_word(x) if isinstance(x, np.ndarray) else x for x in arguments])
        run = _alone if parts == 1 else _launch
        run(function.address, frame, turns, parts)


def relay(body: Callable) -> Relay:
    """Decorate a body."""
    return Relay(body)


@kernel
def _alone(address, frame, turns, parts):
    for turn in range(turns):
        call_part(address, frame, turn, 1)


if threading_layer.AVAILABLE:

    @kernel
    def _launch(address, frame, turns, parts):
        for turn in range(turns):
            thread_team.run(address, frame.ctypes.data, turn * parts, parts)

else:

    @parallel
    def _launch(address, frame, turns, parts):
        for turn in range(turns):
            for part in prange(parts):
                call_part(address, frame, turn * parts + part, parts)
