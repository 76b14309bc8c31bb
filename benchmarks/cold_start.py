"""Seconds of a new process from its start to the end of LeNet's first training step, the kernel cache warm and empty.

``python -m benchmarks.cold_start``: the fastest of five processes of each library, interpreter and imports included;
and the processor time of one that finds no compiled kernel.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time

RUNS = 5
FIRST_STEP = """
import numpy as np
from benchmarks import networks
x = np.random.default_rng(0).standard_normal((32, 1, 32, 32), dtype=np.float32)
networks.{0}step(networks.{0}lenet(), x, np.arange(32) % 10 + 1)()
"""


def seconds(prefix: str = "") -> float:
    """The fastest of some processes; one more before them fills the caches."""
    found = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", FIRST_STEP.format(prefix)], check=True)
        found.append(time.perf_counter() - start)
    return min(found[1:])


def processor_seconds() -> float:
    """Processor time of a process that compiles every kernel it calls."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", FIRST_STEP.format("")]
        subprocess.run(command, check=True, env=os.environ | {"NUMBA_CACHE_DIR": folder})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def report() -> str:
    return (
        "First training step of LeNet in a new process, imports included: "
        f"torch7 {seconds():.2f} s, PyTorch {seconds('peer_'):.2f} s; "
        f"with no compiled kernels {processor_seconds():.1f} s of processor time."
    )


if __name__ == "__main__":
    print(report())
