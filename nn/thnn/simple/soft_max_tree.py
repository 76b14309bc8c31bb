"""A softmax at every node on the paths from the leaves of a tree to its root."""

from __future__ import annotations

import math
from typing import Any

from ..cpu.runtime.jit import inlined, inner, kernel
from ..cpu.runtime.partition import ranged
from ..cpu.simd import registers as simd

#: Nanoseconds of a multiplication, a few at a time.
PRODUCT = 0.2


@inlined
def _dot(a, i, b, j, n):
    total = simd.splat(a, 0)
    for k in range(0, n, simd.lanes(a)):
        total = simd.fma(simd.load_first(a, i + k, n - k), simd.load_first(b, j + k, n - k), total)
    return simd.total(total)


@inlined
def _add(y, i, x, j, scale, n):
    for k in range(0, n, simd.lanes(y)):
        sum_ = simd.load_first(y, i + k, n - k) + simd.load_first(x, j + k, n - k) * scale
        simd.store_first(y, i + k, sum_, n - k)


@inner
def _log_soft_max(scores):
    """Scores to log-probabilities, in place."""
    largest, total = scores.max(), 0.0
    for k in range(len(scores)):
        total += math.exp(scores[k] - largest)
    rest = largest + math.log(total)
    for k in range(len(scores)):
        scores[k] -= rest


@ranged
def _decide(low, high, x, weight, bias, path, logp, output):
    size = weight.shape[1]
    w, rows = simd.at(weight, 0), simd.at(x, 0)
    for n in range(low, high):
        place, total = 0, 0.0
        for step in range(path.shape[1]):
            first, count, child = path[n, step, 0], path[n, step, 1], path[n, step, 2]
            if count == 0:
                break
            for k in range(count):
                logp[n, place + k] = bias[first + k] + _dot(w, (first + k) * size, rows, n * size, size)
            _log_soft_max(logp[n, place : place + count])
            total += logp[n, place + child]
            place += count
        output[n] = total


@ranged
def _to_input(low, high, weight, path, logp, gradOutput, gradInput):
    size = weight.shape[1]
    w, rows = simd.at(weight, 0), simd.at(gradInput, 0)
    for n in range(low, high):
        place = 0
        for step in range(path.shape[1]):
            first, count, child = path[n, step, 0], path[n, step, 1], path[n, step, 2]
            for k in range(count):
                slope = gradOutput[n] * (gradOutput.dtype.type(k == child) - math.exp(logp[n, place + k]))
                _add(rows, n * size, w, (first + k) * size, slope, size)
            place += count


@ranged
def _to_weight(low, high, x, path, logp, gradOutput, gradWeight, scale):
    """Columns ``low`` to ``high`` of gradWeight."""
    size = gradWeight.shape[1]
    w, rows = simd.at(gradWeight, 0), simd.at(x, 0)
    for n in range(len(x)):
        place = 0
        for step in range(path.shape[1]):
            first, count, child = path[n, step, 0], path[n, step, 1], path[n, step, 2]
            for k in range(count):
                slope = scale * gradOutput[n] * (gradOutput.dtype.type(k == child) - math.exp(logp[n, place + k]))
                _add(w, (first + k) * size + low, rows, n * size + low, slope, high - low)
            place += count


@kernel
def _to_bias(path, logp, gradOutput, gradBias, scale):
    for n in range(len(path)):
        place = 0
        for step in range(path.shape[1]):
            first, count, child = path[n, step, 0], path[n, step, 1], path[n, step, 2]
            for k in range(count):
                slope = scale * gradOutput[n] * (gradOutput.dtype.type(k == child) - math.exp(logp[n, place + k]))
                gradBias[first + k] += slope
            place += count


def SoftMaxTree_updateOutput(x: Any, weight: Any, bias: Any, path: Any, logp: Any, output: Any) -> None:
    """``path``, ``N x P x 3``: of every parent the first row of ``weight``, from 0, their number, 0 behind the end, and
    the place of the child; ``logp``, ``N x W``, is filled with the log-probabilities of all children, ``output``, N.
    """
    _decide(len(x), PRODUCT * logp.size * x.shape[1], x, weight, bias, path, logp, output)


def SoftMaxTree_updateGradInput(weight: Any, path: Any, logp: Any, gradOutput: Any, gradInput: Any) -> None:
    """Adds to ``gradInput``, ``N x inputSize``."""
    _to_input(len(gradInput), PRODUCT * logp.size * weight.shape[1], weight, path, logp, gradOutput, gradInput)


def SoftMaxTree_accGradParameters(
    x: Any, path: Any, logp: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    """Adds to ``gradWeight`` and ``gradBias``."""
    time, scale = PRODUCT * logp.size * x.shape[1], gradWeight.dtype.type(scale)
    _to_weight(x.shape[1], time, x, path, logp, gradOutput, gradWeight, scale)
    _to_bias(path, logp, gradOutput, gradBias, scale)
