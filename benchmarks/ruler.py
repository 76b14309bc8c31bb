"""What a change of the kernels may not change: the bits of all results, the times of the workloads, the start.

    python -m benchmarks.ruler bits FILE [TEXT]        store a hash of every result of ruler_inputs on 1 and 2 threads
    python -m benchmarks.ruler compare OLD NEW         what differs between two such files
    python -m benchmarks.ruler times FOLDER [NAME ...] workloads here beside the checkout in FOLDER, as ratios
    python -m benchmarks.ruler start [FOLDER]          seconds of LeNet's first step, kernels compiled and kept

Times are the processor's, not the clock's: both checkouts run in processes of their own that take turns, on one thread
unless ``--threads`` says otherwise, so that other work on the machine matters little. A ratio above 1: faster here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROUNDS = 9
#: Seconds of the processor that a workload runs in a turn.
TURN = 0.15
FIRST_STEP = """
import numpy as np
from benchmarks import networks
x = np.random.default_rng(0).standard_normal((32, 1, 32, 32), dtype=np.float32)
networks.step(networks.lenet(), x, np.arange(32) % 10 + 1)()
"""


# -- bits


def digest(value: Any) -> str:
    """A hash of the bits of an array, a number or a table of them."""
    if isinstance(value, dict):
        value = [value[k] for k in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return hashlib.sha256("".join(map(digest, value)).encode()).hexdigest()[:16]
    x = np.asarray(value)
    return hashlib.sha256(f"{x.dtype}{x.shape}".encode() + x.tobytes()).hexdigest()[:16]


def results(text: str) -> Iterator[tuple[str, str]]:
    """The names of all results, or of those whose subject contains ``text``, and their hashes."""
    import torch7

    from .ruler_inputs import subjects

    for name, run in subjects():
        for dtype in (np.dtype(np.float32), np.dtype(np.float64)) if text in name else ():
            found = []
            for threads in (1, 2):
                torch7.setnumthreads(threads)
                try:
                    found.append({k: digest(v) for k, v in run(dtype).items()})
                except Exception as error:
                    found.append({"error": f"{type(error).__name__}: {error}"})
            if found[0] != found[1]:
                print(f"{name} {dtype}: depends on the number of threads")
            yield from ((f"{name} | {dtype} | {k}", v) for k, v in found[1].items())


def store(file: str, text: str = "") -> None:
    found = dict(results(text))
    Path(file).write_text(json.dumps(found, indent=0))
    errors = [f"{k}: {v}" for k, v in found.items() if k.endswith("| error")]
    print(*errors[:20], sep="\n")
    print(f"{len(found)} results, {len(errors)} of them errors; {len(missed())} kernels not met: {', '.join(missed())}")


def missed() -> list[str]:
    """Kernels of the loaded modules that no subject has run."""
    found = []
    for name, module in sorted(sys.modules.items()):
        if name.startswith(("nn.thnn", "optim.")):
            own = {k: v for k, v in vars(module).items() if getattr(v, "__module__", "") == name}
            found += [f"{name}.{k}" for k, v in own.items() if hasattr(v, "py_func") and unused(v)]
    return found


def unused(dispatcher: Any) -> bool:
    """Never compiled or read from the cache; what only kernels call does not count, its caller may come from there."""
    return not dispatcher.overloads and "no_cpython_wrapper" not in dispatcher.targetoptions


def compare(old: str, new: str) -> int:
    before, after = (json.loads(Path(file).read_text()) for file in (old, new))
    differing = [k for k in before if k in after and before[k] != after[k]]
    only = [k for k in before if k not in after], [k for k in after if k not in before]
    print(*differing, sep="\n")
    print(
        f"{len(before.keys() & after.keys())} results in both, {len(differing)} differ; only in one:", *map(len, only)
    )
    return 1 if differing or only[0] else 0


# -- times


def workloads() -> dict[str, Callable[[], dict[str, Callable[[], Any]]]]:
    """The passes of each workload."""
    from . import networks
    from .layers import LAYERS

    def step(net: Callable, shape: tuple[int, ...], target: Any) -> dict[str, Callable[[], Any]]:
        x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        return {"step": networks.step(net(), x, target)}

    labels = np.arange(32) % 10 + 1
    steps = {
        "xor": lambda: step(networks.xor, (2,), np.ones(1, np.float32)),
        "mlp": lambda: step(networks.mlp, (32, 784), labels),
        "lenet": lambda: step(networks.lenet, (32, 1, 32, 32), labels),
    }
    return {name: (lambda layer=layer: layer.passes(np.dtype(np.float32))[0]) for name, layer in LAYERS.items()} | steps


def serve() -> None:
    """Time what the lines of standard input name, ``threads workload``: a JSON line of seconds for each pass."""
    import torch7

    kept: dict[str, dict[str, Callable]] = {}
    for line in sys.stdin:
        threads, name = line.split()
        torch7.setnumthreads(int(threads))
        if name not in kept:
            kept.clear()
            kept[name] = workloads()[name]()
            [run() for run in kept[name].values()]
        print(json.dumps({part: seconds(run) for part, run in kept[name].items()}), flush=True)


def seconds(run: Callable[[], Any]) -> float:
    """Seconds of the processor of one call, of as many as fit in a turn."""
    run()
    count, start = 0, time.process_time()
    while (passed := time.process_time() - start) < TURN or not count:
        for _ in range(max(1, count)):
            run()
        count += max(1, count)
    return passed / count


def times(folder: str, names: list[str], threads: int) -> None:
    """Ratios of the times there to the times here, medians over turns."""
    command = [sys.executable, "-m", "benchmarks.ruler", "serve"]
    places = [folder, str(Path(__file__).parent.parent)]
    servers = [
        subprocess.Popen(
            [f"{place}/.venv/bin/python", *command[1:]],
            cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for place in places
    ]  # fmt: skip
    ratios = []
    for name in names or workloads():
        turns: list[list[dict[str, float]]] = [[], []]
        for turn in range(ROUNDS):
            for n in (0, 1) if turn % 2 else (1, 0):
                servers[n].stdin.write(f"{threads} {name}\n")
                servers[n].stdin.flush()
                turns[n].append(json.loads(servers[n].stdout.readline()))
        for part in turns[0][0]:
            there, here = (statistics.median(t[part] for t in side) for side in turns)
            ratios.append(there / here)
            print(f"{name:16} {part:8} {there * 1e6:12.1f} {here * 1e6:12.1f}  {there / here:.3f}", flush=True)
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    print(f"geometric mean of {len(ratios)} ratios: {mean:.3f}, lowest {min(ratios):.3f}")
    for server in servers:
        server.stdin.close()
        server.wait()


# -- start


def start(folder: str) -> None:
    """Seconds of the processor of a first step in a new process: with an empty kernel cache, then from the cache."""
    with tempfile.TemporaryDirectory() as cache:
        found = [first_step(folder, cache) for _ in range(6)]
    print(f"{folder}: first step {found[0]:.2f} s with an empty cache, {min(found[1:]):.2f} s from the cache")


def first_step(folder: str, cache: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    subprocess.run([f"{folder}/.venv/bin/python", "-c", FIRST_STEP], cwd=folder, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description="What a change of the kernels may not change.")
    parser.add_argument("task", choices=("bits", "compare", "times", "start", "serve"))
    parser.add_argument("rest", nargs="*")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    rest = options.rest
    if options.task == "serve":
        serve()
    elif options.task == "bits":
        store(*rest)
    elif options.task == "compare":
        return compare(*rest)
    elif options.task == "times":
        times(rest[0], rest[1:], options.threads)
    else:
        for folder in {str(Path(__file__).parent.parent), *rest}:
            start(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
