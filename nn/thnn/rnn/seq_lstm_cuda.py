"""SeqLSTM on the GPU: one product for all inputs, then a product and a launch of seq_lstm.cu for every step.

The launch does all that is no product: biases, gates, cells and outputs; backward the sum of both gradients and theirs.

Gates are rows of 4H in the memory that the CPU's panels would take, which is never less.
"""

from __future__ import annotations

from typing import Any

from ..cuda.products import add_columns, gemm
from ..cuda.runtime import blocks, kernels
from ..cuda.workspace import take

_launch = kernels(__name__)


def _rows(gates: Any, rows: int, H: int) -> Any:
    return gates.reshape(-1)[: rows * 4 * H].reshape(rows, 4 * H)


def _matrix(x: Any) -> Any:
    """All steps of a sequence as rows."""
    return x.reshape(-1, x.shape[-1])


def zero_marks(x: Any) -> Any:
    """1 for every sample of every step that is zero, else 0."""
    rows = x.shape[0] * x.shape[1]
    marks = take("marks", x.dtype, rows)
    _launch("zero_rows<T>", x.dtype, blocks(rows, 8), 256, x, marks, rows, x.shape[2])
    return marks


def SeqLSTM_updateOutput(
    x: Any, weight: Any, bias: Any, h: Any, c: Any, gates: Any, cell: Any, output: Any, masked: bool
) -> None:
    SeqLSTMP_updateOutput(x, weight, bias, None, h, c, gates, cell, output, output, masked)


def SeqLSTMP_updateOutput(
    x: Any,
    weight: Any,
    bias: Any,
    weightO: Any,
    h: Any,
    c: Any,
    gates: Any,
    cell: Any,
    hidden: Any,
    output: Any,
    masked: bool,
) -> None:
    (T, N, D), H = x.shape, cell.shape[2]
    gates = take("SeqLSTM.gates", x.dtype, T * N, 4 * H) if gates is None else _rows(gates, T * N, H)
    gemm(gates, _matrix(x), weight[:D])
    marks = zero_marks(x) if masked else None
    for t in range(T):
        rows, own = slice(t * N, (t + 1) * N), hidden[t if len(hidden) == T else 0]
        gemm(gates[rows], h, weight[D:], beta=1.0)
        mark = None if marks is None else marks[rows]
        _launch.each("lstm_step", N * H, x, gates[rows], bias, c, cell[t], own, mark, N * H, H)
        if weightO is not None:
            gemm(output[t], own, weightO)
        h, c = output[t], cell[t]


def SeqLSTM_updateGradInput(
    weight: Any, gates: Any, cell: Any, c0: Any, gradOutput: Any, gradH: Any, gradC: Any, gradInput: Any
) -> None:
    SeqLSTMP_updateGradInput(weight, None, gates, cell, c0, gradOutput, None, gradH, gradC, gradInput)


def SeqLSTMP_updateGradInput(
    weight: Any,
    weightO: Any,
    gates: Any,
    cell: Any,
    c0: Any,
    gradOutput: Any,
    gradTotal: Any,
    gradH: Any,
    gradC: Any,
    gradInput: Any,
) -> None:
    (T, N, D), H, R = gradInput.shape, cell.shape[2], gradH.shape[1]
    gates = _rows(gates, T * N, H)
    for t in reversed(range(T)):
        rows = slice(t * N, (t + 1) * N)
        dy, flow = gradOutput[t], gradH
        if weightO is not None:
            _launch.each("lstm_total", N * R, cell, dy, gradH, gradTotal[t], N * R)
            dy, flow = None, take("hidden", cell.dtype, N, H)
            gemm(flow, gradTotal[t], weightO, transB=True)
        before = cell[t - 1] if t else c0
        _launch.each("lstm_gradient", N * H, cell, gates[rows], before, cell[t], dy, flow, gradC, N * H, H)
        gemm(gradH, gates[rows], weight[D:], transB=True)
    gemm(_matrix(gradInput), gates, weight[:D], transB=True)


def SeqLSTM_accGradParameters(
    x: Any, h0: Any, output: Any, gates: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    T, N, D = x.shape
    gates, scale = _rows(gates, T * N, len(gradBias) // 4), float(scale)
    gemm(gradWeight[:D], _matrix(x), gates, True, False, scale, 1.0)
    gemm(gradWeight[D:], h0, gates[:N], True, False, scale, 1.0)
    if T > 1:
        gemm(gradWeight[D:], _matrix(output[:-1]), gates[N:], True, False, scale, 1.0)
    add_columns(gates, scale, gradBias)


def SeqLSTMP_accGradProjection(hidden: Any, gradTotal: Any, gradWeightO: Any, scale: float) -> None:
    gemm(gradWeightO, _matrix(hidden), _matrix(gradTotal), True, False, float(scale), 1.0)
