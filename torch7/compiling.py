"""A line on stderr while kernels are compiled, which an installation does once, at the first use of each.

It comes once in a process: on a terminal after a second of compilation, so that nothing is said where little is to do;
with ``TORCH7_COMPILING=1`` in the environment at the first kernel, to any stderr; with ``TORCH7_COMPILING=0`` never.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache

from numba.core import event

TEXT = (
    "torch7: compiling kernels, which are kept for later runs; "
    "`python -m torch7 warm` compiles the usual ones at once (TORCH7_COMPILING=0: say nothing)"
)
#: Seconds of compilation before a terminal is told.
PATIENCE = 1.0


class Announcement(event.Listener):
    """Counts the time of compilations, of which inner ones lie in outer ones, and says it once."""

    def __init__(self, patience: float) -> None:
        self.patience, self.spent, self.depth, self.said = patience, 0.0, 0, False
        self.start = 0.0

    def on_start(self, event: event.Event) -> None:
        if self.depth == 0:
            self.start = time.monotonic()
        self.depth += 1
        self._say()

    def on_end(self, event: event.Event) -> None:
        self._say()
        self.depth = max(self.depth - 1, 0)
        if self.depth == 0:
            self.spent += time.monotonic() - self.start

    def _say(self) -> None:
        if not self.said and self.spent + time.monotonic() - self.start >= self.patience:
            self.said = True
            print(TEXT, file=sys.stderr, flush=True)


@cache
def announce() -> None:
    """Let compilations of this process be told from now on, if anybody is to be told."""
    wish = os.environ.get("TORCH7_COMPILING", "")
    if wish != "0" and (wish or (sys.stderr is not None and sys.stderr.isatty())):
        event.register("numba:compile", Announcement(0.0 if wish else PATIENCE))
