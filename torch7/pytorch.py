"""``torch7.pytorch``: networks out to PyTorch, as modules or programs, and weights back (extra ``onnx``).

    module = torch7.pytorch.to_module(net, input)      # needs torch
    torch7.pytorch.write(net, "folder", input)         # model.py and weights.npz; does not
    torch7.pytorch.from_state_dict(net, module.state_dict())

A door: what it opens is package ``exchange``. nn.pytorch is another thing: PyTorch's layers on this library's kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def to_module(net: Any, input: Any = None) -> Any:
    """A ``torch.nn.Module`` that computes what ``net`` does in evaluation; it is in evaluation, too.

    ``input``: an example, which tells the sizes; without one the sizes that fit the first layer are tried. Parameters
    have the names of their places, ``p1_weight``, and can be trained; batch normalisation and dropout train as
    PyTorch's do. ``_source`` is its text. :class:`torch7.onnx.NotExportable` for what has no form there.
    """
    return _exchange().to_module(net, input)


def write(net: Any, folder: Any, input: Any = None) -> None:
    """``folder``/model.py, a readable program with a class Net, and ``folder``/weights.npz, its state_dict.

    The program needs torch, this function does not. Both files are written whole, or none.
    """
    _exchange().write(net, folder, input)


def from_state_dict(
    net: Any,
    state: Mapping[str, Any],
    map: Mapping[str, str | None] | Callable[[str], str | None] | None = None,
    input: Any = None,
) -> Any:
    """Put the tensors of a PyTorch state_dict into ``net``; returns it.

    Without ``map`` they go by the names that :func:`to_module` gives, whatever it turned or cut (``input`` is its
    example), or in order to the weights, biases and running statistics of the layers, in the order of the modules;
    ``num_batches_tracked`` is left out. ``map``: from PyTorch's names to places such as ``3.1.weight``, as a dict or a
    function; None for what is to be left out. ``ValueError`` names what is missing, left over or of another shape;
    then nothing is changed.
    """
    return _exchange().from_state_dict(net, state, map, input)


def _exchange() -> ModuleType:
    try:
        return import_module("exchange.pytorch")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "onnx":
            raise
        needed = "torch7.pytorch needs package onnx for its graphs: pip install 'torch7[onnx]'"
        raise ModuleNotFoundError(needed, name="onnx") from None
