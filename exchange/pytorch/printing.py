"""A network as the text of a PyTorch module, ``model.py``, and its numbers."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

import nn
from torch7.onnx import NotExportable

from ..onnx.exporting import traced
from ..onnx.graph import Graph, Value
from .expressions import EXPRESSIONS, literal

HEAD = '''"""{title}, written by torch7. Weights: a file of their own, by the names of the parameters."""

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """Input: {inputs}; output: {outputs} (sizes of the example)."""

    def __init__(self):
        super().__init__()
'''


#: Operators whose inputs behind the first are settings, which stand in the text.
SETTINGS = {"Reshape", "Expand", "Unsqueeze", "Squeeze", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "Slice"}
SETTINGS |= {"Pad", "Clip", "TopK"}
#: Operators whose inputs are tensors, also where they are of one element.
OF_TENSORS = {"BatchNormalization", "InstanceNormalization", "LayerNormalization", "Conv", "ConvTranspose", "Gemm"}
OF_TENSORS |= {"MatMul", "Concat", "Gather", "ScatterElements", "GatherElements", "Where", "Expand", "Reshape"}


def member_name(place: str) -> str:
    """The attribute of a parameter at a place: ``p3_1_weight`` for ``3.1.weight``."""
    own = place.replace(".", "_")
    return f"p{own}" if own[0].isdigit() or keyword.iskeyword(own) else own


@dataclass
class Program:
    """The text of a module ``Net`` and the numbers of its state_dict; ``own`` are those of the network's parameters."""

    text: str = ""
    state: dict[str, np.ndarray] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)


def program(net: nn.Module, input: Any) -> Program:
    """``net`` in PyTorch's words, as it computes ``input``, an example, in evaluation; dropout also in training."""
    graph, inputs, outputs = traced(net, input, training=True)
    return Printer(graph).write(net, inputs, outputs)


