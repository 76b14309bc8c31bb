"""The progress bar of xlua: tqdm's on a terminal, where it is installed, else Torch's text."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

from torch7.lua import lua_number

_WIDTH = 77


class _State:
    """The bar that is being filled: when it began and at which step, and how far it is."""

    previous = -1
    done = True
    began = 0.0
    first: float = 1
    bar: Any = None


def progress(current: float, goal: float) -> None:
    """Show that ``current`` of ``goal`` steps are done. A new bar begins once one is full."""
    part = math.floor(current * _WIDTH / goal)
    fresh = _State.done and (_State.previous == -1 or part < _State.previous)
    if fresh:
        _State.done, _State.previous, _State.began, _State.first = False, -1, time.time(), 1
    if _terminal():
        if not _State.done:
            _with_tqdm(current, goal, fresh)
    else:
        sys.stdout.write("" if fresh else "\r")
        if not _State.done:
            sys.stdout.write(_text(current, goal, part))
            sys.stdout.write("\n" if part == _WIDTH else "")
        sys.stdout.flush()
    if not _State.done:
        _State.previous, _State.done = part, part == _WIDTH


def _terminal() -> bool:
    try:
        import tqdm  # noqa: F401
    except ImportError:
        return False
    return sys.stdout.isatty()


def _with_tqdm(current: float, goal: float, fresh: bool) -> None:
    from tqdm import tqdm

    if fresh or _State.bar is None or _State.bar.total != goal:
        if _State.bar is not None:
            _State.bar.close()
        _State.bar = tqdm(total=goal, file=sys.stdout, leave=True)
    _State.bar.update(current - _State.bar.n)
    if current >= goal:
        _State.bar.close()
        _State.bar = None


def _text(current: float, goal: float, part: int) -> str:
    """The bar, and by steps back in the line the numbers in its middle, as Torch wrote them."""
    bar = "".join("=" if i < part else ">" if i == part else "." for i in range(1, _WIDTH + 1))
    step = 0.0 if current == _State.first else (time.time() - _State.began) / (current - _State.first)
    times = f"ETA: {formatTime(max(0.0, (goal - current) * step))} | Step: {formatTime(step)}"
    back = "\b" * (47 + len(times))
    return f" [{bar}] {' ' * 50}{chr(8) * 50}{times}{back} {lua_number(current)}/{lua_number(goal)} "


def formatTime(seconds: float) -> str:
    """The two largest of days, hours, minutes, seconds and milliseconds: ``'1h2m'``, ``'0ms'``."""
    parts = []
    for name, length in (("D", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = math.floor(seconds / length), seconds - math.floor(seconds / length) * length
        parts.append((count, name))
    parts.append((math.floor(seconds * 1000), "ms"))
    shown = [f"{count}{name}" for count, name in parts if count > 0][:2]
    return "".join(shown) or "0ms"
