"""Launches of rrelu.cu. As many slopes are drawn as elements are not positive: to know it waits for the GPU."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def RReLU_count(input: Any) -> int:
    return int((input <= 0).sum())


def RReLU_updateOutput(input: Any, output: Any, noise: Any, slopes: Any) -> None:
    cupy = arrays.cupy()
    slopes = cupy.asarray(slopes, input.dtype)
    order = cupy.cumsum((input <= 0).reshape(-1), dtype=np.int64)
    _launch.each("rrelu", input.size, input, input, output, noise, slopes, order, input.size)