class Printer:
    """Writes the nodes of a graph, one line each."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.made = graph, Program()
        self.constants = {name: numpy_helper.to_array(c) for name, c in graph.constants.items()}
        self.paths = {path for _, path in graph.parameters.values()}
        #: What stands for each value in the text, and for sizes that follow an input.
        self.names: dict[str, str] = {}
        self.sizes: dict[str, str] = {}
        self.members: list[str] = []
        self.count = 0
        for name, x in self.constants.items():
            if name in self.paths:
                self._member(name, x)
                self.made.own.add(self.names[name].removeprefix("self."))

    def _member(self, name: str, x: np.ndarray) -> None:
        """A parameter, or a buffer for what is not trained."""
        own = member_name(name.removeprefix("net."))
        trained = name in self.paths and not name.endswith(("running_mean", "running_var"))
        shape = ", ".join(map(str, x.shape))
        kind = {"i": ", dtype=torch.int64", "b": ", dtype=torch.bool"}.get(x.dtype.kind, "")
        value = f"torch.empty({shape or '()'}{kind})"
        line = f"self.{own} = nn.Parameter({value})" if trained else f'self.register_buffer("{own}", {value})'
        self.members.append(line)
        self.names[name] = f"self.{own}"
        self.made.state[own] = np.ascontiguousarray(x).reshape(x.shape)

    def write(self, net: nn.Module, inputs: Any, outputs: Any) -> Program:
        arguments = self.arguments = [v.name for v in _flat(inputs)]
        self.names |= {name: name for name in arguments}
        lines = [line for node in self.graph.nodes for line in self._line(node)]
        result = self._nested(outputs)
        head = HEAD.format(title=type(net).__name__, inputs=_sizes(inputs), outputs=_sizes(outputs))
        body = [*(f"        {line}" for line in self.members or ["pass"]), ""]
        body += [f"    def forward(self, {', '.join(arguments)}):", *(f"        {line}" for line in lines)]
        self.made.text = head + "\n".join([*body, f"        return {result}", ""])
        return self.made

    def _line(self, node: onnx.NodeProto) -> list[str]:
        constants = [self.constants.get(name) for name in node.input]
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in SEQUENCES:
            return self._sequence(node, attributes)
        if (lines := self._of_sizes(node)) is not None:
            return lines
        if node.op_type not in EXPRESSIONS:
            raise NotExportable(f"{node.op_type} ({node.name}) has no form in PyTorch here")
        read = node.input[:1] if node.op_type in SETTINGS else node.input
        names = [self._name(name, node.op_type in OF_TENSORS) if name else "" for name in read]
        expression = EXPRESSIONS[node.op_type](
            node.op_type, names, attributes | {"outputs": len(node.output)}, constants
        )
        if len(node.output) == 1:
            return self._assign(node.output[0], expression, node.op_type == "Identity")
        made = [self._new(name) for name in node.output]
        return [f"{', '.join(made)} = {expression}"]

    def _new(self, output: str) -> str:
        self.count += 1
        self.names[output] = f"x{self.count}"
        return self.names[output]

    def _assign(self, output: str, expression: str, alias: bool = False) -> list[str]:
        if alias:
            self.names[output] = expression
            return []
        self.count += 1
        own = self.names[output] = f"x{self.count}"
        place = output.partition("/")[0].removeprefix("net").lstrip(".")
        return [f"{own} = {expression}" + (f"  # {place}" if place else "")]

    def _name(self, name: str, tensor: bool = False) -> str:
        """What stands for a value; single numbers stand in the text, unless a tensor is needed."""
        if name not in self.names:
            x = self.constants[name]
            text = None if tensor else literal(x)
            if text is not None:
                return text
            self._member(name, x)
        return self.names[name]

    # -- sizes that follow an input

    def _of_sizes(self, node: onnx.NodeProto) -> list[str] | None:
        """Nodes that compute sizes, or take them; None for all others."""
        kind, output = node.op_type, node.output[0]
        if kind == "Shape":
            self.sizes[output] = f"{self._name(node.input[0])}.shape"
        elif kind == "Slice" and node.input[0] in self.sizes:
            start, end = (int(self.constants[name][0]) for name in node.input[1:3])
            self.sizes[output] = f"{self.sizes[node.input[0]]}[{start or ''}:{end}]"
        elif kind == "Concat" and any(name in self.sizes for name in node.input):
            parts = [
                f"*{self.sizes[n]}" if n in self.sizes else ", ".join(map(str, self.constants[n])) for n in node.input
            ]
            self.sizes[output] = f"({', '.join(parts)})"
        elif kind == "ConstantOfShape":
            return self._assign(output, f"torch.zeros({self.sizes[node.input[0]]}, device={self._device()})")
        elif kind == "Expand" and node.input[1] in self.sizes:
            return self._assign(output, f"{self._name(node.input[0])}.expand({self.sizes[node.input[1]]})")
        else:
            return None
        return []

    def _device(self) -> str:
        return f"{self.arguments[0]}.device"

    # -- whole sequences

    def _sequence(self, node: onnx.NodeProto, attributes: dict) -> list[str]:
        """One loop over time, by the blocks of rows as ONNX has them; outputs, last states."""
        kind, hidden = node.op_type, attributes["hidden_size"]
        x, W, R = (self._name(name) for name in node.input[:3])
        inputs = [*node.input, *[""] * 7]
        B = self._name(inputs[3]) if inputs[3] else None
        zeros = f"{x}.new_zeros({x}.shape[1], {hidden})"
        h, c = (f"{self._name(name)}[0]" if name else zeros for name in inputs[5:7])
        outputs = [self._new(name) for name in node.output]
        gates = SEQUENCES[kind](W, R, B, hidden, attributes.get("linear_before_reset", 0))
        ends = zip(outputs[1:], ("h", "c"))
        return [
            f"h = {h}",
            *([f"c = {c}"] if kind == "LSTM" else []),
            f"{outputs[0]} = []",
            f"for step in {x}:",
            *(f"    {line}" for line in gates),
            f"    {outputs[0]}.append(h)",
            f"{outputs[0]} = torch.stack({outputs[0]}).unsqueeze(1)",
            *(f"{name} = {state}.unsqueeze(0)" for name, state in ends),
        ]

    def _nested(self, x: Any) -> str:
        return f"[{', '.join(self._nested(v) for v in x)}]" if isinstance(x, list) else self._name(x.name, True)


def _biased(B: str | None, start: int, end: int) -> str:
    return "" if B is None else f" + {B}[0, {start or ''}{' ' if start else ''}: {end}]"


def _LSTM(W: str, R: str, B: str | None, H: int, after: int) -> list[str]:
    return [
        f"gates = step @ {W}[0].T + h @ {R}[0].T{_biased(B, 0, 4 * H)}{_biased(B, 4 * H, 8 * H)}",
        "i, o, f, g = gates.chunk(4, 1)",
        "c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)",
        "h = torch.sigmoid(o) * torch.tanh(c)",
    ]


def _GRU(W: str, R: str, B: str | None, H: int, after: int) -> list[str]:
    """The state is reset in front of its product, or, ``after`` it, the product with its bias."""
    lines = [f"z, r, n = (step @ {W}[0].T{_biased(B, 0, 3 * H)}).chunk(3, 1)"]
    if after:
        lines += [f"hz, hr, hn = (h @ {R}[0].T{_biased(B, 3 * H, 6 * H)}).chunk(3, 1)"]
        lines += ["z, r = torch.sigmoid(z + hz), torch.sigmoid(r + hr)", "n = torch.tanh(n + r * hn)"]
    else:
        lines += [f"rows = {R}[0].split({H})"]
        biases = [_biased(B, (3 + i) * H, (4 + i) * H) for i in range(3)]
        gates = (f"torch.sigmoid({name} + h @ rows[{i}].T{biases[i]})" for i, name in enumerate("zr"))
        lines += [f"z, r = {', '.join(gates)}", f"n = torch.tanh(n + (r * h) @ rows[2].T{biases[2]})"]
    return [*lines, "h = (1 - z) * n + z * h"]


def _RNN(W: str, R: str, B: str | None, H: int, after: int) -> list[str]:
    return [f"h = torch.tanh(step @ {W}[0].T + h @ {R}[0].T{_biased(B, 0, H)}{_biased(B, H, 2 * H)})"]


SEQUENCES = {"LSTM": _LSTM, "GRU": _GRU, "RNN": _RNN}


def _flat(x: Any) -> list[Value]:
    return [v for part in x for v in _flat(part)] if isinstance(x, list) else [x]


def _sizes(x: Any) -> str:
    return f"[{', '.join(map(_sizes, x))}]" if isinstance(x, list) else "x".join(map(str, x.shape)) or "a number"
