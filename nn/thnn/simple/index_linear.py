"""IndexLinear: ``y = b + sum_i x_i w[key_i]`` for samples that lie one after the other in ``keys`` and ``values``.

``ends[n]`` is where sample n ends; keys are 0-based rows of w. With ``extra`` = 4 the first columns of w are, for each
feature, the largest |x| seen, its inverse, a factor of the step and a bias, and x is normalised by them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import kernel


@kernel
def _normalised(x, row, training):
    a = abs(x)
    if training:
        if a > row[0]:
            row[0] = a
            row[1] = 1 / a
        row[2] = 1
    if a > row[0]:
        return np.sign(x) + row[3]
    return x * row[1] + row[3]


@kernel
def _forward(keys, ends, values, used, w, bias, y, extra, training):
    start = 0
    for n in range(ends.size):
        out = y[n]
        out[:] = bias
        for i in range(start, ends[n]):
            row = w[keys[i]]
            used[i] = _normalised(values[i], row, training) if extra else values[i]
            weights = row[extra:]
            for o in range(out.size):
                out[o] += used[i] * weights[o]
        start = ends[n]


@kernel
def _rows(ends, used, dy, rows, extra, scale):
    start = 0
    m = dy.shape[1]
    for n in range(ends.size):
        for i in range(start, ends[n]):
            for o in range(m):
                rows[i, o] = scale * dy[n, o]
                if extra:
                    rows[i, m + o] = rows[i, o] * used[i]
                else:
                    rows[i, o] *= used[i]
        start = ends[n]


@kernel
def _step(keys, rows, w, extra, lr, decay):
    m = w.shape[1] - extra
    for i in range(keys.size):
        weights, rate = w[keys[i], extra:], lr
        if extra:
            rate = lr * w[keys[i], 2]
            slope = 0.0
            for o in range(m):
                slope += rows[i, o] * weights[o]
            w[keys[i], 3] -= rate * slope
            decay_now = decay * w[keys[i], 2]
        else:
            decay_now = decay
        grad = rows[i, m:] if extra else rows[i]
        for o in range(m):
            weights[o] -= decay_now * weights[o]
            weights[o] -= rate * grad[o]


def IndexLinear_updateOutput(
    keys: Any, ends: Any, values: Any, used: Any, weight: Any, bias: Any, output: Any, extra: int, training: bool
) -> None:
    """Fill ``output``, and ``used`` with the values as they were used; training keeps the largest values up to date."""
    _forward(keys, ends, values, used, weight, bias, output, extra, training)


def IndexLinear_accGradParameters(ends: Any, used: Any, gradOutput: Any, rows: Any, extra: int, scale: float) -> None:
    """The gradient of the row of each key: ``scale x gradOutput``, after ``scale gradOutput`` where x is normalised."""
    _rows(ends, used, gradOutput, rows, extra, rows.dtype.type(scale))


def IndexLinear_updateParameters(
    keys: Any, rows: Any, weight: Any, extra: int, learningRate: float, weightDecay: float
) -> None:
    """Take the step of every key, one after the other: decay of its row first, then the gradient."""
    real = weight.dtype.type
    _step(keys, rows, weight, extra, real(learningRate), real(weightDecay))
