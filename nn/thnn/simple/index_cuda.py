"""Launches of index.cu."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def Index_updateGradInput(gradOutput: Any, gradInput: Any, places: Any, axis: int) -> None:
    n, inner = gradInput.shape[axis], prod(gradInput.shape[axis + 1 :])
    places = places.astype(np.int64, copy=False)
    size = gradInput.size
    _launch.each("add_slices", size, gradInput, gradOutput, gradInput, places, size, n, places.size, inner)
