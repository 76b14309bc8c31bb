"""Checks of class labels."""

from __future__ import annotations

import numpy as np

from ..cpu.runtime.jit import kernel


@kernel
def Labels_outside(labels, classes):
    """The position of the first label outside 1..classes, or -1."""
    outside = False
    for i in range(labels.size):  # without a way out of the loop it runs on vectors
        outside |= (labels[i] < 1) | (labels[i] > classes)
    if outside:
        for i in range(labels.size):
            if labels[i] < 1 or labels[i] > classes:
                return i
    return -1


@kernel
def Labels_fraction(x):
    """The position of the first element that is no whole number up to 2^53, or -1."""
    for i in range(x.size):
        if np.floor(x[i]) != x[i] or abs(x[i]) > 2.0**53:
            return i
    return -1
