"""The nodes and edges of a graph as plain lists, for copies and pickles: graphs are deeper than copies may recurse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch7 import LuaTable, arrays
from torch7.serialization.layout import is_part

from .graph import Edge, Graph
from .node import Fields, Node, sources_of

#: Fields of a gModule that are made of nodes.
FIELDS = ("fg", "bg", "forwardnodes", "backwardnodes", "innode", "outnode")
#: Entries of a node's data that hold numbers of the last pass.
PASSING = ("input", "gradOutput", "gradOutputBuffer")


def packed(module: Any, hold: Callable[[Any], Any]) -> dict[str, Any]:
    """What :func:`unpack` makes the nodes of: their data, where their input comes from, edges, both orders."""
    datas = [node.data for node in module.forwardnodes]
    number = {id(data): i for i, data in enumerate(datas)}
    plain = []
    for data in datas:
        entries = {k: v for k, v in data.items() if k not in ("mapindex", "reverseMap", *PASSING)}
        plain.append(entries | {name: hold(own(data[name])) for name in PASSING if name in data})
    return {
        "data": plain,
        "sources": [[number[id(source)] for source in sources_of(data)] for data in datas],
        "edges": [(number[id(e.from_.data)], number[id(e.to.data)]) for e in module.bg.edges],
        "backward": [number[id(node.data)] for node in module.backwardnodes],
    }


def unpack(module: Any, state: dict[str, Any]) -> None:
    """Give ``module`` its nodes and graphs anew."""
    nodes = [Node(Fields(entries)) for entries in state["data"]]
    for node, sources in zip(nodes, state["sources"]):
        pairs = [(i, nodes[source].data) for i, source in enumerate(sources, 1)]
        node.data.mapindex = LuaTable(pairs + [(data, i) for i, data in pairs])
        for source in sources:
            nodes[source].data.reverseMap[node] = True
    module.bg = Graph()
    module.bg.add([Edge(nodes[a], nodes[b]) for a, b in state["edges"]])
    module.fg, twins = module.bg.reverse()
    module.forwardnodes = [twins[node] for node in nodes]
    module.backwardnodes = [nodes[i] for i in state["backward"]]
    module.innode, module.outnode = module.forwardnodes[0], module.backwardnodes[0]


def own(value: Any) -> Any:
    """``value`` with tensors that are a part of a larger one, perhaps of the data set, as copies."""
    if arrays.is_array(value):
        return value.copy() if is_part(value) else value
    if isinstance(value, list | tuple):
        return [own(v) for v in value]
    return {k: own(v) for k, v in value.items()} if isinstance(value, dict) else value


def release(data: Fields) -> None:
    """Make parts of larger tensors copies, in place: a file would hold the whole of each."""
    for name in PASSING:
        value = data.get(name)
        if isinstance(value, list):
            value[:] = [own(v) for v in value]
