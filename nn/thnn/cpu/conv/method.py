"""What decides how a convolution is computed, and what every algorithm offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .geometry import Triple


class Shape(NamedTuple):
    """A convolution: sizes outermost dimension first and always three; channels and outputs of one group."""

    size: Triple
    kernel: Triple
    stride: Triple
    pad: Triple
    dilation: Triple
    images: int
    channels: int
    outputs: int
    groups: int
    biased: bool
    dtype: np.dtype
    #: Whether sums must be direct ones.
    exact: bool


#: How many fields of a shape make the tables of a geometry.
GEOMETRY = 5


def lifted(shape: tuple[int, ...]) -> Triple:
    """The sizes of an array of 1 to 3 dimensions behind the first two, always three."""
    return (1,) * (5 - len(shape)) + shape[2:]


class Method(NamedTuple):
    """An algorithm for one of the passes: the shapes it takes, and ``run(shape, ...)``."""

    takes: Callable[[Shape], bool]
    run: Callable[..., None]
