"""Checks of class labels."""

from __future__ import annotations

from ..cpu.runtime.jit import kernel


@kernel
def Labels_outside(labels, classes):
    """The position of the first label outside 1..classes, or -1."""
    for i in range(labels.size):
        if labels[i] < 1 or labels[i] > classes:
            return i
    return -1
