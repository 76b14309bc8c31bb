"""Convolution of sequences: the rows of frames that lie under each window, times the weight matrix.

Winograd's algorithm takes windows that move by one frame (:mod:`nn.thnn.cpu.conv.winograd.sequences`). For others some
samples' windows at a time, which overlap in memory, are copied to scratch as rows of a matrix for :mod:`gemm`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numba import prange

from torch7.exactness import exact

from ..cpu.conv.winograd import sequences, sequences_weight
from ..cpu.gemm.gemm import gemm
from ..cpu.gemm.gemv import add_columns
from ..cpu.runtime.jit import parallel
from ..cpu.runtime.workspace import take

#: Elements of scratch to fill at a time.
BLOCK_ELEMENTS = 1 << 20


@parallel
def _windows(x, rows, count, dW):
    """rows[n * count + t] = x[n] from frame t dW on, x flat sequences"""
    width = rows.shape[1]
    for r in prange(rows.shape[0]):
        start = r % count * dW
        rows[r] = x[r // count, start : start + width]


@parallel
def _add_windows(rows, x, count, dW):
    """x[n] = 0, then x[n] from frame t dW on += rows[n * count + t]"""
    width = rows.shape[1]
    for n in prange(x.shape[0]):
        x[n] = 0
        for t in range(count):
            target, row = x[n, t * dW : t * dW + width], rows[n * count + t]
            for i in range(width):
                target[i] += row[i]


def _blocks(samples: int, frames: int, width: int) -> Iterator[slice]:
    """Consecutive samples whose windows fit the block, at least one at a time."""
    step = max(1, BLOCK_ELEMENTS // (frames * width))
    return (slice(first, min(first + step, samples)) for first in range(0, samples, step))


def _rows(like: Any, count: int, width: int) -> Any:
    return take("windows", like.dtype, count * width).reshape(count, width)


def _gathered(input: Any, frames: int, width: int, dW: int) -> Any:
    """The windows of some samples, N x T x F, as rows."""
    rows = _rows(input, len(input) * frames, width)
    _windows(input.reshape(len(input), -1), rows, frames, dW * input.shape[2])
    return rows


def _matrix(x: Any) -> Any:
    """N x T x F as N T rows."""
    return x.reshape(-1, x.shape[2])


def _by_winograd(x: Any, y: Any, kW: int, dW: int) -> bool:
    return not exact() and sequences.takes(len(y), y.shape[1], kW, dW, (x.shape[2], y.shape[2]), y.dtype)


def TemporalConvolution_updateOutput(input: Any, output: Any, weight: Any, bias: Any, kW: int, dW: int) -> None:
    """``N x T x F`` to ``N x oT x O`` with ``weight`` ``O x (kW F)``."""
    if _by_winograd(input, output, kW, dW):
        sequences.forward(input, weight, bias, output)
        return
    frames, width = output.shape[1], weight.shape[1]
    for block in _blocks(len(input), frames, width):
        rows = _gathered(input[block], frames, width, dW)
        gemm(_matrix(output[block]), rows, weight, transB=True, bias=bias)


def TemporalConvolution_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, kW: int, dW: int) -> None:
    if _by_winograd(gradInput, gradOutput, kW, dW):
        sequences.backward_input(gradOutput, weight, gradInput)
        return
    frames, width = gradOutput.shape[1], weight.shape[1]
    for block in _blocks(len(gradInput), frames, width):
        x = gradInput[block]
        rows = _rows(x, len(x) * frames, width)
        gemm(rows, _matrix(gradOutput[block]), weight)
        _add_windows(rows, x.reshape(len(x), -1), frames, dW * x.shape[2])


def TemporalConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, kW: int, dW: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    if _by_winograd(input, gradOutput, kW, dW):
        sequences_weight.backward_weight(input, gradOutput, gradWeight, gradBias, float(scale))
        return
    frames, width = gradOutput.shape[1], gradWeight.shape[1]
    for block in _blocks(len(input), frames, width):
        rows = _gathered(input[block], frames, width, dW)
        gradient = _matrix(gradOutput[block])
        gemm(gradWeight, gradient, rows, transA=True, alpha=scale, beta=1.0)
        if gradBias is not None:
            add_columns(gradient, float(scale), gradBias)
