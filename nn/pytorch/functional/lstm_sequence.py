"""A direction of an LSTM over sequences of one length, by the kernels of SeqLSTM, which have the blocks i, f, o, g."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from torch7 import arrays

from ... import thnn
from ..parameter import plain
from .recurrent_weights import Weights

#: Where the kernels have the blocks i, f, g, o of PyTorch.
BLOCKS = (0, 1, 3, 2)


class Sequence(NamedTuple):
    """What the backward of a sequence needs: T x N x ..., in the order in which the steps were taken."""

    x: Any
    h: Any
    c: Any
    weight: Any
    gates: Any
    cell: Any
    output: Any
    reverse: bool


def _packed(weights: Weights) -> tuple:
    """Weight (D + H) x 4H and bias 4H as the kernels have them."""
    H, D = weights.hh.shape[1], weights.ih.shape[1]
    like = plain(weights.ih)
    weight, bias = np.empty((D + H, 4 * H), like.dtype, like=like), np.zeros(4 * H, like.dtype, like=like)
    for block, place in enumerate(BLOCKS):
        rows, columns = slice(block * H, (block + 1) * H), slice(place * H, (place + 1) * H)
        weight[:D, columns], weight[D:, columns] = weights.ih[rows].T, weights.hh[rows].T
        for b in (weights.bias_ih, weights.bias_hh):
            if b is not None:
                bias[columns] += b[rows]
    return weight, bias


def _unpacked(gradWeight: Any, gradBias: Any, weights: Weights) -> Weights:
    """Gradients in the order of the weights; both biases have the same."""
    H, D = weights.hh.shape[1], weights.ih.shape[1]
    given = Weights(*(None if w is None else np.empty_like(w) for w in weights))
    for block, place in enumerate(BLOCKS):
        rows, columns = slice(block * H, (block + 1) * H), slice(place * H, (place + 1) * H)
        given.ih[rows], given.hh[rows] = gradWeight[:D, columns].T, gradWeight[D:, columns].T
        for b in (given.bias_ih, given.bias_hh):
            if b is not None:
                b[rows] = gradBias[columns]
    return given


def _turned(x: Any, reverse: bool) -> Any:
    return arrays.dense(x[::-1]) if reverse else x


def lstm_sequence(x: Any, steps: int, state: tuple, weights: Weights, reverse: bool) -> tuple:
    """Output rows, last state, and what :func:`lstm_sequence_backward` needs; ``x`` has the rows of all steps."""
    N, H = state[0].shape
    inputs = _turned(thnn.contiguous(x).reshape(steps, N, -1), reverse)
    weight, bias = _packed(weights)
    h, c = (arrays.dense(s) for s in state)
    gates = np.empty(thnn.SeqLSTM_gates(steps, N, H, x.dtype), x.dtype, like=x)
    cell, output = np.empty((2, steps, N, H), x.dtype, like=x)
    thnn.SeqLSTM_updateOutput(inputs, weight, bias, h, c, gates, cell, output, False)
    kept = Sequence(inputs, h, c, weight, gates, cell, output, reverse)
    return _turned(output, reverse).reshape(steps * N, H), (output[-1].copy(), cell[-1].copy()), (x, kept)


def lstm_sequence_backward(x: Any, kept: Sequence, weights: Weights, gradOutput: Any, gradState: tuple) -> tuple:
    """Gradients by the rows of the input, by the first state, and by the weights."""
    steps, N, H = kept.output.shape
    g = _turned(thnn.contiguous(gradOutput).reshape(steps, N, H), kept.reverse)
    gx = np.empty(kept.x.shape, kept.x.dtype, like=kept.x)
    gates = kept.gates.copy()  # a second backward finds them as they were
    dh, dc = (s.copy(order="C") for s in gradState)
    thnn.SeqLSTM_updateGradInput(kept.weight, gates, kept.cell, kept.c, g, dh, dc, gx)
    gw, gb = np.zeros_like(kept.weight), np.zeros(4 * H, x.dtype, like=x)
    thnn.SeqLSTM_accGradParameters(kept.x, kept.h, kept.output, gates, gw, gb, 1)
    return _turned(gx, kept.reverse).reshape(x.shape), (dh, dc), _unpacked(gw, gb, weights)
