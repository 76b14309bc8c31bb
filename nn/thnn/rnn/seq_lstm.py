"""SeqLSTM and SeqLSTMP: a whole sequence of LSTM steps, gates in blocks i, f, o, g.

The kernels are in :mod:`seq_lstm_forward`, :mod:`seq_lstm_backward` and :mod:`seq_lstm_weights`; here they get their
scratch and their threads.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..cpu.gemm.gemm import gemm
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.partition import threads
from ..cpu.runtime.workspace import scratch
from .panels import HEIGHT
from .seq_lstm_backward import pack_transposed, run_backward
from .seq_lstm_forward import pack, run_forward
from .seq_lstm_weights import BLOCK, sum_weights

#: How many samples of small batches are multiplied at once.
ROWS = 128


def _division(steps: int, samples: int, nanoseconds: float) -> tuple[int, bool]:
    """Into how many parts work of so many nanoseconds is divided, and whether they share out its units.

    Units are worth it where the tiles of samples cannot be shared out evenly and a step is long.
    """
    parts, tiles = threads(nanoseconds), -(-samples // HEIGHT)
    if tiles % parts == 0 or tiles > 4 * parts or threads(nanoseconds / steps) == 1:
        return min(parts, tiles), False
    return parts, True


def _chunk(steps: int, samples: int) -> int:
    """For how many steps the products with inputs are made at once: for several where one does not fill a tile."""
    return min(steps, ROWS // samples) if samples < HEIGHT else 1


def SeqLSTM_gates(steps: int, samples: int, hiddenSize: int, dtype: np.dtype) -> tuple[int, int, int]:
    """The shape of ``gates``: panels of a vector of units, as the kernels take them."""
    lanes = lanes_of(np.dtype(dtype).itemsize)
    return -(-hiddenSize // lanes), steps * samples + HEIGHT, 4 * lanes


def SeqLSTM_updateOutput(
    x: Any, weight: Any, bias: Any, h: Any, c: Any, gates: Any, cell: Any, output: Any, masked: bool
) -> None:
    """Fill ``gates`` (unless None), ``cell`` and ``output`` from the state ``h``, ``c``.

    With ``masked`` samples that are zero at a step give zeros.
    """
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
    """The same with a projection, ``output = hidden weightO``; without one ``hidden`` is ``output``.

    ``hidden`` needs only one step where ``gates`` is None.
    """
    (T, N, D), H, R = x.shape, cell.shape[2], output.shape[2]
    lanes, projected = lanes_of(x.itemsize), weightO is not None
    packed = scratch(x.dtype, -(-H // lanes) * 4 * lanes * (D + R), "SeqLSTM.weight")
    panels = scratch(x.dtype, (R + 2 * lanes) * H, "SeqLSTM.weightO") if projected else packed
    matrices = weight, D + R, H, packed, weightO if projected else weight, R if projected else 0, panels
    pack(x, threads(weight.size), *matrices)
    parts, share = _division(T, N, T * N * weight.size / 50)
    work = scratch(x.dtype, parts * HEIGHT * 4 * lanes, "SeqLSTM")
    chunk, apart = _chunk(T, N), N * H if len(hidden) == T else 0
    kept = T if gates is not None else chunk
    if gates is None:
        gates = scratch(x.dtype, prod(SeqLSTM_gates(kept, N, H, x.dtype)), "SeqLSTM.gates")
    numbers = T, N, D, H, R, apart, kept, int(masked), 1 + projected, int(share), chunk
    buffers = gates, cell, hidden, output, work
    run_forward(x, parts, T * (1 + projected) if share else 1, x, h, c, packed, bias, panels, *buffers, *numbers)


def SeqLSTM_updateGradInput(
    weight: Any, gates: Any, cell: Any, c0: Any, gradOutput: Any, gradH: Any, gradC: Any, gradInput: Any
) -> None:
    """Fill ``gradInput``; ``gradH`` and ``gradC``, by the last state, become those by the first.

    ``gates`` become the gradients of their sums.
    """
    SeqLSTMP_updateGradInput(weight, None, gates, cell, c0, gradOutput, gradOutput, gradH, gradC, gradInput)


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
    """The same with a projection; ``gradTotal`` takes the whole gradient by each step's output."""
    (T, N, D), H, R = gradInput.shape, cell.shape[2], gradH.shape[1]
    dtype, lanes, projected = cell.dtype, lanes_of(cell.itemsize), weightO is not None
    K, width = -(-H // lanes) * 4 * lanes, 2 * lanes
    by_x = scratch(dtype, -(-D // width) * width * K, "SeqLSTM.by_x")
    by_h = scratch(dtype, -(-R // width) * width * K, "SeqLSTM.by_h")
    by_hidden = scratch(dtype, (R + lanes) * (H + width), "SeqLSTM.weightO") if projected else by_h
    matrices = weight, D, H, R, by_x, by_h, int(projected), weightO if projected else weight, by_hidden
    pack_transposed(cell, threads(weight.size), *matrices)
    parts, share = _division(T, N, T * N * weight.size / 50)
    work = scratch(dtype, parts * HEIGHT * width, "SeqLSTM")
    gradients = gradOutput, gradH, gradC, gradInput, gradTotal
    turns = (T + 1) * (1 + projected) if share else 1
    numbers = T, N, D, H, R, 1 + projected, int(share), _chunk(T, N)
    run_backward(cell, parts, turns, gates, cell, c0, *gradients, by_x, by_h, by_hidden, work, *numbers)


def SeqLSTM_accGradParameters(
    x: Any, h0: Any, output: Any, gates: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    """Add the gradients, times ``scale``, to those of weight and bias."""
    (T, N, D), R, H = x.shape, output.shape[2], len(gradBias) // 4
    tiles = -(-D // HEIGHT) + -(-R // HEIGHT)
    parts = min(tiles, threads(T * N * gradWeight.size / 50))
    share = HEIGHT * 4 * lanes_of(x.itemsize) + (-(-tiles // parts) + 1) * BLOCK * HEIGHT
    work = scratch(x.dtype, parts * share, "SeqLSTM")
    numbers = T, N, D, H, R, float(scale), share
    sum_weights(x, parts, x, h0, output, gates, gradWeight, gradBias, work, *numbers)


def SeqLSTMP_accGradProjection(hidden: Any, gradTotal: Any, gradWeightO: Any, scale: float) -> None:
    """Add the gradient of the projection."""
    H, R = gradWeightO.shape
    gemm(gradWeightO, hidden.reshape(-1, H), gradTotal.reshape(-1, R), True, False, float(scale), 1.0)
