"""SeqGRU on the GPU: one product for all inputs, then two products and two launches of seq_gru.cu for every step.

The launches do all that is no product: biases, gates and outputs; backward their gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ..cuda.products import add_columns, gemm
from ..cuda.runtime import kernels
from ..cuda.workspace import take

_launch = kernels(__name__)


def _matrix(x: Any) -> Any:
    """All steps of a sequence as rows."""
    return x.reshape(-1, x.shape[-1])


def _copied(x: Any, name: str) -> Any:
    """Columns of a matrix as a matrix of its own."""
    copy = take(name, x.dtype, *x.shape)
    copy[...] = x
    return copy


def _marks(zero: Any, steps: int, samples: int) -> Any:
    """1 for the samples that ``zero`` marks, of all steps; None where none is."""
    if zero is None:
        return None
    return arrays.cupy().asarray(zero).astype(np.int64).reshape(steps, samples)


def SeqGRU_updateOutput(x: Any, weight: Any, bias: Any, h: Any, gates: Any, reset: Any, output: Any, zero: Any) -> None:
    D, (T, N, H) = x.shape[2], output.shape
    gemm(_matrix(gates), _matrix(x), weight[:D])
    both, candidate = _copied(weight[D:, : 2 * H], "gates"), _copied(weight[D:, 2 * H :], "candidate")
    marks, n = _marks(zero, T, N), N * H
    for t in range(T):
        own, product = gates.reshape(T, N, 3 * H)[t], take("product", x.dtype, N, 2 * H)
        gemm(product, h, both)
        _launch.each("gru_gates", n, x, own, bias, product, h, reset[t], n, H)
        product = take("product", x.dtype, N, H)
        gemm(product, reset[t], candidate)
        mark = None if marks is None else marks[t]
        _launch.each("gru_output", n, x, own, bias, product, h, output[t], mark, n, H)
        h = output[t]


def SeqGRU_updateGradInput(
    weight: Any,
    gates: Any,
    output: Any,
    h0: Any,
    gradOutput: Any,
    gradH: Any,
    gradGates: Any,
    gradInput: Any,
    zero: Any,
) -> None:
    D, (T, N, H), dtype = gradInput.shape[2], output.shape, output.dtype
    both, candidate = _copied(weight[D:, : 2 * H], "gates"), _copied(weight[D:, 2 * H :], "candidate")
    d_both, d_candidate = take("dboth", dtype, N, 2 * H), take("dcandidate", dtype, N, H)
    d_reset, marks, n = take("dreset", dtype, N, H), _marks(zero, T, N), N * H
    for t in reversed(range(T)):
        own, to = (x.reshape(T, N, 3 * H)[t] for x in (gates, gradGates))
        h, mark = output[t - 1] if t else h0, None if marks is None else marks[t]
        arguments = own, h, gradOutput[t], to, d_both, d_candidate, gradH, mark
        _launch.each("gru_candidate", n, output, *arguments, n, H)
        gemm(d_reset, d_candidate, candidate, transB=True)
        _launch.each("gru_reset", n, output, own, h, d_reset, to, d_both, gradH, n, H)
        gemm(gradH, d_both, both, transB=True, beta=1.0)
    gemm(_matrix(gradInput), _matrix(gradGates), weight[:D], transB=True)


def SeqGRU_accGradParameters(
    x: Any, h0: Any, reset: Any, output: Any, gradGates: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    D, (T, N, H), scale = x.shape[2], output.shape, float(scale)
    rows = _matrix(gradGates)
    gemm(gradWeight[:D], _matrix(x), rows, True, False, scale, 1.0)
    both, candidate = _copied(rows[:, : 2 * H], "both"), _copied(rows[:, 2 * H :], "candidates")
    sums = take("sums of gates", x.dtype, H, 2 * H)
    gemm(sums, h0, both[:N], True, False, scale, 0.0)
    if T > 1:
        gemm(sums, _matrix(output[:-1]), both[N:], True, False, scale, 1.0)
    gradWeight[D:, : 2 * H] += sums
    sums = take("sums of gates", x.dtype, H, H)
    gemm(sums, _matrix(reset), candidate, True, False, scale, 0.0)
    gradWeight[D:, 2 * H :] += sums
    add_columns(rows, scale, gradBias)
