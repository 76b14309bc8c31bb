"""An ONNX file as a network of nn's modules, to train on."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import onnx
from onnx import numpy_helper, shape_inference

import nn
import nngraph  # noqa: F401 - modules are called on nodes
from torch7.onnx import NotReadable

from . import operators_of_planes as operators_of_planes
from . import operators_of_shapes as operators_of_shapes
from .operators import READERS, Operation


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
    return Reading(shape_inference.infer_shapes(model, data_prop=True), default).network()


class Reading:
    """The nodes of a file, one after the other: values are constants, or nodes of a graph of modules."""

    def __init__(self, model: onnx.ModelProto, opset: int) -> None:
        self.graph, self.opset = model.graph, opset
        self.constants = {c.name: numpy_helper.to_array(c) for c in self.graph.initializer}
        self.inputs = [i.name for i in self.graph.input if i.name not in self.constants]
        known = (*self.graph.input, *self.graph.output, *self.graph.value_info)
        self.shapes = {v.name: _shape(v) for v in known if v.type.HasField("tensor_type")}
        #: The modules that make a value, and the values they take.
        self.made: dict[str, tuple[list[nn.Module], list[str]]] = {}

    def network(self) -> nn.Module:
        for node in self.graph.node:
            self._read(node)
        outputs = [o.name for o in self.graph.output]
        for name in outputs:
            if name in self.constants:
                raise NotReadable(f"output {name!r} does not depend on an input")
        return (self._chain(outputs) or self._graph(outputs)).float()

    def _read(self, node: onnx.NodeProto) -> None:
        if all(name in self.constants for name in node.input if name) and self._folded(node):
            return
        operation = Operation(node, self.constants, self.shapes, self.opset, self.made)
        if node.op_type not in READERS or node.domain not in ("", "ai.onnx"):
            raise NotReadable(f"operator {node.op_type} (node {node.name or node.output[0]!r}) has no module here")
        for name, modules, inputs in READERS[node.op_type](operation):
            self.made[name] = modules, list(inputs)

    def _folded(self, node: onnx.NodeProto) -> bool:
        """Whether the node's outputs are constants, which are computed."""
        from onnx.reference import ReferenceEvaluator

        values = {name: self.constants[name] for name in node.input if name}
        small = onnx.helper.make_graph(
            [node],
            "constant",
            [
                onnx.helper.make_tensor_value_info(n, onnx.helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
                for n, v in values.items()
            ],
            [onnx.ValueInfoProto(name=name) for name in node.output],
        )
        made = onnx.helper.make_model(small, opset_imports=[onnx.helper.make_opsetid("", self.opset)])
        self.constants.update(zip(node.output, ReferenceEvaluator(made).run(None, values)))
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
