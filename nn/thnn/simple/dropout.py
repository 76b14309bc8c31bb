"""Dropout: noise is drawn, and the input multiplied by it."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.generator import Generator
from torch7.random import bernoulli


def Dropout_updateOutput(
    input: Any, output: Any, noise: Any, keep: float, divisor: float = 1, generator: Generator | None = None
) -> None:
    """``output = input * noise``, noise being 1 / ``divisor`` with probability ``keep``, else 0.

    ``noise`` has the sizes of the input, or 1 where one number is for all. ``output`` may be the input.
    """
    bernoulli(noise, keep, generator=generator)
    if divisor != 1:
        noise /= divisor
    np.multiply(input, noise, out=output)
