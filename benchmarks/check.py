"""Are the passes still as fast, beside PyTorch, as RESULTS.md says?

``python -m benchmarks.check [--dtype float64] [--threads 2] [--rounds 3] [--cpu] [--slack 0.1] [NAME ...]`` times the
workloads of ``benchmarks.cpu`` and prints those whose ratio to PyTorch is lower than there by more than the slack.
These are timed again, each time for longer, and only what is slower every time counts: then the exit status is 1.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import numpy as np

from .contests import clock, heading, row, set_threads
from .timing import side_by_side
from .whole import geometric_mean
from .workloads import NAMES, sides

PAGE = Path(__file__).with_name("RESULTS.md")
AGAIN = 3
Pass = tuple[str, str]


def recorded(page: str, dtype: str) -> dict[Pass, float]:
    """The ratios to PyTorch of a page's table, by workload and pass."""
    section = page.split(f"## {dtype}\n", 1)[1].split("\n## ", 1)[0]
    cells = [re.split(r" *\| *", line.strip("| ")) for line in section.splitlines() if line.startswith("| ")]
    return {(c[0], c[1]): float(c[4]) for c in cells[1:]}


def measured(name: str, dtype: np.dtype, rounds: int, options: argparse.Namespace) -> dict[Pass, float]:
    """The ratios of one workload now."""
    ours, theirs = sides(name, dtype)
    found = {}
    for part in ours:
        times = side_by_side({"ours": ours[part], "theirs": theirs[part]}, rounds, clock=clock(options))
        found[name, part] = times["theirs"] / times["ours"]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads; all of them by default")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    parser.add_argument("--slack", type=float, default=0.1, help="the share by which a ratio may be lower")
    options = parser.parse_args()
    set_threads(options.threads)
    before, now = recorded(PAGE.read_text(), options.dtype), {}
    names, rounds = options.names or NAMES, options.rounds
    for _ in range(AGAIN):
        for name in names:
            for key, ratio in measured(name, np.dtype(options.dtype), rounds, options).items():
                now[key] = max(ratio, now.get(key, 0.0))
        slower = [key for key in now if now[key] < before[key] * (1 - options.slack)]
        names, rounds = list(dict.fromkeys(name for name, _ in slower)), 2 * rounds
    print(heading(["workload", "pass", "ratio there", "now"]))
    for key in slower:
        print(row([*key, f"{before[key]:.2f}", f"{now[key]:.2f}"]))
    mean = geometric_mean([now[key] / before[key] for key in now])
    print(f"\n{len(slower)} of {len(now)} passes are slower; geometric mean of now over there {mean:.2f}.")
    return bool(slower)


if __name__ == "__main__":
    sys.exit(main())
