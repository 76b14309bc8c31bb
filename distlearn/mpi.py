"""The door to mpi4py, which is loaded, and starts MPI, with the first tree."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

#: Held around every MPI call: the thread that looks after gradients under way never meets the main thread in MPI.
LOCK = threading.RLock()
#: Seconds of looking without a pause, then of the first and of the longest pause between two looks.
EAGER, FIRST, LONGEST = 200e-6, 20e-6, 500e-6


def mpi() -> ModuleType:
    """``mpi4py.MPI``; ``ImportError`` with what to install where there is none."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as e:
        raise ImportError(f"distlearn needs mpi4py and an MPI library: pip install 'torch7[mpi]' ({e})") from e
    return MPI


def wait(*requests: Any) -> None:
    """Wait for MPI requests."""
    until(lambda: finished(*requests))


def until(condition: Callable[[], bool]) -> None:
    """Ask until ``condition()`` holds; after a short while the processor is left to others between two questions."""
    begun, pause = time.perf_counter(), FIRST
    while not condition():
        if time.perf_counter() - begun < EAGER:
            os.sched_yield()
        else:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST)


def finished(*requests: Any) -> bool:
    """Whether all ``requests`` have ended; asking also moves those of other exchanges on."""
    with LOCK:
        ended = [request.Test() for request in requests]
    return all(ended)
