"""Fair timing on a noisy machine: contestants take turns in one process, medians are compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def side_by_side(contestants: dict[str, Callable[[], None]], rounds: int = 9, repeat: int = 1) -> dict[str, float]:
    """Median seconds of one call of each contestant; every round calls each ``repeat`` times, in turn."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for run in contestants.values():
        run()
    for _ in range(rounds):
        for name, run in contestants.items():
            start = time.perf_counter()
            for _ in range(repeat):
                run()
            times[name].append((time.perf_counter() - start) / repeat)
    return {name: statistics.median(t) for name, t in times.items()}
