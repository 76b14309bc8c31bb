"""Seconds of a new process from its start to the end of LeNet's first training step, the kernel cache warm.

``python -m benchmarks.cold_start``: the fastest of five processes of each library, interpreter and imports included.
"""

from __future__ import annotations

import subprocess
import sys
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


def report() -> str:
    return (
        "First training step of LeNet in a new process, imports included: "
        f"torch7 {seconds():.2f} s, PyTorch {seconds('peer_'):.2f} s."
    )


if __name__ == "__main__":
    print(report())
