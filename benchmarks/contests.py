"""Whole networks timed beside other libraries: what ``benchmarks.steps`` and ``benchmarks.inference`` share.

    python -m benchmarks.steps [--threads 2] [--rounds 7] [--cpu] [--compile] [--memory] [NAME[:BATCH] ...]

All contestants take turns in one process; what is not installed, or not able to, is left out. ``--cpu`` takes the
time of the processor, which on a busy machine is fair for one thread. ``--compile``: ``torch.compile`` as well.
``--memory``: instead of times, the MiB that a process holds at most, beyond what it held before the network was made.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import torch7

from . import resident
from .timing import side_by_side
from .whole import NETWORKS, geometric_mean, made

Run = Callable[[], Any]
#: From a network, its input and the number of threads to the call that is timed; None where it does not apply.
Maker = Callable[[Any, np.ndarray, int], Run | None]
COMPILED = "compiled"


@dataclass
class Contest:
    """Contestants by name, in ``benchmarks.<module>``.

    A ratio is the time of the fastest one of ``peers``, by heading, over that of the fastest of ``ours``.
    """

    module: str
    what: str
    batches: dict[str, list[int]]
    makers: dict[str, Maker]
    ours: tuple[str, ...]
    peers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def ratios(self, times: dict[str, float]) -> dict[str, float]:
        """By heading, how many times faster than that peer."""
        fastest = min(times[label] for label in self.ours)
        found = {}
        for heading, labels in self.peers.items():
            if there := [times[label] for label in labels if label in times]:
                found[heading] = min(there) / fastest
        return found

    def contestants(self, name: str, batch: int, labels: list[str], threads: int) -> dict[str, Run]:
        """The calls of those that are there; each has a network of its own."""
        found = {label: self.made(label, name, batch, threads) for label in labels}
        return {label: run for label, run in found.items() if run is not None}

    def made(self, label: str, name: str, batch: int, threads: int) -> Run | None:
        try:
            return self.makers[label](*made(name, batch), threads)
        except ImportError:
            return None


def main(contest: Contest, text: str) -> None:
    """The command line; ``text`` describes the contest."""
    options = parsed(text)
    set_threads(options.threads)
    if options.peak:
        print(peak(contest, options.peak, *chosen(options.names, contest.batches)[0], options.threads))
        return
    labels = [label for label in contest.makers if label != COMPILED or options.compile]
    lines = memory_rows if options.memory else rows
    for line in lines(contest, labels, chosen(options.names, contest.batches), options):
        print(line, flush=True)


def parsed(text: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NETWORKS)}; vgg:8 for another batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    parser.add_argument("--compile", action="store_true", help="torch.compile as well")
    parser.add_argument("--memory", action="store_true", help="the most memory of each, no times")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    return parser.parse_args()


def set_threads(threads: int) -> None:
    """The threads of every library that has one setting for all its work."""
    torch7.setnumthreads(threads)
    for name, setting in (("torch", "set_num_threads"), ("cv2", "setNumThreads")):
        try:
            getattr(__import__(name), setting)(threads)
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)


def clock(options: argparse.Namespace) -> Callable[[], float]:
    """What tells the time: the wall's clock or the processor's."""
    return time.process_time if options.cpu else time.perf_counter


def chosen(names: list[str], batches: dict[str, list[int]]) -> list[tuple[str, int]]:
    """(network, batch) of names such as ``vgg`` and ``vgg:8``; all without names. ``KeyError`` for another name."""
    found = []
    for name in names or batches:
        name, _, batch = name.partition(":")
        found += [(name, b) for b in ([int(batch)] if batch else batches[name])]
    return found


# -- times


def rows(contest: Contest, labels: list[str], work: list, options: argparse.Namespace) -> Iterator[str]:
    """A table of milliseconds and ratios, and the geometric means of these."""
    yield heading([contest.what, *labels, *(f"{peer}, ratio" for peer in contest.peers)])
    ratios: dict[str, list[float]] = {peer: [] for peer in contest.peers}
    for name, batch in work:
        runs = contest.contestants(name, batch, labels, options.threads)
        times = side_by_side(runs, options.rounds, clock=clock(options))
        found = contest.ratios(times)
        for peer, ratio in found.items():
            ratios[peer].append(ratio)
        cells = [f"{times[label] * 1e3:.3g}" if label in times else "" for label in labels]
        yield row([f"{name} {batch}", *cells, *(f"{found[peer]:.2f}" if peer in found else "" for peer in ratios)])
    yield f"\n{means(ratios)}"


def means(ratios: dict[str, list[float]]) -> str:
    found = [
        f"{geometric_mean(r):.2f} beside {peer} ({len(r)}, lowest {min(r):.2f})" for peer, r in ratios.items() if r
    ]
    return f"Geometric means: {'; '.join(found)}." if found else ""


def heading(cells: list[str]) -> str:
    return row(cells) + "\n" + row(["---"] * len(cells)).replace(" ", "")


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


# -- memory


def memory_rows(contest: Contest, labels: list[str], work: list, options: argparse.Namespace) -> Iterator[str]:
    """A table of MiB; each contestant has a process of its own."""
    yield heading([contest.what, *labels])
    for name, batch in work:
        command = [sys.executable, "-m", f"benchmarks.{contest.module}", f"{name}:{batch}"]
        command += ["--threads", str(options.threads), "--peak"]
        found = [subprocess.run([*command, label], stdout=subprocess.PIPE, text=True, check=True) for label in labels]
        yield row([f"{name} {batch}", *(run.stdout.strip() for run in found)])


def peak(contest: Contest, label: str, name: str, batch: int, threads: int) -> str:
    """MiB of this process at most in three calls, beyond what it held once a small network had loaded the library."""
    if (small := contest.made(label, "lenet", 1, threads)) is None:
        return ""
    small()
    before = resident.now()
    if (run := contest.made(label, name, batch, threads)) is None:
        return ""
    resident.now()
    resident.forget()
    for _ in range(3):
        run()
    return f"{resident.peak() - before:.0f}"
