"""Layers on the CPU beside PyTorch and the old Torch: forward, gradient of the input, gradient of the weights.

``python -m benchmarks.cpu [--dtype float64] [--threads 2] [--rounds 7] [--cpu] [--best] [NAME ...]``; both libraries
take turns in one process with the same number of threads, and medians are compared. ``--cpu`` takes the time of the
processor, which on a busy machine is fair for one thread. ``--best`` adds PyTorch's best setting: the smallest of its
times here, with an allocator that keeps its memory, and with that and channels-last tensors. The latter two are taken
in a process of their own, beside ours again, and given in the proportion found there.
``python -m benchmarks.results`` runs it for RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

import torch7

from .contests import clock
from .old_torch import OLD_TORCH
from .timing import side_by_side
from .workloads import NAMES, sides

#: PyTorch allocates its results afresh; with these glibc keeps the memory, which saves the page faults.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
HEAD = "| workload | pass | torch7 | PyTorch | ratio | best PyTorch | ratio | old Torch | ratio |"


@dataclass
class Row:
    """Milliseconds of one pass of a workload; None where there is no such figure."""

    name: str
    part: str
    ours: float
    pytorch: float
    best: float | None = None
    old: float | None = None

    def __str__(self) -> str:
        cells = [self.name, self.part, f"{self.ours:.3g}"]
        for other in (self.pytorch, self.best, self.old):
            cells += ["", ""] if other is None else [f"{other:.3g}", f"{other / self.ours:.2f}"]
        return f"| {' | '.join(cells)} |"


def rows(names: list[str], dtype: np.dtype, rounds: int, clock: Callable, best: dict | None = None) -> Iterator[Row]:
    """Time the workloads."""
    for name in names:
        ours, theirs = sides(name, dtype)
        for part in ours:
            times = side_by_side({"ours": ours[part], "theirs": theirs[part]}, rounds, clock=clock)
            row = Row(name, part, times["ours"] * 1e3, times["theirs"] * 1e3)
            if best is not None:
                row.best = min(row.pytorch, row.ours * best[f"{name} {part}"])
            if dtype == np.float32:
                row.old = OLD_TORCH.get((name, part))
            yield row


def best_settings(names: list[str], dtype: np.dtype, rounds: int, clock: Callable) -> dict[str, float]:
    """PyTorch's time over ours in this process, by "workload pass": the smaller one of both layouts."""
    found = {}
    for name in names:
        (ours, plain), last = sides(name, dtype), sides(name, dtype, channels_last=True)[1]
        for part in plain:
            times = side_by_side({"ours": ours[part], "plain": plain[part], "last": last[part]}, rounds, clock=clock)
            ours_time = times.pop("ours")
            found[f"{name} {part}"] = min(times.values()) / ours_time
    return found


def in_best_settings(arguments: list[str]) -> dict[str, float]:
    """:func:`best_settings` of a process whose allocator keeps its memory."""
    command = [sys.executable, "-m", "benchmarks.cpu", *arguments, "--settings"]
    run = subprocess.run(command, env=os.environ | KEEP_MEMORY, stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def summary(found: list[Row]) -> str:
    """Geometric means of the ratios."""
    parts = []
    for label, field in (("PyTorch", "pytorch"), ("best PyTorch", "best"), ("old Torch", "old")):
        ratios = [getattr(row, field) / row.ours for row in found if getattr(row, field) is not None]
        if ratios:
            mean = math.exp(statistics.fmean(map(math.log, ratios)))
            parts.append(f"{mean:.2f} against {label} ({len(ratios)} passes, lowest {min(ratios):.2f})")
    return f"Geometric mean of the ratios: {'; '.join(parts)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads; all of them by default")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each library for each pass")
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    parser.add_argument("--best", action="store_true", help="PyTorch's best setting as well")
    parser.add_argument("--settings", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch7.setnumthreads(options.threads)
    work = options.names or NAMES, np.dtype(options.dtype), options.rounds, clock(options)
    if options.settings:
        print(json.dumps(best_settings(*work)))
        return
    best = in_best_settings(sys.argv[1:]) if options.best else None
    print(HEAD + "\n|---|---|" + "---|" * 7)
    found = []
    for row in rows(*work, best):
        found.append(row)
        print(row, flush=True)
    print(f"\n{summary(found)}")


if __name__ == "__main__":
    main()
