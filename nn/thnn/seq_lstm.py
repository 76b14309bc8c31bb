"""SeqLSTM and SeqLSTMP: a whole sequence of LSTM steps, gates in blocks i, f, o, g.

One product makes the gates' sums of all inputs; each step adds that of the previous output and applies the gates.
Backward leaves the gradients of the sums in ``gradGates``, of which the parameters' gradients are products again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import vecmath
from .arena import scratch
from .chunks import bound, threads
from .gemm import gemm
from .jit import kernel, parallel
from .linear import _add_columns as add_columns
from .packed import Packed


@kernel
def _forward(gates, before, c, h, zero, first, last):
    """The gates of one step in place, the cells c and outputs h, for some samples; those marked ``zero`` are zeroed."""
    H = c.shape[1]
    for n in range(first, last):
        if zero.size and zero[n]:
            gates[n, :], c[n, :], h[n, :] = 0, 0, 0
        else:
            i, f, o, g = gates[n, :H], gates[n, H : 2 * H], gates[n, 2 * H : 3 * H], gates[n, 3 * H :]
            old, cell, output = before[n], c[n], h[n]
            for j in range(H):
                i[j], f[j], o[j] = vecmath.sigmoid(i[j]), vecmath.sigmoid(f[j]), vecmath.sigmoid(o[j])
                g[j] = vecmath.tanh(g[j])
                cell[j] = f[j] * old[j] + i[j] * g[j]
                output[j] = o[j] * vecmath.tanh(cell[j])


@parallel
def _forward_parallel(gates, before, c, h, zero, parts):
    n = len(c)
    for t in prange(parts):
        _forward(gates, before, c, h, zero, bound(n, t, parts, 1), bound(n, t + 1, parts, 1))


@kernel
def _backward(gates, before, c, dh, dc, dgates, first, last):
    """The gradients of one step's sums from dh and dc; dc becomes that of the cells before."""
    H = c.shape[1]
    one = c.dtype.type(1)
    for n in range(first, last):
        i, f, o, g = gates[n, :H], gates[n, H : 2 * H], gates[n, 2 * H : 3 * H], gates[n, 3 * H :]
        di, df, do, dg = dgates[n, :H], dgates[n, H : 2 * H], dgates[n, 2 * H : 3 * H], dgates[n, 3 * H :]
        old, cell, d, dcell = before[n], c[n], dh[n], dc[n]
        for j in range(H):
            t = vecmath.tanh(cell[j])
            total = dcell[j] + d[j] * o[j] * (one - t * t)
            do[j] = d[j] * t * o[j] * (one - o[j])
            di[j] = total * g[j] * i[j] * (one - i[j])
            df[j] = total * old[j] * f[j] * (one - f[j])
            dg[j] = total * i[j] * (one - g[j] * g[j])
            dcell[j] = total * f[j]


@parallel
def _backward_parallel(gates, before, c, dh, dc, dgates, parts):
    n = len(c)
    for t in prange(parts):
        _backward(gates, before, c, dh, dc, dgates, bound(n, t, parts, 1), bound(n, t + 1, parts, 1))


def _samples(serial: Any, shared: Any, nanoseconds: float, n: int, *args: Any) -> None:
    """Run a step's kernel over n samples, by several threads where that is worth it."""
    parts = min(threads(nanoseconds), n)
    serial(*args, 0, n) if parts == 1 else shared(*args, parts)


def _masks(zero: Any, steps: int) -> Any:
    return zero if zero is not None else np.empty((steps, 0), np.bool_)


def _matrix(x: np.ndarray) -> np.ndarray:
    """All steps of a sequence as rows."""
    return x.reshape(-1, x.shape[-1])


def SeqLSTM_updateOutput(
    x: Any, weight: Any, bias: Any, h: Any, c: Any, gates: Any, cell: Any, output: Any, zero: Any
) -> None:
    """Fill ``gates``, ``cell`` and ``output`` from the state ``h``, ``c``; ``zero`` marks samples, or is None."""
    SeqLSTMP_updateOutput(x, weight, bias, None, h, c, gates, cell, output, output, zero)


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
    zero: Any,
) -> None:
    """The same with a projection, ``output = hidden weightO``; without one ``hidden`` is ``output``."""
    D, (T, N, H) = x.shape[2], cell.shape
    gemm(_matrix(gates), _matrix(x), weight[:D], bias=bias)
    masks = _masks(zero, T)
    recurrent = Packed(weight[D:], False, N, "SeqLSTM.weight")
    projection = None if weightO is None else Packed(weightO, False, N, "SeqLSTM.weightO")
    for t in range(T):
        recurrent.times(h, gates[t], True)
        _samples(_forward, _forward_parallel, 3.0 * N * H, N, gates[t], c, cell[t], hidden[t], masks[t])
        if projection is not None:
            projection.times(hidden[t], output[t], False)
        h, c = output[t], cell[t]


def SeqLSTM_updateGradInput(
    weight: Any, gates: Any, cell: Any, c0: Any, gradOutput: Any, gradH: Any, gradC: Any, gradGates: Any, gradInput: Any
) -> None:
    """Fill ``gradGates`` and ``gradInput``; ``gradH`` and ``gradC``, by the last state, become those by the first."""
    SeqLSTMP_updateGradInput(weight, None, gates, cell, c0, gradOutput, None, gradH, gradC, gradGates, gradInput)


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
    gradGates: Any,
    gradInput: Any,
) -> None:
    """The same with a projection; ``gradTotal`` takes the whole gradient by each step's output."""
    D, (T, N, H) = gradInput.shape[2], cell.shape
    hidden = gradH if weightO is None else scratch(cell.dtype, N * H, "SeqLSTMP")[: N * H].reshape(N, H)
    recurrent = Packed(weight[D:], True, N, "SeqLSTM.weight")
    projection = None if weightO is None else Packed(weightO, True, N, "SeqLSTM.weightO")
    for t in range(T - 1, -1, -1):
        np.add(gradH, gradOutput[t], out=gradH)
        if projection is not None:
            gradTotal[t] = gradH
            projection.times(gradH, hidden, False)
        before = cell[t - 1] if t else c0
        args = gates[t], before, cell[t], hidden, gradC, gradGates[t]
        _samples(_backward, _backward_parallel, 2.0 * N * H, N, *args)
        recurrent.times(gradGates[t], gradH, False)
    gemm(_matrix(gradInput), _matrix(gradGates), weight[:D], False, True)


def SeqLSTM_accGradParameters(
    x: Any, h0: Any, output: Any, gradGates: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    """Add the gradients, times ``scale``, to those of weight and bias."""
    D, scale = x.shape[2], float(scale)
    gemm(gradWeight[:D], _matrix(x), _matrix(gradGates), True, False, scale, 1.0)
    gemm(gradWeight[D:], h0, gradGates[0], True, False, scale, 1.0)
    if len(x) > 1:
        gemm(gradWeight[D:], _matrix(output[:-1]), _matrix(gradGates[1:]), True, False, scale, 1.0)
    add_columns(_matrix(gradGates), scale, gradBias)


def SeqLSTMP_accGradProjection(hidden: Any, gradTotal: Any, gradWeightO: Any, scale: float) -> None:
    """Add the gradient of the projection."""
    gemm(gradWeightO, _matrix(hidden), _matrix(gradTotal), True, False, float(scale), 1.0)
