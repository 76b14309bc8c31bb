"""What must hold of the nodes of a file, before a graph is run on them."""

from __future__ import annotations

from typing import Any

from nn import Module
from torch7 import TorchObject

from .graph import Edge, Graph
from .node import Fields, Node, sources_of


def check_nodes(module: Any) -> None:
    """Raise ``ValueError`` unless both orders hold the same nodes, each after its sources, and edges join them."""
    forward, backward = nodes_of(module, "forwardnodes"), nodes_of(module, "backwardnodes")
    place = {id(node.data): i for i, node in enumerate(forward)}
    same = place.keys() == {id(node.data) for node in backward}
    require(same and len(place) == len(forward) == len(backward) > 1, "the two orders have other nodes")
    for name, ends in (("innode", forward), ("outnode", backward)):
        node = vars(module).get(name)
        require(isinstance(node, Node) and node.data is ends[0].data, f"{name} is not the first node")
    for i, node in enumerate(forward):
        check_sources(node.data, place, i)
        for child in node.children:
            known = isinstance(child, Node) and id(child.data) in place
            require(known and any(s is node.data for s in sources_of(child.data)), "a child has another source")
            require(child.data["mapindex"][node.data] in range(1, len(sources_of(child.data)) + 1), "a wrong mapindex")
    for name in ("fg", "bg"):
        check_edges(vars(module).get(name), place)


def nodes_of(module: Any, name: str) -> list[Node]:
    """A list of nodes with their data."""
    nodes = vars(module).get(name)
    known = isinstance(nodes, list) and all(isinstance(n, Node) and isinstance(n.data, Fields) for n in nodes)
    require(known, f"{name} is no list of nodes")
    return nodes


def check_sources(data: Fields, place: dict[int, int], i: int) -> None:
    """The entries of a node's data that the order is made of."""
    sources = sources_of(data)
    require(bool(sources) == (i > 0), "a node without source, or one in front of the first")
    require(all(place.get(id(source), i) < i for source in sources), "a node stands before its source")
    module, select, split = data.module, data.selectindex, data.nSplitOutputs
    require(module is None or isinstance(module, Module | TorchObject), "a node's module is none")
    for number in (select, split):
        require(number is None or (isinstance(number, int) and number > 0), f"a split of {number}")
    if select is not None:
        whole = sources[0].nSplitOutputs if len(sources) == 1 else None
        require(isinstance(whole, int) and select <= whole and module is None, "a part of what is not split")


def check_edges(graph: Any, place: dict[int, int]) -> None:
    """Edges that join all nodes of the orders."""
    require(isinstance(graph, Graph) and isinstance(graph.edges, list), "there is no graph")
    joined = set()
    for edge in graph.edges:
        ends = [vars(edge).get("from_"), vars(edge).get("to")] if isinstance(edge, Edge) else [None]
        require(all(isinstance(n, Node) and id(n.data) in place for n in ends), "an edge leads to no node")
        joined.update(id(n.data) for n in ends)
    require(joined == place.keys(), "edges are missing")


def check_numbers(module: Any) -> None:
    """The modules and the number of inputs."""
    known = isinstance(module.modules, list) and all(isinstance(m, Module | TorchObject) for m in module.modules)
    require(known, "modules is no list of modules")
    split = module.forwardnodes[1].data.nSplitOutputs
    fits = module.nInputs == 1 or module.nInputs == split
    require(isinstance(module.nInputs, int) and fits, f"{module.nInputs} inputs")


def require(holds: bool, what: str) -> None:
    """Raise ``ValueError`` that says what is wrong with the graph of a file."""
    if not holds:
        raise ValueError(f"this is no graph: {what}")
