"""SeqGRU: a whole sequence of GRU steps, gates in blocks r, u and the candidate.

One product makes the sums of all inputs. A step adds the product with the previous output to those of r and u, and that
with ``r * h`` to those of the candidate, panel by panel of the recurrent weights, which are packed once; the gates are
applied to a panel's sums while they are in the first cache. Backward leaves the gradients of the sums in ``gradGates``,
from which two matrix products give the gradients of input and parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.gemm.gemm import gemm
from ..cpu.gemm.gemv import add_columns
from .seq_gru_backward import Gradients, run_backward
from .seq_gru_forward import GRU, run_forward
from .seq_gru_panels import Room, Sizes, division, packed, workspace, zero_marks


def SeqGRU_updateOutput(x: Any, weight: Any, bias: Any, h: Any, gates: Any, reset: Any, output: Any, zero: Any) -> None:
    """Fill ``gates``, ``reset = r * h`` and ``output`` from the state ``h``; ``zero`` marks samples, or is None."""
    D, (T, N, H) = x.shape[2], output.shape
    hidden, zero = weight[D:], zero_marks(zero, T, N)
    gemm(_matrix(gates), _matrix(x), weight[:D], bias=bias)
    both = packed(hidden[:, : 2 * H], False, "SeqGRU.gates")
    candidate = packed(hidden[:, 2 * H :], False, "SeqGRU.candidate")
    parts, shared = division(T, N, hidden)
    room = Room(shared, *workspace(output.dtype, parts, H))
    net = GRU(h, gates, reset, output, zero, both, candidate)
    run_forward(parts, net, Sizes(T, N, H), room, turns=2 * T if shared else 1)


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
    """Fill ``gradGates`` and ``gradInput``; ``gradH``, that of the last state, becomes that of the first."""
    D, (T, N, H) = gradInput.shape[2], output.shape
    hidden, zero = weight[D:], zero_marks(zero, T, N)
    both = packed(hidden[:, : 2 * H], True, "SeqGRU.gates")
    candidate = packed(hidden[:, 2 * H :], True, "SeqGRU.candidate")
    parts, shared = division(T, N, hidden)
    room = Room(shared, *workspace(output.dtype, parts, 2 * H))
    net = Gradients(h0, gates, output, gradOutput, gradH, gradGates, zero, both, candidate)
    run_backward(parts, net, Sizes(T, N, H), room, turns=2 * T + 1 if shared else 1)
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


def _matrix(x: np.ndarray) -> np.ndarray:
    """All steps of a sequence as rows."""
    return x.reshape(-1, x.shape[-1])
