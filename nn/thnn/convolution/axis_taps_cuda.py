"""Launches of axis_taps.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu
from ..cuda.workspace import take

_launch = kernels(__name__)


def AxisTaps_updateOutput(x: Any, y: Any, starts: Any, places: Any, weights: Any) -> None:
    tables = [on_gpu(t.astype(np.int64)) if isinstance(t, np.ndarray) else t for t in (starts, places)]
    weights = on_gpu(weights.astype(x.dtype)) if isinstance(weights, np.ndarray) else weights
    _launch.each("resample", y.size, x, x, y, *tables, weights, y.size, x.shape[1], y.shape[1], y.shape[2])


def PlaneTaps_updateOutput(x: Any, y: Any, rows: tuple, columns: tuple) -> None:
    planes, height, width = len(x), x.shape[1], y.shape[2]
    between = take("resampled rows", x.dtype, planes * height, width, 1)
    AxisTaps_updateOutput(x.reshape(planes * height, -1, 1), between, *columns)
    AxisTaps_updateOutput(between.reshape(planes, height, width), y, *rows)
