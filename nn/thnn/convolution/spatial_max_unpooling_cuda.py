"""Launches of spatial_max_unpooling.cu. A place may repeat, and the last value stays: a thread a plane. Whether a place
lies outside is asked for in the forward pass, which waits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.workspace import take

_launch = kernels(__name__)


def SpatialMaxUnpooling_updateOutput(input: Any, output: Any, indices: Any) -> tuple[int, int]:
    planes, bad = len(input), take("bad", np.int64, len(input))
    output.fill(0)
    _launch.each("unpool", planes, input, input, output, indices, bad, planes, input.shape[1], output.shape[1])
    places = bad.get()
    plane = int((places > 0).argmax()) if (places > 0).any() else -1
    return (plane, int(places[plane]) - 1) if plane >= 0 else (-1, -1)


def SpatialMaxUnpooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> tuple[int, int]:
    n, sizes = gradInput.size, (gradInput.shape[1], gradOutput.shape[1])
    _launch.each("unpool_gradient", n, gradInput, gradOutput, gradInput, indices, n, *sizes)
    return -1, -1
