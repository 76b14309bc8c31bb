"""SeqLSTM and SeqLSTMP: a whole sequence of LSTM steps, gates in blocks i, f, o, g.

The kernels are in :mod:`seq_lstm_forward`, :mod:`seq_lstm_backward` and :mod:`seq_lstm_weights`; here they get their
scratch and their threads.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..cpu.gemm.gemm import gemm
from ..cpu.runtime.blocking import PRODUCT_RATE
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.partition import aligned, ceil_div, threads
from ..cpu.runtime.workspace import take
from . import seq_lstm_backward as backward
from . import seq_lstm_forward as forward
from .panels import HEIGHT, Sizes
from .seq_lstm_weights import BLOCK_ROWS, Sums, sum_weights

#: How many samples of small batches are multiplied at once.
CHUNK_ROWS = 128


def _division(steps: int, samples: int, nanoseconds: float) -> tuple[int, bool]:
    """Into how many parts work of so many nanoseconds is divided, and whether they share out its units.

    Units are worth it where the tiles of samples cannot be shared out evenly and a step is long.
    """
    parts, tiles = threads(nanoseconds), ceil_div(samples, HEIGHT)
    if tiles % parts == 0 or tiles > 4 * parts or threads(nanoseconds / steps) == 1:
        return min(parts, tiles), False
    return parts, True


def _chunk(steps: int, samples: int) -> int:
    """For how many steps the products with inputs are made at once: for several where one does not fill a tile."""
    return min(steps, CHUNK_ROWS // samples) if samples < HEIGHT else 1


def SeqLSTM_gates(steps: int, samples: int, hiddenSize: int, dtype: np.dtype) -> tuple[int, int, int]:
    """The shape of ``gates``: panels of a vector of units, as the kernels take them."""
    lanes = lanes_of(np.dtype(dtype).itemsize)
    return ceil_div(hiddenSize, lanes), steps * samples + HEIGHT, 4 * lanes


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
    sizes = T, N, D, H, R = Sizes(*x.shape, cell.shape[2], output.shape[2])
    lanes, projected = lanes_of(x.itemsize), weightO is not None
    packed = take("SeqLSTM.weight", x.dtype, aligned(H, lanes) * 4 * (D + R))
    panels = take("SeqLSTM.weightO", x.dtype, (R + 2 * lanes) * H) if projected else packed
    forward.pack(threads(weight.size), weight, sizes, packed, weightO, projected, panels)
    parts, shared = _division(T, N, T * N * weight.size / PRODUCT_RATE)
    work = take("SeqLSTM", x.dtype, parts * HEIGHT * 4 * lanes)
    chunk, apart = _chunk(T, N), N * H if len(hidden) == T else 0
    kept = T if gates is not None else chunk
    if gates is None:
        gates = take("SeqLSTM.gates", x.dtype, prod(SeqLSTM_gates(kept, N, H, x.dtype)))
    net = forward.LSTM(x, h, c, packed, bias, panels, gates, cell, hidden, output)
    plan = forward.Schedule(apart, kept, bool(masked), 1 + projected, shared, chunk)
    forward.run_forward(parts, net, sizes, plan, work, turns=T * plan.phases if shared else 1)


def SeqLSTM_updateGradInput(
    weight: Any, gates: Any, cell: Any, c0: Any, gradOutput: Any, gradH: Any, gradC: Any, gradInput: Any
) -> None:
    """Fill ``gradInput``; ``gradH`` and ``gradC``, with respect to the last state, become those of the first.

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
    """The same with a projection; ``gradTotal`` takes the whole gradient of each step's output."""
    sizes = T, N, D, H, R = Sizes(*gradInput.shape, cell.shape[2], gradH.shape[1])
    dtype, lanes, projected = cell.dtype, lanes_of(cell.itemsize), weightO is not None
    K, width = aligned(H, lanes) * 4, 2 * lanes
    by_x = take("SeqLSTM.by_x", dtype, aligned(D, width) * K)
    by_h = take("SeqLSTM.by_h", dtype, aligned(R, width) * K)
    by_hidden = take("SeqLSTM.weightO", dtype, (R + lanes) * (H + width)) if projected else by_h
    panels = backward.Panels(by_x, by_h, by_hidden)
    backward.pack_transposed(threads(weight.size), weight, weightO, projected, sizes, panels)
    parts, shared = _division(T, N, T * N * weight.size / PRODUCT_RATE)
    net = backward.Gradients(gates, cell, c0, gradOutput, gradH, gradC, gradInput, gradTotal)
    plan = backward.Schedule(1 + projected, shared, _chunk(T, N))
    work = take("SeqLSTM", dtype, parts * HEIGHT * width)
    turns = (T + 1) * plan.phases if shared else 1
    backward.run_backward(parts, net, panels, sizes, plan, work, turns=turns)


def SeqLSTM_accGradParameters(
    x: Any, h0: Any, output: Any, gates: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    """Add the gradients, times ``scale``, to those of weight and bias."""
    sizes = T, N, D, _, R = Sizes(*x.shape, len(gradBias) // 4, output.shape[2])
    tiles = ceil_div(D, HEIGHT) + ceil_div(R, HEIGHT)
    parts = min(tiles, threads(T * N * gradWeight.size / PRODUCT_RATE))
    share = HEIGHT * 4 * lanes_of(x.itemsize) + (ceil_div(tiles, parts) + 1) * BLOCK_ROWS * HEIGHT
    work = take("SeqLSTM", x.dtype, parts * share)
    net = Sums(x, h0, output, gates, gradWeight, gradBias)
    sum_weights(parts, net, sizes, float(scale), work, share)


def SeqLSTMP_accGradProjection(hidden: Any, gradTotal: Any, gradWeightO: Any, scale: float) -> None:
    """Add the gradient of the projection."""
    H, R = gradWeightO.shape
    gemm(gradWeightO, hidden.reshape(-1, H), gradTotal.reshape(-1, R), True, False, float(scale), 1.0)
