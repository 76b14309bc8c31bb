"""SeqGRU: a whole sequence of GRU steps, gates in blocks r, u and the candidate.

One product makes the sums of all inputs; each step adds those of the previous output to r and u, and of ``r * h`` to
the candidate. Backward leaves the gradients of the sums in ``gradGates``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import vecmath
from .arena import scratch
from .chunks import bound
from .gemm import gemm
from .jit import kernel, parallel
from .linear import _add_columns as add_columns
from .packed import Packed
from .seq_lstm import _masks, _matrix, _samples


@kernel
def _gates(gates, h, reset, first, last):
    """r and u of one step in place, and ``reset = r * h``."""
    H = h.shape[1]
    for n in range(first, last):
        r, u, old, product = gates[n, :H], gates[n, H : 2 * H], h[n], reset[n]
        for j in range(H):
            r[j], u[j] = vecmath.sigmoid(r[j]), vecmath.sigmoid(u[j])
            product[j] = r[j] * old[j]


@parallel
def _gates_parallel(gates, h, reset, parts):
    n = len(h)
    for t in prange(parts):
        _gates(gates, h, reset, bound(n, t, parts, 1), bound(n, t + 1, parts, 1))


@kernel
def _outputs(gates, h, output, zero, first, last):
    """The candidate of one step in place, and the output; samples marked ``zero`` are zeroed."""
    H = h.shape[1]
    one = h.dtype.type(1)
    for n in range(first, last):
        if zero.size and zero[n]:
            gates[n, :], output[n, :] = 0, 0
        else:
            u, g, old, new = gates[n, H : 2 * H], gates[n, 2 * H :], h[n], output[n]
            for j in range(H):
                g[j] = vecmath.tanh(g[j])
                new[j] = (one - u[j]) * g[j] + u[j] * old[j]


@parallel
def _outputs_parallel(gates, h, output, zero, parts):
    n = len(h)
    for t in prange(parts):
        _outputs(gates, h, output, zero, bound(n, t, parts, 1), bound(n, t + 1, parts, 1))


@kernel
def _candidate_gradient(gates, h, dh, dgates, zero, first, last):
    """The gradients of u and of the candidate; dh becomes its direct part by h."""
    H = h.shape[1]
    one = h.dtype.type(1)
    for n in range(first, last):
        if zero.size and zero[n]:
            dh[n, :], dgates[n, :] = 0, 0
        else:
            u, g, old, d = gates[n, H : 2 * H], gates[n, 2 * H :], h[n], dh[n]
            du, dg = dgates[n, H : 2 * H], dgates[n, 2 * H :]
            for j in range(H):
                du[j] = d[j] * (old[j] - g[j]) * u[j] * (one - u[j])
                dg[j] = d[j] * (one - u[j]) * (one - g[j] * g[j])
                d[j] *= u[j]


@parallel
def _candidate_gradient_parallel(gates, h, dh, dgates, zero, parts):
    n = len(h)
    for t in prange(parts):
        _candidate_gradient(gates, h, dh, dgates, zero, bound(n, t, parts, 1), bound(n, t + 1, parts, 1))


@kernel
def _reset_gradient(gates, h, dreset, dh, dgates, first, last):
    """The gradient of r from that of ``r * h``, whose part by h is added to dh."""
    H = h.shape[1]
    one = h.dtype.type(1)
    for n in range(first, last):
        r, old, d, total, dr = gates[n, :H], h[n], dreset[n], dh[n], dgates[n, :H]
        for j in range(H):
            dr[j] = d[j] * old[j] * r[j] * (one - r[j])
            total[j] += d[j] * r[j]


@parallel
def _reset_gradient_parallel(gates, h, dreset, dh, dgates, parts):
    n = len(h)
    for t in prange(parts):
        _reset_gradient(gates, h, dreset, dh, dgates, bound(n, t, parts, 1), bound(n, t + 1, parts, 1))


def SeqGRU_updateOutput(x: Any, weight: Any, bias: Any, h: Any, gates: Any, reset: Any, output: Any, zero: Any) -> None:
    """Fill ``gates``, ``reset = r * h`` and ``output`` from the state ``h``; ``zero`` marks samples, or is None."""
    D, (T, N, H) = x.shape[2], output.shape
    hidden, masks = weight[D:], _masks(zero, T)
    gemm(_matrix(gates), _matrix(x), weight[:D], bias=bias)
    both = Packed(hidden[:, : 2 * H], False, N, "SeqGRU.gates")
    candidate = Packed(hidden[:, 2 * H :], False, N, "SeqGRU.candidate")
    for t in range(T):
        both.times(h, gates[t, :, : 2 * H], True)
        _samples(_gates, _gates_parallel, 1.5 * N * H, N, gates[t], h, reset[t])
        candidate.times(reset[t], gates[t, :, 2 * H :], True)
        _samples(_outputs, _outputs_parallel, 1.5 * N * H, N, gates[t], h, output[t], masks[t])
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
    """Fill ``gradGates`` and ``gradInput``; ``gradH``, the gradient by the last state, becomes that by the first."""
    D, (T, N, H) = gradInput.shape[2], output.shape
    hidden, masks = weight[D:], _masks(zero, T)
    dreset = scratch(output.dtype, N * H, "SeqGRU")[: N * H].reshape(N, H)
    both = Packed(hidden[:, : 2 * H], True, N, "SeqGRU.gates")
    candidate = Packed(hidden[:, 2 * H :], True, N, "SeqGRU.candidate")
    for t in range(T - 1, -1, -1):
        np.add(gradH, gradOutput[t], out=gradH)
        h = output[t - 1] if t else h0
        dgates = gradGates[t]
        args = gates[t], h, gradH, dgates, masks[t]
        _samples(_candidate_gradient, _candidate_gradient_parallel, 0.7 * N * H, N, *args)
        candidate.times(dgates[:, 2 * H :], dreset, False)
        _samples(_reset_gradient, _reset_gradient_parallel, 0.5 * N * H, N, gates[t], h, dreset, gradH, dgates)
        both.times(dgates[:, : 2 * H], gradH, True)
    gemm(_matrix(gradInput), _matrix(gradGates), weight[:D], False, True)


def SeqGRU_accGradParameters(
    x: Any, h0: Any, reset: Any, output: Any, gradGates: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    """Add the gradients, times ``scale``, to those of weight and bias."""
    D, H, scale = x.shape[2], output.shape[2], float(scale)
    gemm(gradWeight[:D], _matrix(x), _matrix(gradGates), True, False, scale, 1.0)
    hidden, rows = gradWeight[D:], _matrix(gradGates)
    gemm(hidden[:, : 2 * H], h0, rows[: len(h0), : 2 * H], True, False, scale, 1.0)
    if len(x) > 1:
        gemm(hidden[:, : 2 * H], _matrix(output[:-1]), rows[len(h0) :, : 2 * H], True, False, scale, 1.0)
    gemm(hidden[:, 2 * H :], _matrix(reset), rows[:, 2 * H :], True, False, scale, 1.0)
    add_columns(rows, scale, gradBias)
