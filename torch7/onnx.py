"""``torch7.onnx``: networks out to ONNX files and in from them (extra ``onnx``).

    torch7.onnx.export(net, input, "net.onnx")
    net = torch7.onnx.load("net.onnx")

A door: what it opens is package ``exchange``, which stands on nn and is found when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class NotExportable(ValueError):
    """Something that ONNX cannot say, with the class and its place in the network."""


class NotReadable(ValueError):
    """An operator of an ONNX file, or a form of one, that no module computes."""


def export(
    net: Any, input: Any, path: Any = None, *, opset: int = 17, dynamic: bool = True, names: list[str] | None = None
) -> Any:
    """Write ``net``, a module of nn or nn.pytorch, as it evaluates ``input``, an example: a tensor, or a list of them.

    ``path``: the file; None writes none. ``opset``: 17 to 21. ``dynamic``: the first axis of every input is a batch of
    any size, where the network works for one and for a larger one alike; else a ``UserWarning``, and ``fixed_batch`` in
    the file's metadata, say why it is fixed. ``names``: of the inputs, ``input`` or ``input_1`` ... otherwise; outputs
    are ``output``, or ``output_1`` ... . Parameters have the names of their places, ``net.3.weight``, those of
    nn.pytorch the names of its state_dict; everything is float32, indices are int64. The network is not changed.

    :class:`NotExportable` for what ONNX cannot say; then nothing is written. Returns the model, an
    ``onnx.ModelProto``.
    """
    return _exchange().export(net, input, path, opset=opset, dynamic=dynamic, names=names)


def load(path: Any) -> Any:
    """The network of the ONNX file ``path`` (or of a model): a Sequential where it is a chain, else a gModule.

    Of type float, in training mode, with gradients of zero. Several inputs, and outputs, are a table in the order of
    the file. :class:`NotReadable` names the operator that has no module, and its node.
    """
    return _exchange().load(path)


def _exchange() -> ModuleType:
    try:
        return import_module("exchange.onnx")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "onnx":
            raise
        raise ModuleNotFoundError("torch7.onnx needs package onnx: pip install 'torch7[onnx]'", name="onnx") from None
