"""Launches of labels.cu. Who asks where a bad label is waits for the GPU."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.sums import number

_launch = kernels(__name__)


def Labels_outside(labels: Any, classes: int) -> int:
    labels = labels if labels.dtype.kind == "f" else labels.astype(np.float64)
    arguments = labels.dtype, (1,), 256, labels
    return int(number(lambda slot: _launch("first_outside<T>", *arguments, slot, labels.size, classes)))
