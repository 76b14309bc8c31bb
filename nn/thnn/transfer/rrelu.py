"""RReLU: the negative side has random slopes, or their mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.random import uniform

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.workspace import take


@kernel
def _count(input):
    """How many elements are not positive and get a slope of their own."""
    x = input.reshape(-1)
    n = 0
    for i in range(x.size):
        n += x[i] <= 0
    return n


@kernel
def _multiply(input, output, noise, slopes):
    """``output = input * noise``, noise being the next of ``slopes`` where the input is not positive, else 1."""
    x, y, factors = input.reshape(-1), output.reshape(-1), noise.reshape(-1)
    n = 0
    for i in range(x.size):
        if x[i] <= 0:
            factors[i] = slopes[n]
            y[i] = x[i] * factors[i]
            n += 1
        else:
            factors[i] = 1
            y[i] = x[i]


def RReLU_updateOutput(input: Any, output: Any, noise: Any, lower: float, upper: float) -> None:
    """``output = input * noise``: numbers of U(lower, upper), in order, where the input is not positive, else 1."""
    slopes = uniform(take("slopes", np.dtype(np.float64), _count(input)), lower, upper)
    _multiply(input, output, noise, slopes)
