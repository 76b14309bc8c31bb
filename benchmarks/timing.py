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


def side_by_side(
    contestants: dict[str, Callable],
    rounds: int = 7,
    statistic: Callable = statistics.median,
    clock: Callable = time.perf_counter,
    turn: float = TURN,
) -> dict[str, float]:
    """Median seconds of one call of each contestant; each has one turn a round, of as many calls as fit.

    ``clock`` may be ``time.process_time`` where one thread works on a busy machine. ``turn``: seconds of a turn; the
    calls before it that are not timed take as much of them as by default.
    """
    settle = SETTLE * turn / TURN
    times: dict[str, list[float]] = {name: [] for name in contestants}
    long = {name: _seconds(run, 1, clock) > settle for name, run in contestants.items()}
    for _ in range(rounds):
        for name, run in contestants.items():
            if not long[name]:
                _calls(run, settle, clock)
            times[name] += _calls(run, turn, clock)
    return {name: statistic(t) for name, t in times.items()}


def _seconds(run: Callable, repeat: int, clock: Callable) -> float:
    """Seconds of one call among so many."""
    start = clock()
    for _ in range(repeat):
        run()
    return (clock() - start) / repeat


def _calls(run: Callable, seconds: float, clock: Callable) -> list[float]:
    """Call for so long, once at least; seconds of a call."""
    end = clock() + seconds
    times = [_seconds(run, 1, clock)]
    repeat = max(1, int(SHORT / max(times[0], 1e-7)))
    while clock() < end:
        times.append(_seconds(run, repeat, clock))
    return times
