"""LSTM, GRU and RNN with directions, states and last states, by the layers of nn.pytorch."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
import nn.pytorch as tnn
import rnn  # noqa: F401 - SeqGRU

from .operators import Operation, Read, fill

#: PyTorch's blocks of rows among ONNX's: i, f, g, o of i, o, f, c; r, z, n of z, r, h.
BLOCKS = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
PLAIN = {"LSTM": ["sigmoid", "tanh", "tanh"], "GRU": ["sigmoid", "tanh"], "RNN": ["tanh"]}


class Sequence(tnn.Module):
    """A layer with ONNX's inputs x, h0, c0 and outputs Y (T, directions, N, H), Y_h and Y_c (directions, N, H)."""

    def __init__(self, layer: Any, direction: str, given: list[str], layout: int) -> None:
        super().__init__()
        self.layer, self.direction, self.given, self.layout = layer, direction, given, layout

    def forward(self, x: Any, *states: Any) -> Any:
        held = dict(zip(self.given, states))
        x = x.swapaxes(0, 1) if self.layout else x
        x = x[::-1] if self.direction == "reverse" else x
        first = [held.get(name) for name in ("h", "c")]
        first = [s.swapaxes(0, 1) if s is not None and self.layout else s for s in first]
        lstm, n = self.layer.mode == "LSTM", 1 + self.layer.bidirectional
        if not states:
            output, last = self.layer(x)
        elif lstm:
            like = next(s for s in first if s is not None)
            output, last = self.layer(x, tuple(0 * like if s is None else s for s in first))
        else:
            output, last = self.layer(x, first[0])
        output = output[::-1] if self.direction == "reverse" else output
        T, N, _ = output.shape
        Y = np.transpose(output.reshape(T, N, n, -1), (0, 2, 1, 3))
        ends = list(last) if lstm else [last]
        if self.layout:
            Y, ends = np.transpose(Y, (2, 0, 1, 3)), [s.swapaxes(0, 1) for s in ends]
        return (Y, *ends)

    def extra_repr(self) -> str:
        return self.direction


def sequence(o: Operation) -> Read:
    """``NotReadable`` for peepholes, clipping, other activations and lengths."""
    kind, H = o.node.op_type, o.get("hidden_size")
    W, R, B = o.constant(1), o.constant(2), o.constant(3)
    _refuse(o, kind)
    if kind == "GRU" and not o.get("linear_before_reset", 0):
        return reset_first(o, W, R, B)
    direction = o.get("direction", "forward")
    settings = {"bias": B is not None, "bidirectional": direction == "bidirectional"}
    if kind == "RNN":
        settings["nonlinearity"] = _activations(o, kind)[0].lower()
    layer = getattr(tnn, kind)(W.shape[2], H, **settings)
    rows = np.concatenate([np.arange(b * H, (b + 1) * H) for b in BLOCKS[kind]])
    for d, end in enumerate(("", "_reverse")[: len(W)]):
        tensors = {"weight_ih": W[d][rows], "weight_hh": R[d][rows]}
        if B is not None:
            count = len(rows)
            tensors |= {"bias_ih": B[d][:count][rows], "bias_hh": B[d][count:][rows]}
        for name, x in tensors.items():
            getattr(layer, f"{name}_l0{end}").data = x
    parts, names, given = first_states(o)
    whole = f"{o.output or o.node.name}:all"
    module = Sequence(layer, direction, given, o.get("layout", 0)).as_nn()
    outputs = [(name, [nn.SelectTable(i + 1)], [whole]) for i, name in enumerate(o.node.output) if name]
    return [*parts, (whole, [module], names), *outputs]


