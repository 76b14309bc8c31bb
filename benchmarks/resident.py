"""MiB that this process holds in memory, as Linux tells them."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from pathlib import Path

STATUS = Path("/proc/self/status")


def now() -> float:
    """What is held, after what is free has been given back."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # other libraries of C have no malloc_trim
        ctypes.CDLL(None).malloc_trim(0)
    return _field("VmRSS")


def peak() -> float:
    """The most that was held since the start or :func:`forget`."""
    return _field("VmHWM")


def forget() -> None:
    """Begin a new peak at what is held now."""
    Path("/proc/self/clear_refs").write_text("5")


def _field(name: str) -> float:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
