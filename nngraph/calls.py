"""What a call of a module or a criterion on nodes does."""

from __future__ import annotations

from typing import Any

import nn

from .just import ModuleFromCriterion
from .node import Node


def as_nodes(owner: Any, input: Any, more: Any = None) -> list[Node] | None:
    """The nodes that ``owner`` is called on; None where its arguments are numbers, as for a usual pass.

    ``TypeError`` for None and for what is neither nodes nor all numbers.
    """
    if input is ...:
        return []
    table = list(input) if isinstance(input, list | tuple) else [input]
    if not any(isinstance(x, Node) for x in [*table, more]):
        if input is None:
            raise TypeError(f"{owner}: expected an nngraph.Node or tensors, got None")
        return None
    if more is not None:
        raise TypeError(f"{owner}: use [input1, input2] to pass several nodes")
    for i, x in enumerate(table, 1):
        if not isinstance(x, Node):
            raise TypeError(f"{owner}: expected an nngraph.Node as input {i} of {len(table)}, got {type(x).__name__}")
    return table


@nn.extends(nn.Module)
def _onNodes(self: nn.Module, input: Any, gradOutput: Any = None) -> Node | None:
    """The node that ``self(input)`` makes, or None where it runs a pass."""
    sources = as_nodes(self, input, gradOutput)
    if sources is None:
        return None
    node = Node({"module": self})
    for source in sources:
        node.add(source, True)
    return node


def criterion_on_nodes(self: nn.Criterion, input: Any, target: Any = None) -> Node | None:
    """The node of a module that computes the criterion, or None where it runs both passes."""
    return None if as_nodes(self, input, target) is None else ModuleFromCriterion(self)(input)


criterion_on_nodes.__name__ = "_onNodes"
nn.extends(nn.Criterion)(criterion_on_nodes)


@nn.extends(nn.Module)
def __neg__(self: nn.Module) -> Node:
    """``- module`` is ``module()``, a node without sources."""
    return self(...)


@nn.extends(nn.Module)
def __rsub__(self: nn.Module, prev: Any) -> Any:
    """``[node, node] - module`` is ``module([node, node])``."""
    return self(prev) if isinstance(prev, list | tuple) else NotImplemented