def first_states(o: Operation) -> tuple[Read, list[str], list[str]]:
    """Constants among the first states, the names of all inputs, and which states they are; zeros need none."""
    parts: Read = []
    names, given = [o.inputs[0]], []
    for letter, i in (("h", 5), ("c", 6)):
        if i >= len(o.inputs) or not o.inputs[i] or o.is_zero(i):
            continue
        if o.inputs[i] in o.spread:
            raise o.refuse("a first state that is repeated over the batch")
        given.append(letter)
        names.append(f"{o.output}:{letter}" if o.is_constant(i) else o.inputs[i])
        if o.is_constant(i):
            parts.append((names[-1], [nn.Constant(o.constants[o.inputs[i]])], o.inputs[:1]))
    return parts, names, given


def _activations(o: Operation, kind: str) -> list[str]:
    count = 2 if o.get("direction", "forward") == "bidirectional" else 1
    found = [a.decode() if isinstance(a, bytes) else a for a in o.get("activations") or PLAIN[kind] * count]
    if count == 2 and [a.lower() for a in found[: len(found) // 2]] != [a.lower() for a in found[len(found) // 2 :]]:
        raise o.refuse("other activations in each direction")
    return found[: len(PLAIN[kind])]


def _refuse(o: Operation, kind: str) -> None:
    activations = [a.lower() for a in _activations(o, kind)]
    plain = activations == PLAIN[kind] or (kind == "RNN" and activations == ["relu"])
    if not plain or "clip" in o.attributes or o.get("input_forget", 0):
        raise o.refuse("clipping or other activations")
    if len(o.inputs) > 4 and o.inputs[4]:
        T = o.shape()[1 if o.get("layout", 0) else 0]
        if not o.is_constant(4) or T is None or (o.constant(4) != T).any():
            raise o.refuse("lengths of sequences")
    if len(o.inputs) > 7 and o.inputs[7] and not o.is_zero(7):
        raise o.refuse("peepholes")


def reset_first(o: Operation, W: Any, R: Any, B: Any) -> Read:
    """A GRU whose state is reset in front of its product: SeqGRU of rnn, one for each direction."""
    if o.get("layout", 0):
        raise o.refuse("the batch in front")
    direction, parts, ends = o.get("direction", "forward"), [], []
    state = o.inputs[5] if len(o.inputs) > 5 and o.inputs[5] and not o.is_zero(5) else ""
    if state in o.constants:
        raise o.refuse("a constant first state")
    for d in range(len(W)):
        backwards = direction == "reverse" or d == 1
        name, x = f"{o.output or o.node.name}:{d}", o.inputs[0]
        if backwards:
            parts.append((f"{name}x", [nn.SeqReverseSequence(1)], [x]))
            x = f"{name}x"
        if state:
            parts.append((f"{name}h", [nn.Select(1, d + 1)], [state]))
        layer = seq_gru(W[d], R[d], None if B is None else B[d])
        parts.append((f"{name}y", [layer], [f"{name}h", x] if state else [x]))
        parts.append((f"{name}e", [nn.Select(1, -1), nn.Replicate(1, 1)], [f"{name}y"]))
        ends.append(f"{name}e")
        turned = [nn.SeqReverseSequence(1)] if backwards else []
        parts.append((name, [*turned, nn.Replicate(1, 2)], [f"{name}y"]))
    names = [end.removesuffix("e") for end in ends]
    for output, axis, given in zip(o.node.output, (2, 1), (names, ends)):
        if output:
            join = nn.JoinTable(axis) if len(given) > 1 else nn.Identity()
            parts.append((output, [join], given))
    return parts


def seq_gru(W: np.ndarray, R: np.ndarray, B: np.ndarray | None) -> nn.Module:
    """SeqGRU with the rows of one direction: r, u, n of z, r, h."""
    H = R.shape[1]
    rows = np.concatenate([np.arange(b * H, (b + 1) * H) for b in BLOCKS["GRU"]])
    bias = np.zeros(3 * H) if B is None else B[: 3 * H] + B[3 * H :]
    weight = np.concatenate([W[rows], R[rows]], 1).T
    return fill(nn.SeqGRU(W.shape[1], H), weight=weight, bias=bias[rows])
