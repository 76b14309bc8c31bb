"""A network as an ONNX file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from onnx import helper

import nn
import nn.pytorch as tnn
from torch7.onnx import NotExportable
from torch7.serialization.replacing import replacing
from torch7.version import __version__

from . import rules as rules
from .graph import Graph, Value, declared
from .torchnn import lowered
from .tracing import trace

#: Versions of the file format that read each operator set: no newer than needed, as runtimes refuse newer ones.
IR_VERSIONS = {17: 8, 18: 8, 19: 9, 20: 9, 21: 10}


def export(
    net: Any, input: Any, path: Any = None, *, opset: int = 17, dynamic: bool = True, names: Any = None
) -> onnx.ModelProto:
    """Write ``net``, a module of nn or nn.pytorch, as it evaluates ``input``, an example: a tensor, or a table of them.

    Criterions of nn take the table ``[input, target]``.

    ``path``: the file; None writes none. ``opset``: 17 to 21. ``dynamic``: the first axis of every input is a batch of
    any size, where the network works for one and for a larger one alike; else a ``UserWarning``, and ``fixed_batch`` in
    the file's metadata, say why it is fixed. ``names``: of the inputs, ``input`` or ``input_1`` ... otherwise; outputs
    are ``output``, or ``output_1`` ... . Parameters have the names of their places, ``net.3.weight``, those of
    nn.pytorch the names of its state_dict; everything is float32, indices are int64. The network is not changed.

    ``NotExportable``, a ``ValueError``, names the class and the place of what ONNX cannot say; then nothing is
    written. Returns the model.
    """
    if opset not in IR_VERSIONS:
        raise ValueError(f"opset is 17 to 21, got {opset}")
    if not isinstance(net, nn.Module | nn.Criterion | tnn.Module):
        raise TypeError(f"export takes a module, got {type(net).__name__}")
    model = _model(net, *traced(net, input, opset, names, dynamic=dynamic))
    onnx.checker.check_model(model, full_check=True)
    if path is not None:
        _write(model, os.fsdecode(path))
    return model


def traced(
    net: Any, input: Any, opset: int = 17, names: Any = None, *, dynamic: bool = True, training: bool = False
) -> tuple[Graph, Any, Any]:
    """The graph of a clone of ``net`` in evaluation, with the values of its inputs and outputs.

    ``training`` keeps what only training does, as nodes that evaluation passes by.
    """
    write = lowered if isinstance(net, tnn.Module) else trace
    own = net if isinstance(net, tnn.Module) else net.clone().float()
    own = own.evaluate() if isinstance(own, nn.Module) else own

    def run(dynamic: bool) -> tuple[Graph, Any, Any]:
        graph = Graph(opset, training=training)
        value = _inputs(input, dynamic, iter(names or ()), "input")
        return graph, value, write(graph, own, value)

    if not dynamic:
        return run(False)
    try:
        return run(True)
    except NotExportable as error:  # what is wrong for any batch shows once more
        found = run(False)
        found[0].fixed = str(error)
        warnings.warn(f"the batch is fixed at that of the example: {error}", stacklevel=4)
        return found


def _model(net: nn.Module, graph: Graph, value: Any, result: Any) -> onnx.ModelProto:
    inputs, outputs = list(_flat(value)), list(_flat(result))
    for i, output in enumerate(outputs, 1):
        name = "output" if len(outputs) == 1 else f"output_{i}"
        graph.nodes.append(helper.make_node("Identity", [output.name], [name], name=name))
        outputs[i - 1] = Value(name, output.array, output.other)
    made = helper.make_graph(
        graph.nodes,
        type(net).__name__,
        [declared(v, _batch(v, inputs)) for v in inputs],
        [declared(v, _batch(v, inputs)) for v in outputs],
        list(graph.constants.values()),
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", graph.opset)],
        ir_version=IR_VERSIONS[graph.opset],
        producer_name="torch7",
        producer_version=__version__,
    )
    if graph.fixed is not None:
        helper.set_model_props(model, {"fixed_batch": graph.fixed})
    return model


def _batch(v: Value, inputs: list[Value]) -> str | None:
    """A name for the size of the batch where all inputs have one in common."""
    sizes = {x.shape[:1] for x in inputs}
    (size,) = sizes if len(sizes) == 1 else [None]
    return "batch" if size and v.shape[0:1] == size else None


def _inputs(x: Any, dynamic: bool, names: Iterator[str], name: str) -> Any:
    if isinstance(x, list | tuple):
        return [_inputs(v, dynamic, names, f"{name}_{i}") for i, v in enumerate(x, 1)]
    if isinstance(x, dict):
        raise NotExportable(f"{name}: a table with names is no input of an ONNX file")
    array = np.asarray(x)
    if not array.size:
        raise NotExportable(f"{name}: an example without elements, {array.shape}, tells no sizes")
    array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float32)
    other = np.concatenate([array, array[:1]]) if dynamic and array.ndim else None
    return Value(next(names, name), array, other)


def _flat(x: Any) -> Iterator[Value]:
    if isinstance(x, list):
        for v in x:
            yield from _flat(v)
    else:
        yield x


def _write(model: onnx.ModelProto, path: str) -> None:
    """Whole or not at all."""
    with replacing(path) as file:
        file.write(model.SerializeToString())
