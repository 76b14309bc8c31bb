"""An ONNX file as a network of nn's modules, to train on."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import onnx
from onnx import numpy_helper

import nn
import nngraph  # noqa: F401 - modules are called on nodes
from torch7.onnx import NotReadable

from . import operators_of_planes as operators_of_planes
from . import operators_of_shapes as operators_of_shapes
from . import tape_places as tape_places
from . import tape_planes as tape_planes
from . import tape_shapes as tape_shapes
from .operators import READERS, Operation, Read
from .sizes import evaluated, settled
from .tape_operators import by_tape
from .tape_sequences import sequence

FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16, onnx.TensorProto.UNDEFINED)


def load(path: Any) -> nn.Module:
    """The network of the ONNX file ``path`` (or of a model): a Sequential where it is a chain, else a gModule.

    Of type float, in training mode, with gradients of zero. Several inputs, and outputs, are a table in the order of
    the file. ``NotReadable``, a ``ValueError``, names the operator that has no module, and its node.
    """
    model = path if isinstance(path, onnx.ModelProto) else onnx.load(os.fspath(path))
    onnx.checker.check_model(model)
    default = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
    if default < 7:
        raise NotReadable(f"operator set {default}: files since operator set 7 are read")
    return Reading(*settled(model), default).network()


class Reading:
    """The nodes of a file, one after the other: values are constants, or nodes of a graph of modules."""

    def __init__(self, model: onnx.ModelProto, spread: set[str], opset: int) -> None:
        self.graph, self.opset, self.spread = model.graph, opset, spread
        self.constants = {c.name: numpy_helper.to_array(c) for c in self.graph.initializer}
        self.inputs = [i.name for i in self.graph.input if i.name not in self.constants]
        known = (*self.graph.input, *self.graph.output, *self.graph.value_info)
        self.shapes = {v.name: _shape(v) for v in known if v.type.HasField("tensor_type")}
        #: Values that are no floats: modules of nn compute floats alone.
        self.others = {v.name for v in known if v.type.tensor_type.elem_type not in FLOATS}
        #: The modules that make a value, and the values they take.
        self.made: dict[str, tuple[list[nn.Module], list[str]]] = {}

    def network(self) -> nn.Module:
        outputs = [o.name for o in self.graph.output]
        for node in self._used(outputs):
            self._read(node)
        for name in outputs:
            if name in self.constants:
                raise NotReadable(f"output {name!r} does not depend on an input")
        return (self._chain(outputs) or self._graph(outputs)).float()

    def _read(self, node: onnx.NodeProto) -> None:
        if all(name in self.constants for name in node.input if name) and self._folded(node):
            return
        if node.domain not in ("", "ai.onnx"):
            raise NotReadable(
                f"operator {node.domain}.{node.op_type} (node {node.name or node.output[0]!r}) is not known"
            )
        for name, modules, inputs in self._operation(Operation(node, self)):
            self.made[name] = modules, list(inputs)

    def _operation(self, o: Operation) -> Read:
        """By modules of nn, or else by one of nn.pytorch, on its tape."""
        kind = o.node.op_type
        if self._of_numbers(o) and (made := by_tape(o)) is not None:
            return made
        try:
            if kind not in READERS:
                raise NotReadable(f"operator {kind} (node {o.node.name or o.output!r}) has no module here")
            return READERS[kind](o)
        except NotReadable as refusal:
            many = [name for name in o.inputs if name in self.spread]
            made = sequence(o) if kind in ("LSTM", "GRU", "RNN") else by_tape(o) if not many else None
            if made is None:
                raise refusal
            return made

    def _of_numbers(self, o: Operation) -> bool:
        """Whether it computes with whole numbers or truths; a look-up in rows, and what shifts its places, does not."""
        kind, name = o.node.op_type, next((n for n in o.inputs if n and n not in self.constants), "")
        rows = kind == "Gather" and o.is_constant(0)
        shifted = kind in ("Add", "Sub") and name in self.inputs
        return name in self.others and not rows and not shifted and kind != "Identity"

    def _used(self, outputs: list[str]) -> list[onnx.NodeProto]:
        """The nodes that lead to an output, in the order of the file."""
        needed, kept = set(outputs), []
        for node in reversed(self.graph.node):
            if needed.intersection(node.output):
                needed.update(node.input)
                kept.append(node)
        return kept[::-1]

    def _folded(self, node: onnx.NodeProto) -> bool:
        """Whether the node's outputs are constants, which are computed."""
        given = {name: self.constants[name] for name in node.input if name}
        opsets = [onnx.helper.make_opsetid("", self.opset)]
        self.constants.update(zip(node.output, evaluated(node, given, opsets)))
        return True

    def _needed(self, outputs: list[str]) -> list[str]:
        """The values that lead to an output, in the order of the file."""
        needed = set(outputs)
        for name in reversed(self.made):
            if name in needed:
                needed.update(self.made[name][1])
        for name in self.inputs:
            if name not in needed:
                raise NotReadable(f"input {name!r} leads to no output")
        return [name for name in self.made if name in needed]

    def _chain(self, outputs: list[str]) -> nn.Sequential | None:
        """A Sequential of everything where each value has one source and one use."""
        uses = Counter(name for made in self._needed(outputs) for name in self.made[made][1])
        if len(self.inputs) != 1 or len(outputs) != 1 or any(n != 1 for n in uses.values()):
            return None
        modules: list[nn.Module] = []
        name = outputs[0]
        while name != self.inputs[0]:
            made, inputs = self.made[name]
            if len(inputs) != 1:
                return None
            modules, name = made + modules, inputs[0]
        net = nn.Sequential()
        for module in modules:
            net.add(module)
        return net

    def _graph(self, outputs: list[str]) -> nn.Module:
        nodes = {name: nn.Identity()() for name in self.inputs}
        for name in self._needed(outputs):
            modules, inputs = self.made[name]
            value: Any = nodes[inputs[0]]
            if len(inputs) > 1:  # a node that comes twice comes through an Identity
                value = [nn.Identity()(nodes[n]) if n in inputs[:i] else nodes[n] for i, n in enumerate(inputs)]
            for module in modules:
                value = module(value)
            nodes[name] = value
        return nn.gModule([nodes[name] for name in self.inputs], [nodes[name] for name in outputs])


def _shape(value: onnx.ValueInfoProto) -> tuple[int | None, ...] | None:
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return None
    return tuple(d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim)
