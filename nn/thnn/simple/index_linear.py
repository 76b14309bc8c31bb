"""IndexLinear: ``y = b + sum_i x_i w[key_i]`` for samples that lie one after the other in ``keys`` and ``values``.

``ends[n]`` is where sample n ends; keys are 0-based rows of w. With ``extra`` = 4 the first columns of w are, for each
feature, the largest |x| seen, its inverse, a factor of the step and a bias, and x is normalised by them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner, kernel


@inner
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
def _forward(entries, w, bias, y, extra, training):
    keys, ends, values, used = entries
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
    start, m = 0, dy.shape[1]
    for n in range(ends.size):
        for i in range(start, ends[n]):
            _fill(rows[i], dy[n], used[i], scale, m if extra else 0)
        start = ends[n]


@inner
def _fill(row, flow, x, scale, second):
    """row = scale * flow * x; or scale * flow, and that times x from place ``second`` on"""
    for o in range(flow.size):
        row[o] = scale * flow[o]
        if second:
            row[second + o] = row[o] * x
        else:
            row[o] *= x


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


def IndexLinear_updateOutput(entries: tuple, weight: Any, bias: Any, output: Any, extra: int, training: bool) -> None:
    """Fill ``output``, and the last of ``entries``, keys, ends, values, used, with the values as they were used.

    Training keeps the largest values up to date.
    """
    _forward(entries, weight, bias, output, extra, training)


def IndexLinear_accGradParameters(ends: Any, used: Any, gradOutput: Any, rows: Any, extra: int, scale: float) -> None:
    """The gradient of the row of each key: ``scale x gradOutput``, after ``scale gradOutput`` where x is normalised."""
    _rows(ends, used, gradOutput, rows, extra, rows.dtype.type(scale))


def IndexLinear_updateParameters(
    keys: Any, rows: Any, weight: Any, extra: int, learningRate: float, weightDecay: float
) -> None:
    """Take the step of every key, one after the other: decay of its row first, then the gradient."""
    real = weight.dtype.type
    _step(keys, rows, weight, extra, real(learningRate), real(weightDecay))
