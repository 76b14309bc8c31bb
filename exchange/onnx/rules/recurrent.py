"""Recurrent modules: whole sequences by ONNX's LSTM and GRU, cells step by step by the network of their step.

ONNX's own LSTM with peepholes, other activations or a direction is read differently by different runtimes, so that
cells are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn

from ..graph import Graph, Value
from ..tracing import computed, named, rule, trace, walk

#: Blocks of rows in ONNX, by their places in the columns of Torch's weights: i, f, o, g and r, u, n.
BLOCKS = {"LSTM": (0, 2, 1, 3), "GRU": (1, 0, 2)}


@rule("SeqLSTM")
def seq_lstm(g: Graph, m: Any, x: Value, y: Value) -> str:
    return sequence(g, m, x, "LSTM", m.hiddensize)


@rule("SeqGRU")
def seq_gru(g: Graph, m: Any, x: Value, y: Value) -> str:
    return sequence(g, m, x, "GRU", m.outputSize)


def sequence(g: Graph, m: Any, x: Value, kind: str, H: int) -> str:
    if isinstance(x, list) or m.maskzero or type(m).__name__ not in ("SeqLSTM", "SeqGRU"):
        raise g.refuse(f"{m} with given states, masks or projections")
    blocks = BLOCKS[kind]
    columns = np.concatenate([np.arange(b * H, (b + 1) * H) for b in blocks])
    inputs = m.weight.shape[0] - H
    weight, bias = m.weight[:, columns].T[None], m.bias[columns][None]
    bias = np.concatenate([bias, np.zeros_like(bias)], 1)
    parameters = (
        g.parameter("weight", weight[:, :, :inputs], m.weight),
        g.parameter("recurrence", weight[:, :, inputs:], m.weight),
        g.parameter("bias", bias, m.bias),
    )
    name = g.op("Transpose", x, perm=[1, 0, 2]) if m.batchfirst else x
    result = g.op("Squeeze", g.op(kind, name, *parameters, hidden_size=H), g.integers(1))
    return g.op("Transpose", result, perm=[1, 0, 2]) if m.batchfirst else result


@walk("LSTM", "FastLSTM")
def lstm_step(g: Graph, m: Any, x: Value) -> Value:
    hidden = g.states.get(id(m)) or [zeros(g, x, m.outputSize), zeros(g, x, m.outputSize)]
    g.states[id(m)] = state = trace(g, m.recurrentModule, [x, *hidden], "step")
    return state[0]


@walk("GRU", "MuFuRu")
def gru_step(g: Graph, m: Any, x: Value) -> Value:
    hidden = g.states.get(id(m)) or [zeros(g, x, m.outputSize)]
    y = trace(g, m.recurrentModule, [x, *hidden], "step")
    g.states[id(m)] = [y]
    return y


@walk("Recurrence")
def recurrence_step(g: Graph, m: Any, x: Any) -> Value:
    if len(m.outputSize) != 1 or not isinstance(m.outputSize[0], int):
        raise g.refuse(f"{m} whose output is no vector")
    first = x[0] if isinstance(x, list) else x
    (previous,) = g.states.get(id(m)) or [zeros(g, first, m.outputSize[0])]
    y = trace(g, m.recurrentModule, [x, previous], "step")
    g.states[id(m)] = [y]
    return y


@walk("Recurrent")
def recurrent_step(g: Graph, m: Any, x: Value) -> Value:
    held = g.states.get(id(m))
    y = trace(g, m.recurrentModule, [x, *held], "step") if held else trace(g, m.initialModule, x, "first")
    g.states[id(m)] = [y]
    return y


def zeros(g: Graph, x: Value, size: int) -> Value:
    """A state for the samples of ``x``: vectors of zeros."""

    def like(v: np.ndarray) -> np.ndarray:
        return np.zeros((*v.shape[:-1], size), np.float32)

    value = Value("", like(x.array), None if x.other is None else like(x.other))
    if None not in value.sizes:
        return named(g.constant(value.array), value)
    front = g.op("Slice", g.op("Shape", x), g.integers(0), g.integers(x.ndim - 1))
    return named(g.op("ConstantOfShape", g.op("Concat", front, g.integers(size), axis=0)), value)


class States:
    """The steps of a sequence, from states of zeros."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def steps(self, module: nn.Module, inputs: Sequence[Any]) -> list:
        outer, self.graph.states = self.graph.states, {}
        try:
            return [trace(self.graph, module, x) for x in inputs]
        finally:
            self.graph.states = outer


@walk("Recursor")
def recursor(g: Graph, m: Any, x: Any) -> Any:
    return trace(g, m.recurrentModule, x, 1)


@walk("BiSequencer")
def both_ways(g: Graph, m: Any, x: list) -> list:
    return trace(g, m.module, x, 1)


@walk("SeqReverseSequence")
def reversed_sequence(g: Graph, m: Any, x: Value) -> Value:
    """One Slice backwards."""
    y = computed(m, x)
    (axis,) = [m.dim - 1]
    backwards = (g.integers(i) for i in (-1, -(2**31), axis, -1))
    return named(g.op("Slice", x, *backwards), y)


@rule("SAdd")
def sadd(g: Graph, m: Any, x: Value, y: Value) -> str:
    total = g.op("Add", x, m.addend)
    return g.op("Neg", total) if m.negate else total
