"""``xlua``: the progress bar. The rest of xlua is ``lua/rocks/xlua.lua``."""

from __future__ import annotations

import sys
import time

_WIDTH = 40
_state = {"start": 0.0, "last": -1}


def progress(current: float, goal: float) -> None:
    """A bar on one line, with the time of a step and what is left; a newline when the goal is reached."""
    now = time.time()
    if current <= 1 or current < _state["last"]:
        _state["start"] = now
    _state["last"] = current
    part = min(max(current / goal, 0.0), 1.0) if goal else 1.0
    done = round(part * _WIDTH)
    step = (now - _state["start"]) / max(current, 1)
    bar = "=" * done + ">" + "." * (_WIDTH - done)
    end = "\n" if current >= goal else "\r"
    sys.stdout.write(f" [{bar}] {current:.14g}/{goal:.14g}  Step: {step * 1000:.0f}ms {end}")
    sys.stdout.flush()


FUNCTIONS = {"progress": progress}
