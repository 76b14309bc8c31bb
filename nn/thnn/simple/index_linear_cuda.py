"""Launches of index_linear.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def IndexLinear_updateOutput(entries: tuple, weight: Any, bias: Any, output: Any, extra: int, training: bool) -> None:
    keys, ends, values, used = (on_gpu(x) for x in entries)
    if extra:
        _launch(
            "use_values<T>", weight.dtype, (1,), 1, keys, values, used, weight, keys.size, weight.shape[1], training
        )
    else:
        used[...] = values
    arrays = keys, ends, used, weight, bias, output
    _launch.each("index_linear", output.size, weight, *arrays, output.size, bias.size, extra)


def IndexLinear_accGradParameters(ends: Any, used: Any, gradOutput: Any, rows: Any, extra: int, scale: float) -> None:
    m = gradOutput.shape[1]
    n = len(rows) * m
    _launch.each("index_rows", n, rows, on_gpu(ends), used, gradOutput, rows, n, ends.size, m, extra, scale)


def IndexLinear_updateParameters(
    keys: Any, rows: Any, weight: Any, extra: int, learningRate: float, weightDecay: float
) -> None:
    sizes = keys.size, weight.shape[1] - extra, extra
    _launch("index_steps<T>", weight.dtype, (1,), 256, keys, rows, weight, *sizes, learningRate, weightDecay)
