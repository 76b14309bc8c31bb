"""The number of threads of the CPU kernels; known before Numba is imported, told to it when it is."""

from __future__ import annotations

import os
import sys

_threads: int | None = None


def setnumthreads(n: int) -> None:
    """Let CPU kernels use ``n`` threads, 1 or more; more than the machine has are cut to what Numba offers."""
    global _threads
    if n < 1:
        raise ValueError(f"the number of threads must be 1 or more, got {n}")
    _threads = int(n)
    if "numba" in sys.modules:
        apply()


def getnumthreads() -> int:
    """The number of threads of the CPU kernels: the machine's cores unless set."""
    if _threads is not None:
        return _threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return int(os.environ.get("NUMBA_NUM_THREADS") or cores)


def apply() -> None:
    """Tell Numba the number set; called once when the kernels are loaded."""
    if _threads is not None:
        import numba

        numba.set_num_threads(min(_threads, numba.config.NUMBA_NUM_THREADS))
