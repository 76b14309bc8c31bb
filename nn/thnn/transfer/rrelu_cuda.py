"""Launches of rrelu.cu: slopes are drawn there for all elements, and used where those are not positive.

Of the CPU's generator only those that are used are drawn: to know how many it waits for the GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, gpu_random
from torch7.generator import current
from torch7.random import uniform

from ..cuda.random import generator as gpu
from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def RReLU_updateOutput(input: Any, output: Any, noise: Any, lower: float, upper: float) -> None:
    if not gpu_random.own(current()):
        _from_the_cpu(input, output, noise, lower, upper)
    elif input.size:
        given = input, output, noise, input.size, lower, upper, gpu.generator()
        _launch("rrelu_draw<T>", input.dtype, blocks(-(-input.nbytes // 16)), 256, *given)


def _from_the_cpu(input: Any, output: Any, noise: Any, lower: float, upper: float) -> None:
    cupy = arrays.cupy()
    slopes = uniform(np.empty(int((input <= 0).sum())), lower, upper)
    order = cupy.cumsum((input <= 0).reshape(-1), dtype=np.int64)
    _launch.each("rrelu", input.size, input, input, output, noise, cupy.asarray(slopes, input.dtype), order, input.size)
