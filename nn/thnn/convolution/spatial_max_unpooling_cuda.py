"""Launches of spatial_max_unpooling.cu. A place may repeat, and the last value stays: a thread a plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Fault
from ..cuda.runtime import kernels
from ..cuda.sums import first_fault
from ..cuda.workspace import take

_launch = kernels(__name__)


def SpatialMaxUnpooling_updateOutput(input: Any, output: Any, indices: Any) -> Fault:
    planes, bad = len(input), take("bad places", np.float64, len(input))
    output.fill(0)
    _launch.each("unpool", planes, input, input, output, indices, bad, planes, input.shape[1], output.shape[1])
    return first_fault(bad)


def SpatialMaxUnpooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> int:
    n, sizes = gradInput.size, (gradInput.shape[1], gradOutput.shape[1])
    _launch.each("unpool_gradient", n, gradInput, gradOutput, gradInput, indices, n, *sizes)
    return -1
