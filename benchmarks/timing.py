"""Fair timing on a noisy machine: contestants take turns in one process, medians are compared.

Every library's threads keep spinning for some milliseconds after its last call and then hold a core that the next
contestant needs; so a turn starts with calls that are not timed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

#: Seconds of a turn: before the clock starts, and while it runs.
SETTLE, TURN = 0.03, 0.04
#: A call shorter than this is timed together with its neighbours.
SHORT = 50e-6


def side_by_side(contestants: dict[str, Callable], rounds: int = 7) -> dict[str, float]:
    """Median seconds of one call of each contestant; each has one turn a round, of as many calls as fit."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    long = {name: _seconds(run, 1) > SETTLE for name, run in contestants.items()}
    for _ in range(rounds):
        for name, run in contestants.items():
            if not long[name]:
                _calls(run, SETTLE)
            times[name] += _calls(run, TURN)
    return {name: statistics.median(t) for name, t in times.items()}


def _seconds(run: Callable, repeat: int) -> float:
    """Seconds of one call among so many."""
    start = time.perf_counter()
    for _ in range(repeat):
        run()
    return (time.perf_counter() - start) / repeat


def _calls(run: Callable, seconds: float) -> list[float]:
    """Call for so long, once at least; seconds of a call."""
    end = time.perf_counter() + seconds
    times = [_seconds(run, 1)]
    repeat = max(1, int(SHORT / max(times[0], 1e-7)))
    while time.perf_counter() < end:
        times.append(_seconds(run, repeat))
    return times
