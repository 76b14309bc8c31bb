"""Steps that wait for nothing and make no new array once their buffers are there, and those that cannot."""

from __future__ import annotations

import os
from collections.abc import Callable
from unittest import mock

import stand_in

from torch7 import arrays, gpu_random

WAITS: dict[str, str] = {}
ALLOCATES: dict[str, str] = {}


def check(kind: str, step: Callable[[], None]) -> None:
    """A step of class ``kind``, run before, is quiet. The GPU draws its random numbers."""
    with mock.patch.object(gpu_random, "_seeded", arrays.cupy()):
        step()
        waits, _, allocations = stand_in.counted(step)
    if "QUIET_LOG" in os.environ:
        with open(os.environ["QUIET_LOG"], "a") as f:
            f.write(repr((kind, dict(waits), dict(allocations))) + "\n")
        return
    assert kind in WAITS or not waits, f"{kind} waits: {waits}"
    assert kind in ALLOCATES or not allocations, f"{kind} makes arrays: {allocations}"
