"""Zeroing an array."""

from __future__ import annotations

from ..cpu.runtime.jit import kernel


@kernel
def clear(x):
    """``x = 0``; x is contiguous."""
    flat = x.ravel()
    for i in range(flat.size):
        flat[i] = 0
