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
from ..tracing import computed, kind_of, named, rule, trace, walk

#: Blocks of rows in ONNX, by their places in the columns of Torch's weights: i, f, o, g and r, u, n.
BLOCKS = {"LSTM": (0, 2, 1, 3), "GRU": (1, 0, 2)}


@rule("SeqLSTM", "nnx.torch_rnn.lstm.LSTM")
def seq_lstm(g: Graph, m: Any, x: Value, y: Value) -> str:
    return sequence(g, m, x, "LSTM", m.hiddensize)


@rule("SeqGRU")
def seq_gru(g: Graph, m: Any, x: Value, y: Value) -> str:
    return sequence(g, m, x, "GRU", m.outputSize)


def sequence(g: Graph, m: Any, x: Any, kind: str, H: int) -> str:
    """Given states come in front of the input, the last ones of those that there are."""
    if m.maskzero:
        return stepwise(g, m, x)
    *given, x = x if isinstance(x, list) else [x]
    columns = np.concatenate([np.arange(b * H, (b + 1) * H) for b in BLOCKS[kind]])
    return written(g, m, x, given, (kind, H, m.weight[:, columns], m.bias[columns]))


def written(g: Graph, m: Any, x: Value, given: list, what: tuple) -> str:
    """ONNX's operator; ``what``: its name, the size of a state, weight (inputs + H) x rows and bias in its blocks."""
    kind, H, weight, bias = what
    inputs, weight, bias = weight.shape[0] - H, weight.T[None], bias[None]
    bias = np.concatenate([bias, np.zeros_like(bias)], 1)
    parameters = (
        g.parameter("weight", weight[:, :, :inputs], m.weight),
        g.parameter("recurrence", weight[:, :, inputs:], m.weight),
        g.parameter("bias", bias, m.bias),
    )
    states = [g.op("Unsqueeze", h, g.integers(0)) for h in given[::-1]]
    if kind == "LSTM" and len(states) == 1:
        states.append(g.op("Unsqueeze", zeros(g, given[-1], H), g.integers(0)))
    name = g.op("Transpose", x, perm=[1, 0, 2]) if m.batchfirst else x
    sequences = "", *states
    result = g.op(kind, name, *parameters, *(sequences if states else ()), hidden_size=H)
    result = g.op("Squeeze", result, g.integers(1))
    return g.op("Transpose", result, perm=[1, 0, 2]) if m.batchfirst else result


@rule("SeqLSTMP")
def projected_sequence(g: Graph, m: Any, x: Any, y: Value) -> str:
    """ONNX's LSTM has no projection."""
    return stepwise(g, m, x)


def stepwise(g: Graph, m: Any, x: Any) -> str:
    """A sequence unrolled; with ``maskzero`` samples of zeros make zeros, of output and states."""
    *given, x = x if isinstance(x, list) else [x]
    axis, gru = 1 if m.batchfirst else 0, kind_of(m) == "SeqGRU"
    if x.sizes[axis] is None:
        raise g.refuse(f"{m} of a number of steps that follows the batch")
    first = Value("", x.array.take(0, axis), None if x.other is None else x.other.take(0, axis))
    first.name = g.op("Gather", x, g.constant(0, np.int64), axis=axis)
    H = m.outputSize if gru else m.hiddensize
    widths = [H] if gru else [H, m.weightO.shape[1] if hasattr(m, "weightO") else H]
    states = [zeros(g, first, n) for n in widths[: len(widths) - len(given)]] + given
    rows = []
    for t in range(x.shape[axis]):
        step = g.op("Gather", x, g.constant(t, np.int64), axis=axis)
        states = (_gru_step if gru else _lstm_step)(g, m, H, step, states)
        if m.maskzero:
            there = g.op("Greater", g.reduce("ReduceMax", g.op("Abs", step), 1), 0)
            states = [g.op("Where", there, s, 0) for s in states]
        rows.append(g.op("Unsqueeze", states[-1], g.integers(axis)))
    return g.op("Concat", *rows, axis=axis)


def _lstm_step(g: Graph, m: Any, H: int, x: str, states: list) -> list:
    """Blocks of columns are i, f, o, g."""
    c, h = states
    weight, bias = (g.parameter(n, getattr(m, n)) for n in ("weight", "bias"))
    total = g.op("Gemm", g.op("Concat", x, h, axis=1), weight, bias)
    i, f, o, n = (g.slice(total, 1, k * H, (k + 1) * H) for k in range(4))
    i, f, o = (g.op("Sigmoid", gate) for gate in (i, f, o))
    c = g.op("Add", g.op("Mul", f, c), g.op("Mul", i, g.op("Tanh", n)))
    h = g.op("Mul", o, g.op("Tanh", c))
    return [c, g.op("Gemm", h, g.parameter("weightO", m.weightO)) if hasattr(m, "weightO") else h]


def _gru_step(g: Graph, m: Any, H: int, x: str, states: list) -> list:
    """Blocks of columns are r, u, n; the state is reset in front of its product."""
    (h,) = states
    gates, new = (
        (g.parameter(f"weight_{k}", np.ascontiguousarray(m.weight[:, part]), m.weight),
         g.parameter(f"bias_{k}", np.ascontiguousarray(m.bias[part]), m.bias))
        for k, part in (("gates", slice(0, 2 * H)), ("new", slice(2 * H, 3 * H)))
    )  # fmt: skip
    both = g.op("Sigmoid", g.op("Gemm", g.op("Concat", x, h, axis=1), *gates))
    r, u = (g.slice(both, 1, k * H, (k + 1) * H) for k in range(2))
    n = g.op("Tanh", g.op("Gemm", g.op("Concat", x, g.op("Mul", r, h), axis=1), *new))
    return [g.op("Add", n, g.op("Mul", u, g.op("Sub", h, n)))]


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
    return named(g.zeros(g.op("Concat", front, g.integers(size), axis=0)), value)


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


@walk("BiSequencerLM")
def language_model(g: Graph, m: Any, x: list) -> list:
    """Zeros stand for what the first and the last step do not see."""
    forward, backward = trace(g, m._fwd, x[:-1], "fwd"), trace(g, m._bwd, x[1:], "bwd")
    if isinstance(forward[0], list) or isinstance(backward[0], list):
        raise g.refuse(f"{m} of tables")
    first, last = (zeros(g, v, v.shape[-1]) for v in (forward[0], backward[-1]))
    return trace(g, m._merge, [[first, *forward], [*backward, last]], "merge")
