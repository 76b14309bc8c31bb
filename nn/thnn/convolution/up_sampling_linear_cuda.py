"""Linear interpolation of three axes, one after the other, by axis_taps.cu."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..cuda.workspace import take
from .axis_taps_cuda import AxisTaps_updateOutput


def _taps(below: Any, above: Any, weights: Any, size: int, back: bool) -> tuple[Any, Any, Any]:
    """Where the taps of every output begin, their places and weights; ``back``: of every input those of outputs."""
    n = len(below)
    outputs, inputs = np.repeat(np.arange(n), 2), np.stack([below, above], 1).reshape(-1)
    shares = np.stack([1 - weights, weights], 1).reshape(-1)
    to, places, count = (inputs, outputs, size) if back else (outputs, inputs, n)
    order = np.argsort(to, kind="stable")
    starts = np.searchsorted(to[order], np.arange(count + 1))
    return starts, places[order], shares[order]


def _resample(x: Any, y: Any, axes: tuple, sizes: tuple, back: bool) -> None:
    shape = list(x.shape)
    for k in range(3):
        taps = _taps(*(np.asarray(t) for t in axes[3 * k : 3 * k + 3]), sizes[k], back)
        target = [*shape[: k + 1], y.shape[k + 1], *shape[k + 2 :]]
        to = y if k == 2 else take(f"axis {k}", x.dtype, *target)
        flat = (prod(shape[: k + 1]), -1, prod(shape[k + 2 :]))
        AxisTaps_updateOutput(x.reshape(flat), to.reshape(flat), *taps)
        x, shape = to, target


def UpSamplingLinear_updateOutput(input: Any, output: Any, *axes: Any) -> None:
    if output.size:
        _resample(input, output, axes, input.shape[1:], False)


def UpSamplingLinear_updateGradInput(gradOutput: Any, gradInput: Any, *axes: Any) -> None:
    if gradInput.size:
        _resample(gradOutput, gradInput, axes, gradInput.shape[1:], True)
