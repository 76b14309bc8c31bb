"""Recurrent layers by ONNX's operators, forwards always: the other direction is the sequence turned round.

Runtimes read ``direction``, ``activations`` and ``layout`` differently, or not at all; what needs them is unrolled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from .registry import layer, parameters

#: Blocks of rows in ONNX's order: input, output, forget, cell; update, reset, new.
BLOCKS = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN_TANH": (0,)}


class Layer:
    """One direction of one layer: its parameters and states."""

    def __init__(self, g: Graph, m: Any, suffix: str) -> None:
        self.g, self.m, self.suffix = g, m, suffix

    def array(self, name: str) -> np.ndarray | None:
        found = self.m._parameters.get(f"{name}{self.suffix}")
        return None if found is None else np.asarray(found.data)

    def blocks(self, name: str, rows: int) -> np.ndarray:
        x = self.array(name)
        x = np.zeros(rows, np.float32) if x is None else x
        H = self.m.hidden_size
        return np.concatenate([x[b * H : (b + 1) * H] for b in BLOCKS[self.m.mode]])

    def operator(self, x: str, state: list) -> list[str]:
        """ONNX's operator over a sequence (T, N, D): outputs (T, N, H) and last states (1, N, H)."""
        g, m = self.g, self.m
        rows = len(self.array("weight_ih"))  # type: ignore[arg-type]
        W, R = (self.stored(n, self.blocks(n, rows)[None]) for n in ("weight_ih", "weight_hh"))
        biases = np.concatenate([self.blocks(n, rows) for n in ("bias_ih", "bias_hh")])[None]
        B = self.stored("bias_ih", biases) if m.bias else ""
        given = [B, "", *state] if state else [B] if m.bias else []
        lstm = m.mode == "LSTM"
        more = {"linear_before_reset": 1} if m.mode == "GRU" else {}
        made = g.op(m.mode.partition("_")[0], x, W, R, *given, outputs=2 + lstm, hidden_size=m.hidden_size, **more)
        return [g.op("Squeeze", made[0], g.integers(1)), *made[1:]]

    def stored(self, name: str, x: np.ndarray) -> str:
        return self.g.parameter(f"{name}{self.suffix}", x, self.m._parameters[f"{name}{self.suffix}"])

    def step(self, x: Any, h: Any, c: Any) -> tuple[str, Any]:
        """One step (N, D) by single operations."""
        g, m = self.g, self.m
        W, R, b, d, P = parameters(
            g, m, *(f"{n}{self.suffix}" for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"))
        )
        a = g.op("Gemm", x, W, *([] if b is None else [b]), transB=1)
        u = g.op("Gemm", h, R, *([] if d is None else [d]), transB=1)
        if m.mode.startswith("RNN"):
            return g.op("Tanh" if m.mode == "RNN_TANH" else "Relu", g.op("Add", a, u)), None
        if m.mode == "GRU":
            return self._gru(a, u, h), None
        h, c = self._lstm(g.op("Add", a, u), c)
        return (h if P is None else g.op("Gemm", h, P, transB=1)), c

    def _parts(self, name: str, count: int) -> list[str]:
        H = self.m.hidden_size
        return [self.g.slice(name, 1, i * H, (i + 1) * H) for i in range(count)]

    def _gru(self, a: str, u: str, h: Any) -> str:
        g = self.g
        (ar, az, an), (ur, uz, un) = self._parts(a, 3), self._parts(u, 3)
        r, z = (g.op("Sigmoid", g.op("Add", *pair)) for pair in ((ar, ur), (az, uz)))
        n = g.op("Tanh", g.op("Add", an, g.op("Mul", r, un)))
        return g.op("Add", n, g.op("Mul", z, g.op("Sub", h, n)))

    def _lstm(self, total: str, c: Any) -> tuple[str, str]:
        g = self.g
        i, f, n, o = self._parts(total, 4)
        i, f, o = (g.op("Sigmoid", gate) for gate in (i, f, o))
        c = g.op("Add", g.op("Mul", f, c), g.op("Mul", i, g.op("Tanh", n)))
        return g.op("Mul", o, g.op("Tanh", c)), c


def _backwards(g: Graph, x: str) -> str:
    return g.op("Slice", x, *(g.integers(n) for n in (-1, -(2**31), 0, -1)))


def _zeros(g: Graph, x: Value, axis: int, size: int) -> str:
    """A state (N, size) of zeros for the samples along an axis of ``x``."""
    if x.sizes[axis] is not None:
        return g.constant(np.zeros((x.shape[axis], size)))
    samples = g.op("Slice", g.op("Shape", x), g.integers(axis), g.integers(axis + 1))
    return g.zeros(g.op("Concat", samples, g.integers(size), axis=0))


@layer("RNN", "LSTM", "GRU")
def recurrent(g: Graph, m: Any, x: list, y: Any) -> list:
    """Output and last states of all layers and directions."""
    value, given = x[0], x[1] if len(x) > 1 else None
    lstm, first = m.mode == "LSTM", m.batch_first
    states = list(given) if lstm and given is not None else [given] * (given is not None)
    if value.ndim == 2:  # one sequence: a batch of one
        whole, ends = recurrent_batch(g, m, _one(g, value, 1), [_one(g, s, 1) for s in states], False)
        parts = [g.op("Squeeze", v, g.integers(1)) for v in (whole, *ends)]
        return [parts[0], parts[1:] if lstm else parts[1]]
    output, ends = recurrent_batch(g, m, value, states, first)
    return [output, ends if lstm else ends[0]]


def _one(g: Graph, x: Value, axis: int) -> Value:
    """A batch of one along a new axis."""
    other = None if x.other is None else np.expand_dims(x.other, axis)
    return Value(g.op("Unsqueeze", x, g.integers(axis)), np.expand_dims(x.array, axis), other)


def recurrent_batch(g: Graph, m: Any, value: Value, states: list, first: bool) -> tuple[str, list]:
    """The output and the last states, one or two."""
    sequence: Any = g.op("Transpose", value, perm=[1, 0, 2]) if first else value.name
    steps, last, k = value.sizes[1 if first else 0], [], 0
    for number in range(m.num_layers):
        outputs = []
        for end in ("", "_reverse")[: 1 + m.bidirectional]:
            own = [g.slice(s, 0, k, k + 1) for s in states]
            source = _backwards(g, sequence) if end else sequence
            part = Layer(g, m, f"_l{number}{end}")
            simple = m.mode != "RNN_RELU" and not m.proj_size
            made = part.operator(source, own) if simple else _unrolled(part, source, own, steps, value, first)
            outputs.append(_backwards(g, made[0]) if end else made[0])
            last.append(made[1:])
            k += 1
        sequence = g.op("Concat", *outputs, axis=2) if m.bidirectional else outputs[0]
    ends = [g.op("Concat", *parts, axis=0) if len(parts) > 1 else parts[0] for parts in zip(*last)]
    return g.op("Transpose", sequence, perm=[1, 0, 2]) if first else sequence, ends


def _unrolled(part: Layer, source: Any, own: list, steps: int | None, value: Value, first: bool) -> list:
    g, m = part.g, part.m
    if steps is None:
        raise g.refuse(f"{type(m).__name__} that is unrolled over a number of steps that follows the batch")
    axis, widths = 0 if first else 1, [m._width(), m.hidden_size]
    if own:
        states: list = [g.op("Squeeze", s, g.integers(0)) for s in own]
    else:
        states = [_zeros(g, value, axis, w) for w in widths[: 1 + (m.mode == "LSTM")]]
    h, c = (*states, None)[:2]
    rows = []
    for t in range(steps):
        h, c = part.step(g.op("Gather", source, g.constant(t, np.int64), axis=0), h, c)
        rows.append(g.op("Unsqueeze", h, g.integers(0)))
    ends = [g.op("Unsqueeze", s, g.integers(0)) for s in (h, c) if s is not None]
    return [g.op("Concat", *rows, axis=0), *ends]


@layer("RNNCell", "LSTMCell", "GRUCell")
def cell(g: Graph, m: Any, x: list, y: Any) -> Any:
    value, given = x[0], x[1] if len(x) > 1 else None
    lstm = m.mode == "LSTM"
    if value.ndim == 1:
        states = [] if given is None else [_one(g, s, 0) for s in (given if lstm else [given])]
        made = cell(g, m, [_one(g, value, 0), *([states if lstm else states[0]] if states else [])], y)
        parts = [g.op("Squeeze", v, g.integers(0)) for v in (made if lstm else [made])]
        return parts if lstm else parts[0]
    if given is None:
        h = _zeros(g, value, 0, m.hidden_size)
        c = h if lstm else None
    else:
        h, c = given if lstm else (given, None)
    h, c = Layer(g, m, "").step(value, h, c)
    return [h, c] if lstm else h
