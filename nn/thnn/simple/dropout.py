"""Dropout: noise is drawn, and the input multiplied by it."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.generator import Generator
from torch7.random import bernoulli, random

#: The part of images that is dropped: the first or last rows or columns.
REGIONS = {
    1: lambda k: (..., slice(0, k), slice(None)),
    2: lambda k: (..., slice(-k, None), slice(None)),
    3: lambda k: (..., slice(0, k)),
    4: lambda k: (..., slice(-k, None)),
}


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


def Dropout_region(input: Any, output: Any, noise: Any, p: float, last: Any = None) -> Any:
    """``output = input * noise``: 0 in ``floor(p size)`` rows or columns at one side, ``1 / (1 - p)`` elsewhere.

    Returns which side was drawn: 1 top, 2 bottom, 3 left, 4 right. All are ``... x H x W``, of one shape. ``last``:
    what the last call returned, whose memory may be used again.
    """
    region = random(1, 4)
    noise.fill(1 / (1 - p))
    k = int(input.shape[-2 if region <= 2 else -1] * p)
    if k:
        noise[REGIONS[region](k)] = 0
    np.multiply(input, noise, out=output)
    return region
