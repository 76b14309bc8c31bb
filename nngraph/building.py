"""A graph between nodes: an input node in front, an output node behind, both orders, and what must hold."""

from __future__ import annotations

from typing import Any

from torch7 import LuaTable

from .graph import Graph
from .node import Fields, Node, title


def nodes_of(nodes: Any, what: str) -> list[Node]:
    """A list of nodes, or a dict of those at 1, 2, ...; ``TypeError`` for anything else."""
    if isinstance(nodes, dict):
        nodes = [nodes.get(i) for i in range(1, max(nodes, default=0) + 1)]
    if not isinstance(nodes, list | tuple):
        raise TypeError(f"nn.gModule: {what} must be a list of nodes, got {type(nodes).__name__}: write [node]")
    for i, node in enumerate(nodes, 1):
        if not isinstance(node, Node):
            raise TypeError(f"nn.gModule: expected an nngraph.Node as {what}[{i}], got {type(node).__name__}")
    if not nodes:
        raise ValueError(f"nn.gModule: no {what} are not supported")
    return list(nodes)


def checked(inputs: Any, outputs: Any) -> tuple[list[Node], list[Node]]:
    """Both lists of nodes, before anything is changed in them."""
    inputs, outputs = nodes_of(inputs, "inputs"), nodes_of(outputs, "outputs")
    for what, nodes in (("inputs", inputs), ("outputs", outputs)):
        if len({id(node) for node in nodes}) < len(nodes):
            raise ValueError(f"nn.gModule: a node is twice among the {what}; nn.Identity()(node) makes a second one")
    for i, node in enumerate(inputs, 1):
        if node.children:
            raise ValueError(f"nn.gModule: an input should have no inputs, inputs[{i}] has some: {title(node.data)}")
    return inputs, outputs


def frame(inputs: list[Node], outputs: list[Node]) -> tuple[Node, Fields]:
    """The output node, with the nodes ``outputs`` as its input, and the data of the node that feeds ``inputs``."""
    outnode, innode = Node({"input": []}), Node({"input": []})
    for node in outputs:
        outnode.add(node, True)
    for node, source in zip(inputs, [innode] if len(inputs) == 1 else innode.split(len(inputs))):
        node.add(source, True)
    return outnode, innode.data


def unframe(inputs: list[Node], outputs: list[Node], outnode: Node) -> None:
    """Take back what :func:`frame` did to the nodes."""
    for node in inputs:
        node.children.clear()
        node.data.mapindex = LuaTable()
    for node in outputs:
        node.data.reverseMap.pop(outnode, None)


def wire(module: Any, bg: Graph) -> None:
    """Give ``module`` the backward graph ``bg``, the forward graph and their nodes in order."""
    module.bg, (module.fg, _) = bg, bg.reverse()
    module.forwardnodes = module.fg.topsort()[0]
    module.backwardnodes = bg.topsort()[0]
    module.innode, module.outnode = module.forwardnodes[0], module.backwardnodes[0]


def check(module: Any, inputs: list[Node], data: Fields) -> None:
    """Raise ``ValueError`` where a node has no input, or is used where no way leads to an output."""
    present = {id(node.data) for node in module.forwardnodes}
    for i, node in enumerate(inputs, 1):
        if id(node.data) not in present:
            raise ValueError(f"nn.gModule: inputs[{i}] leads to no output: {title(node.data)}")
    for root in module.fg.roots():
        if root.data is not data:
            raise ValueError(f"nn.gModule: a node without input is none of the inputs: {title(root.data)}")
    for node in module.forwardnodes:
        count = node.data.get("nSplitOutputs")
        if count and count != len(node.children):
            unused = count - len(node.children)
            raise ValueError(f"nn.gModule: {unused} of split({count}) outputs are unused: {title(node.data)}")
        for user in node.data["reverseMap"]:
            if id(user.data) not in present:
                raise ValueError(f"nn.gModule: node does not connect to an output: {title(user.data)}")
