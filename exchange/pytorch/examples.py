"""An input that a network takes, found by its first layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import nn
import nngraph  # noqa: F401 - nn.gModule
from torch7 import registry

#: Sides of images that networks were trained on, the usual ones first.
SIDES = (32, 28, 64, 224, 227, 96, 128, 256, 299, 231, 221, 16, 8, 48, 112, 160, 512)
LENGTHS = (16, 32, 64, 128, 256)
#: Other sides that are tried at last.
OTHERS = tuple(n for n in range(4, 65) if n not in SIDES)


def example_input(net: nn.Module) -> Any:
    """Two samples of zeros that go through ``net``; ``ValueError`` where none of the usual sizes does."""
    if not isinstance(net, nn.Module):
        raise ValueError("a module of nn.pytorch needs an example input")
    own = net.clone().evaluate()
    for x in _candidates(own):
        try:
            output = own.forward(x)
        except Exception:
            continue
        if isinstance(x, list) or np.shape(output)[:1] in ((), x.shape[:1]):  # else a View made another batch of it
            return x
    raise ValueError("no usual size of input fits the network: give an example input")


def _candidates(net: nn.Module) -> Iterator[Any]:
    if isinstance(net, nn.gModule) and (inputs := _of_graph(net)):
        yield inputs
    first = next((m for m in net.listModules() if _planes(m)), None)
    if first is None:
        yield np.zeros((2, 4), net._dtype)
        return
    name, planes = registry.class_name(type(first)), _planes(first)
    if "LookupTable" in name:
        yield from (np.ones((2, n), np.int64) for n in LENGTHS)
    elif "Volumetric" in name:
        yield from (np.zeros((2, planes, n, s, s), net._dtype) for n in (16, 8, 4) for s in (112, 64, 32, 16, 8))
    elif "Spatial" in name:
        yield from (np.zeros((2, planes, s, s), net._dtype) for s in (*SIDES, *OTHERS))
    elif "Temporal" in name:
        yield from (np.zeros((2, n, planes), net._dtype) for n in LENGTHS)
    elif name.startswith("nn.Seq"):
        yield np.zeros((5, 2, planes), net._dtype)
    else:
        yield np.zeros((2, planes), net._dtype)
        yield from (np.zeros((2, c, s, s), net._dtype) for c in (1, 3) for s in SIDES)  # a View in front


def _planes(module: nn.Module) -> int | None:
    """The size of a layer's input, of the first such field that it has."""
    for name in ("nInputPlane", "inputFrameSize", "inputSize", "inputsize"):
        if isinstance(vars(module).get(name), int):
            return vars(module)[name]
    weight = vars(module).get("weight")
    return weight.shape[1] if getattr(weight, "ndim", 0) == 2 else None


def _of_graph(net: Any) -> list | None:
    """A table for a graph of several inputs: of the sizes that the layers behind them say, or else what others have."""
    first = net.innode
    behind = [*first.children, *(n for child in first.children for n in child.children)]
    parts = [node for node in behind if node.data.get("selectindex")]
    if len(parts) < 2:
        return None
    parts.sort(key=lambda node: node.data["selectindex"])
    found = [_wanted(node) for node in parts]
    sizes = [size for size in found if isinstance(size, int)]
    if not sizes:
        return None
    usual = max(sizes, key=sizes.count)
    return [np.ones(2, np.int64) if size == "places" else np.zeros((2, size or usual), net._dtype) for size in found]


def _wanted(node: Any) -> int | str | None:
    """The size of the first layer behind a node, or that it takes places; None where no layer tells."""
    queue, steps = [node], 0
    while queue and steps < 40:
        node, steps = queue.pop(0), steps + 1
        module = node.data.get("module")
        name = registry.class_name(type(module)) if module is not None else ""
        if name.rpartition(".")[2] in ("LookupTable", "OneHot"):
            return "places"
        if module is not None and (size := _planes(module)):
            return size
        if name in ("", "nn.Identity", "nn.Dropout"):
            queue += node.children
    return None
