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
SETTINGS |= {"Pad", "Clip"}


def member_name(place: str) -> str:
    """The attribute of a parameter at a place: ``p3_1_weight`` for ``3.1.weight``."""
    own = place.replace(".", "_")
    return f"p{own}" if own[0].isdigit() or keyword.iskeyword(own) else own


@dataclass
class Program:
    """The text of a module ``Net`` and the numbers of its state_dict."""

    text: str = ""
    state: dict[str, np.ndarray] = field(default_factory=dict)


def program(net: nn.Module, input: Any) -> Program:
    """``net`` in PyTorch's words, as it computes ``input``, an example, in evaluation; dropout also in training."""
    graph, inputs, outputs = traced(net, input, training=True)
    return Printer(graph).write(net, inputs, outputs)


class Printer:
    """Writes the nodes of a graph, one line each."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.made = graph, Program()
        self.constants = {name: numpy_helper.to_array(c) for name, c in graph.constants.items()}
        paths = {path for _, path in graph.parameters.values()}
        self.names: dict[str, str] = {}
        self.members: list[str] = []
        self.count = 0
        for name, x in self.constants.items():
            if name in paths:
                self._member(name, x)

    def _member(self, name: str, x: np.ndarray) -> None:
        """A parameter, or a buffer for what is not trained."""
        own = member_name(name.removeprefix("net."))
        trained = x.dtype.kind == "f" and not name.endswith(("running_mean", "running_var")) and "." in name
        shape = ", ".join(map(str, x.shape))
        kind = "int64" if x.dtype.kind in "iu" else "float32"
        value = (
            f"torch.empty({shape or '()'}, dtype=torch.{kind})" if kind == "int64" else f"torch.empty({shape or '()'})"
        )
        line = f"self.{own} = nn.Parameter({value})" if trained else f'self.register_buffer("{own}", {value})'
        self.members.append(line)
        self.names[name] = f"self.{own}"
        self.made.state[own] = np.ascontiguousarray(x)

    def write(self, net: nn.Module, inputs: Any, outputs: Any) -> Program:
        arguments = [v.name for v in _flat(inputs)]
        self.names |= {name: name for name in arguments}
        lines = [line for node in self.graph.nodes for line in self._line(node)]
        result = _nested(outputs, self.names)
        head = HEAD.format(title=type(net).__name__, inputs=_sizes(inputs), outputs=_sizes(outputs))
        body = [*(f"        {line}" for line in self.members or ["pass"]), ""]
        body += [f"    def forward(self, {', '.join(arguments)}):", *(f"        {line}" for line in lines)]
        self.made.text = head + "\n".join([*body, f"        return {result}", ""])
        return self.made

    def _line(self, node: onnx.NodeProto) -> list[str]:
        constants = [self.constants.get(name) for name in node.input]
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in ("LSTM", "GRU"):
            return self._sequence(node, attributes["hidden_size"])
        special = {"Slice": self._of_shape, "Concat": self._of_shape, "ConstantOfShape": self._zeros}
        if node.op_type in special and (lines := special[node.op_type](node)) is not None:
            return lines
        if node.op_type not in EXPRESSIONS:
            raise NotExportable(f"{node.op_type} ({node.name}) has no form in PyTorch here")
        read = node.input[:1] if node.op_type in SETTINGS else node.input
        names = [self._name(name) for name in read]
        expression = EXPRESSIONS[node.op_type](node.op_type, names, attributes, constants)
        return self._assign(node.output[0], expression, node.op_type in ("Identity", "Shape"))

    def _assign(self, output: str, expression: str, alias: bool = False) -> list[str]:
        if alias:
            self.names[output] = expression
            return []
        self.count += 1
        own = self.names[output] = f"x{self.count}"
        place = output.partition("/")[0].removeprefix("net").lstrip(".")
        return [f"{own} = {expression}" + (f"  # {place}" if place else "")]

    def _name(self, name: str) -> str:
        if name not in self.names:
            x = self.constants[name]
            text = literal(x)
            if text is not None:
                return text
            self._member(name, x)
        return self.names[name]

    # -- states of zeros, whose sizes follow the batch

    def _of_shape(self, node: onnx.NodeProto) -> list[str] | None:
        source = self.names.get(node.input[0], "")
        if not source.endswith((".shape", ".shape[:-1]")):
            return None
        if node.op_type == "Slice":
            self.names[node.output[0]] = f"{source}[:-1]"
        else:
            size = int(self.constants[node.input[1]][0])
            like = source.removesuffix("[:-1]").removesuffix(".shape")
            self.names[node.output[0]] = f"{like}.new_zeros(*{source}, {size})"
        return []

    def _zeros(self, node: onnx.NodeProto) -> list[str]:
        return self._assign(node.output[0], self.names[node.input[0]])

    # -- whole sequences

    def _sequence(self, node: onnx.NodeProto, hidden: int) -> list[str]:
        """One loop over time, by the blocks of rows as ONNX has them."""
        x, W, R, B = (self._name(name) for name in node.input[:4])
        self.count += 1
        own = self.names[node.output[0]] = f"x{self.count}"
        return [
            f"h = {x}.new_zeros({x}.shape[1], {hidden})",
            *([f"c = {x}.new_zeros({x}.shape[1], {hidden})"] if node.op_type == "LSTM" else []),
            f"{own} = []",
            f"for step in {x}:",
            *(f"    {line}" for line in (_LSTM if node.op_type == "LSTM" else _GRU)(W, R, B, hidden)),
            f"    {own}.append(h)",
            f"{own} = torch.stack({own}).unsqueeze(1)",
        ]


def _LSTM(W: str, R: str, B: str, hidden: int) -> list[str]:
    return [
        f"gates = step @ {W}[0].T + h @ {R}[0].T + {B}[0, : {4 * hidden}]",
        "i, o, f, g = gates.chunk(4, 1)",
        "c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)",
        "h = torch.sigmoid(o) * torch.tanh(c)",
    ]


def _GRU(W: str, R: str, B: str, hidden: int) -> list[str]:
    return [
        f"z, r, n = (step @ {W}[0].T + {B}[0, : {3 * hidden}]).chunk(3, 1)",
        f"rows = {R}[0].split({hidden})",
        "z, r = torch.sigmoid(z + h @ rows[0].T), torch.sigmoid(r + h @ rows[1].T)",
        "h = (1 - z) * torch.tanh(n + (r * h) @ rows[2].T) + z * h",
    ]


def _flat(x: Any) -> list[Value]:
    return [v for part in x for v in _flat(part)] if isinstance(x, list) else [x]


def _nested(x: Any, names: dict[str, str]) -> str:
    return f"[{', '.join(_nested(v, names) for v in x)}]" if isinstance(x, list) else names[x.name]


def _sizes(x: Any) -> str:
    return f"[{', '.join(map(_sizes, x))}]" if isinstance(x, list) else "x".join(map(str, x.shape)) or "a number"
