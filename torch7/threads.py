"""The number of threads of the CPU kernels; known before Numba is imported, told to it when it is."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from pathlib import Path

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
    import numba

    _find_tbb(str(numba.config.THREADING_LAYER).lower())
    if _threads is not None:
        numba.set_num_threads(min(_threads, numba.config.NUMBA_NUM_THREADS))
        if layer := sys.modules.get("torch7.threading_layer"):
            layer.apply()


@functools.cache
def _find_tbb(layer: str) -> None:
    """Where Numba is told to use tbb, load the wheel's library, which lies where Numba does not look."""
    library = Path(sys.prefix) / "lib" / "libtbb.so.12"
    if layer in ("tbb", "safe", "threadsafe") and library.exists():
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
