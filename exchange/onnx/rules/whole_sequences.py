"""Layers of cudnn, and torch-rnn's relatives, over whole sequences."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..torchnn.lowering import lowered
from ..tracing import computed, named, rule, walk
from .recurrent import written


@walk("nnx.cudnn.rnn.RNN")
def of_cudnn(g: Graph, m: Any, x: Value) -> Value:
    """By the network of nn.pytorch that computes it, from states of zeros."""
    if m.hiddenInput is not None and not m.rememberStates:
        raise g.refuse(f"{m} with a first state that was set")
    y = computed(m, x)
    turned = named(g.op("Transpose", x, perm=[1, 0, 2]), _turned(x)) if m.batchFirst else x
    made = lowered(g, m._network(), turned)[0]
    return named(g.op("Transpose", made, perm=[1, 0, 2]) if m.batchFirst else made, y)


def _turned(x: Value) -> Value:
    return Value("", *(None if v is None else np.ascontiguousarray(v.swapaxes(0, 1)) for v in (x.array, x.other)))


@rule("nnx.torch_rnn.grid_gru.GRIDGRU")
def grid_gru(g: Graph, m: Any, x: Any, y: Value) -> str:
    """A GRU over time, whose update says how much is new, and one over depth at each step, written out."""
    *given, x = x if isinstance(x, list) else [x]
    D, H = m.input_dim, m.hidden_dim
    signs = np.ones(3 * H, m.weight.dtype)
    signs[:H] = -1
    time = SimpleNamespace(weight=m.weight, bias=m.bias, batchfirst=True)
    over_time = "GRU", H, m.weight[:, : 3 * H] * signs, m.bias[: 3 * H] * signs
    h = written(g, time, x, given, over_time)
    gates, state, V, b = (np.ascontiguousarray(v) for v in m._depth())
    names = ("gates", gates), ("state", state), ("depth", V)
    gates, state, V = (g.parameter(f"weight_{n}", v, m.weight) for n, v in names)
    a = g.op("Add", g.op("MatMul", h, V), g.parameter("bias_depth", b, m.bias))
    both = g.op("Sigmoid", g.op("Add", g.slice(a, 2, 0, 2 * D), g.op("MatMul", x, gates)))
    v, q = g.slice(both, 2, 0, D), g.slice(both, 2, D, 2 * D)
    n = g.op("Tanh", g.op("Add", g.slice(a, 2, 2 * D, 3 * D), g.op("MatMul", g.op("Mul", q, x), state)))
    return g.op("Add", x, g.op("Mul", v, g.op("Sub", n, x)))
