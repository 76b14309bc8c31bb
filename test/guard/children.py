"""Jobs in child processes: when a child dies, its job is a finding and another child goes on behind it.

A tool calls :func:`main` with what makes its jobs; in a child that runs them, in the parent it supervises children.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import resource
import selectors
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import guard

#: Seconds that a job may take, on a busy machine, too.
PATIENCE = 1800
#: What wrong arguments may raise.
READABLE = (
    ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError, MemoryError, RuntimeError,
)  # fmt: skip
#: Bytes a child may take: what is too large fails at once.
MEMORY = 12 << 30


def work(jobs: Iterable[tuple[str, Callable[[], str | None]]], start: int, step: int = 1) -> None:
    """Run every ``step``-th of (label, job) from number ``start`` on; a job returns what is wrong, or None."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    faulthandler.enable()
    import torch7

    for number, (label, job) in enumerate(jobs):
        if number < start or (number - start) % step:
            continue
        print("at", number, label, flush=True)
        torch7.manualSeed(number)  # what a job draws without a seed is the same at every run
        wrong = job()
        if wrong:
            print("bad", number, f"{label}: {wrong}".replace("\n", " | "), flush=True)
    print("end", flush=True)


def unreadable(error: Exception) -> str | None:
    """What makes an error unfit for a user - its kind, its origin in the compiler, no words - or None."""
    own = type(error).__module__ in ("builtins", "numpy", "numpy.exceptions", "numpy._core._exceptions")
    if own and isinstance(error, READABLE) and (str(error) or isinstance(error, MemoryError)):
        return None
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return f"{type(error).__module__}.{type(error).__name__}: {str(error)[:200]} at {place}"


def main(script: str, about: str, jobs: Callable, seconds: float = float("inf"), count: int | None = None) -> None:
    """The command line of a tool; ends the process, with 1 where there are findings.

    ``jobs(only)`` yields (label, job); with ``count``, how many unless the user says, ``jobs(only, count, seed)``.
    """
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    if count is not None:
        parser.add_argument("count", type=int, nargs="?", default=count, help="how many jobs")
        parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="classes or generators whose name holds this text")
    parser.add_argument("--side", choices=guard.SIDES, default="either", help="which end of arrays is guarded")
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--start", type=int, default=0, help="number of the first job")
    parser.add_argument("--step", type=int, default=1, help="take every so many jobs")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    drawn = () if count is None else (options.count, options.seed)
    if options.child:
        if guard.compiler():
            guard.install(options.side)
        work(jobs(options.only, *drawn), options.start, options.step)
        sys.exit()
    arguments = ["--only", options.only, "--side", options.side]
    if count is not None:
        arguments += [str(options.count), "--seed", str(options.seed)]
    found, begun = supervise(Path(script), arguments, options.seconds, options.start, options.step)
    print(*found, f"{begun} jobs, {len(found)} findings", sep="\n")
    sys.exit(bool(found))


def supervise(script: Path, arguments: list[str], seconds: float, start: int = 0, step: int = 1) -> tuple[list, int]:
    """Run ``script`` with ``arguments`` in children for so many seconds: (findings, number of jobs begun)."""
    found, count, stop = [], 0, time.monotonic() + seconds
    while time.monotonic() < stop:
        command = [sys.executable, str(script), *arguments, "--child", "--start", str(start), "--step", str(step)]
        lines, why = _watch(command, stop)
        begun = [line for line in lines if line.startswith("at ")]
        count += len(begun)
        found += [line[4:] for line in lines if line.startswith("bad ")]
        if why is None or not begun:
            return found + ([f"child: {why}"] if why else []), count
        if why != "out of time":
            found.append(f"{begun[-1][3:]}: {why}")
        start = int(begun[-1].split()[1]) + step
    return found, count


def _watch(command: list[str], stop: float) -> tuple[list[str], str | None]:
    """The lines that a child prints, and why it did not come to its end, or None."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
    waiting, parts, errors = selectors.DefaultSelector(), [], []
    os.set_blocking(child.stdout.fileno(), False)
    os.set_blocking(child.stderr.fileno(), False)
    waiting.register(child.stdout, selectors.EVENT_READ, parts)
    waiting.register(child.stderr, selectors.EVENT_READ, errors)
    quiet, why = time.monotonic(), None
    while waiting.get_map():
        for key, _ in waiting.select(1):
            data = key.fileobj.read()
            if data:
                key.data.append(data)
                quiet = time.monotonic()
            else:
                waiting.unregister(key.fileobj)
        now = time.monotonic()
        if now > stop or now - quiet > PATIENCE:
            why = "out of time" if now > stop else f"no end after {PATIENCE} seconds"
            child.kill()
            break
    code = child.wait()
    lines = b"".join(parts).decode(errors="replace").splitlines()
    if why is None and (code or "end" not in lines[-1:]):
        tail = b"".join(errors).decode(errors="replace").strip().splitlines()
        why = f"the process ended with {code}: " + " | ".join(tail[:12])
    return lines, why
