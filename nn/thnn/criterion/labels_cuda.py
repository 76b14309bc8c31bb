"""Launches of labels.cu. Who asks where a bad label is waits for the GPU; who watches it does not."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Fault
from ..cuda.runtime import kernels

_launch = kernels(__name__)


def Labels_outside(labels: Any, classes: int) -> Fault:
    arguments = "first_outside<T>", np.dtype(np.float64), (1,), 256, labels
    return Fault(lambda slot: _launch(*arguments, slot, labels.size, classes))


def Labels_fraction(x: Any) -> Fault:
    return Fault(lambda slot: _launch("first_fraction<T>", x.dtype, (1,), 256, x, slot, x.size))
