"""One direction of one recurrent layer over a packed sequence, forward and backward.

A packed sequence has the rows of all steps one after the other, ``sizes[t]`` of them at step t, fewer and fewer; the
state has as many rows as the first step, and a step changes the first ``sizes[t]`` of them. In reverse the steps go
the other way, and a sequence that is short joins later.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ... import thnn
from .linear import linear, linear_backward
from .lstm_sequence import Sequence, lstm_sequence, lstm_sequence_backward
from .recurrent_weights import Weights


class Step(NamedTuple):
    """What the backward of a step needs."""

    start: int
    h: Any
    c: Any
    gates: Any
    hidden: Any


def _lstm(a: Any, u: Any, h: Any, c: Any) -> tuple:
    kept, (y, cell) = np.empty((len(c), 5 * c.shape[1]), c.dtype, like=c), np.empty((2, *c.shape), c.dtype, like=c)
    if c.size:
        thnn.LSTMGates_updateOutput(*map(thnn.contiguous, (a, u, c)), kept, y, cell)
    return y, cell, kept


def _lstm_backward(step: Step, dh: Any, dc: Any) -> tuple:
    c = thnn.contiguous(step.c)
    da, by_c = np.empty((len(c), 4 * c.shape[1]), c.dtype, like=c), np.empty(c.shape, c.dtype, like=c)
    if c.size:
        thnn.LSTMGates_updateGradInput(step.gates, c, *map(thnn.contiguous, (dh, dc)), da, by_c)
    return da, da, None, by_c


def _gru(a: Any, u: Any, h: Any, c: Any) -> tuple:
    kept, y = np.empty((len(h), 4 * h.shape[1]), h.dtype, like=h), np.empty(h.shape, h.dtype, like=h)
    if y.size:
        thnn.GRUGates_updateOutput(*map(thnn.contiguous, (a, u, h)), kept, y)
    return y, None, kept


def _gru_backward(step: Step, dh: Any, dc: Any) -> tuple:
    h = thnn.contiguous(step.h)
    da, du = np.empty((2, len(h), 3 * h.shape[1]), h.dtype, like=h)
    direct = np.empty(h.shape, h.dtype, like=h)
    if h.size:
        thnn.GRUGates_updateGradInput(step.gates, h, thnn.contiguous(dh), da, du, direct)
    return da, du, direct, None


def _tanh(a: Any, u: Any, h: Any, c: Any) -> tuple:
    y = np.tanh(a + u)
    return y, None, (y,)


def _tanh_backward(step: Step, dh: Any, dc: Any) -> tuple:
    da = dh * (1 - step.gates[0] ** 2)
    return da, da, None, None


def _relu(a: Any, u: Any, h: Any, c: Any) -> tuple:
    y = np.maximum(a + u, 0)
    return y, None, (y,)


def _relu_backward(step: Step, dh: Any, dc: Any) -> tuple:
    da = dh * (step.gates[0] > 0)
    return da, da, None, None


#: kind -> a step from products with inputs and state, and its backward: gradients by both products, h and c
KINDS = {
    "LSTM": (_lstm, _lstm_backward),
    "GRU": (_gru, _gru_backward),
    "RNN_TANH": (_tanh, _tanh_backward),
    "RNN_RELU": (_relu, _relu_backward),
}


def _starts(sizes: Any, reverse: bool) -> list[tuple[int, int]]:
    """First row and number of rows of each step, in the order in which they are taken."""
    pairs = list(zip(np.cumsum([0, *sizes[:-1]]).tolist(), list(map(int, sizes))))
    return pairs[::-1] if reverse else pairs


def direction(kind: str, x: Any, sizes: Any, state: tuple, weights: Weights, reverse: bool) -> tuple:
    """Output rows, last state (h, c), and the steps for :func:`direction_backward`."""
    if kind == "LSTM" and weights.hr is None and len(sizes) > 1 and sizes[0] == sizes[-1] and x.size:
        return lstm_sequence(x, len(sizes), state, weights, reverse)
    forward, even = KINDS[kind][0], sizes[0] == sizes[-1]
    if kind in ("RNN_TANH", "RNN_RELU") and even and x.size and state[0].size:
        return _simple(kind, x, sizes, state[0], weights, reverse)
    h, c = state if even else (state[0].copy(), None if state[1] is None else state[1].copy())
    a = linear(x, weights.ih, weights.bias_ih)
    output, steps = np.empty((len(x), h.shape[1]), x.dtype, like=x), []
    for start, n in _starts(sizes, reverse):
        before = (h, c) if even else (h[:n].copy(), None if c is None else c[:n].copy())
        u = linear(before[0], weights.hh, weights.bias_hh)
        hidden, cell, gates = forward(a[start : start + n], u, *before)
        steps.append(Step(start, *before, gates, hidden))
        output[start : start + n] = after = hidden if weights.hr is None else linear(hidden, weights.hr)
        if even:  # every step has arrays of its own
            h, c = after, cell
            continue
        h[:n] = after
        if c is not None:
            c[:n] = cell
    return output, (h.copy(), c if c is None else c.copy()), (x, steps)


def _simple(kind: str, x: Any, sizes: Any, h: Any, weights: Weights, reverse: bool) -> tuple:
    """:func:`direction` of RNN where all steps have the same samples: each is computed where the output has it."""
    a, h = linear(x, weights.ih, weights.bias_ih), thnn.contiguous(h)
    output, steps = np.empty((len(x), h.shape[1]), x.dtype, like=x), []
    weight, bias = thnn.contiguous(weights.hh), thnn.contiguous(weights.bias_hh)
    for start, n in _starts(sizes, reverse):
        y = output[start : start + n]
        thnn.Linear_updateOutput(h, y, weight, bias)
        y += a[start : start + n]
        np.tanh(y, out=y) if kind == "RNN_TANH" else np.maximum(y, 0, out=y)
        steps.append(Step(start, h, None, (y,), None))
        h = y
    return output, (h.copy(), None), (x, steps)


def direction_backward(kind: str, kept: tuple, weights: Weights, gradOutput: Any, gradState: tuple) -> tuple:
    """Gradients by the rows of the input, by the first state (h, c), and by the weights, as :class:`Weights`."""
    x, steps = kept
    if isinstance(steps, Sequence):
        return lstm_sequence_backward(x, steps, weights, gradOutput, gradState)
    _, backward = KINDS[kind]
    rows = weights.ih.shape[0]
    da, du = np.empty((len(x), rows), x.dtype, like=x), np.empty((len(x), rows), x.dtype, like=x)
    states = np.empty((len(x), weights.hh.shape[1]), x.dtype, like=x)
    dh, dc = gradState[0].copy(), None if gradState[1] is None else gradState[1].copy()
    dhr = None if weights.hr is None else np.zeros_like(weights.hr)
    for step in reversed(steps):
        n, part = len(step.h), slice(step.start, step.start + len(step.h))
        g = dh[:n] + gradOutput[part]
        if weights.hr is not None:
            g, projected, _ = linear_backward(g, step.hidden, weights.hr)
            dhr += projected
        da[part], du[part], direct, by_c = backward(step, g, None if dc is None else dc[:n])
        states[part] = step.h
        needs = (True, False, False)
        dh[:n] = linear_backward(du[part], step.h, weights.hh, needs=needs)[0] + (0 if direct is None else direct)
        if dc is not None:
            dc[:n] = by_c
    gx, dih, dbias_ih = linear_backward(da, x, weights.ih, weights.bias_ih)
    _, dhh, dbias_hh = linear_backward(du, states, weights.hh, weights.bias_hh, needs=(False, True, True))
    return gx, (dh, dc), Weights(dih, dhh, dbias_ih, dbias_hh, dhr)
