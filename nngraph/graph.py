"""Package graph: directed graphs of nodes and edges, their order and their pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from torch7 import registry

from .dot import dot, todot

__all__ = ["Edge", "Graph", "Node", "dot"]


class Node:
    """A node of a directed graph: ``data`` and the list ``children`` of the nodes that its edges lead to.

    ``id`` is its number in the graph that it was added to, 0 before.
    """

    def __init__(self, data: Any = None) -> None:
        self.data = data
        self.id = 0
        self.children: list[Node] = []
        self.visited = False
        self.marked = False

    def add(self, child: Node | Iterable[Node]) -> None:
        """Append a child, or several; one that is there already is not added again."""
        for node in child if isinstance(child, list | tuple) else [child]:
            if not any(node is known for known in self.children):
                self.children.append(node)

    def dfs(self, func: Callable[[Node], Any]) -> None:
        """Call ``func`` on every node that can be reached, each after the nodes that follow it."""
        seen = {id(self)}
        stack = [(self, iter(self.children))]
        while stack:
            node, children = stack[-1]
            child = next((c for c in children if id(c) not in seen), None)
            if child is None:
                func(node)
                stack.pop()
            else:
                seen.add(id(child))
                stack.append((child, iter(child.children)))

    def bfs(self, func: Callable[[Node], Any]) -> None:
        """Call ``func`` on every node that can be reached, in the order of their distance."""
        seen, queue = {id(self)}, deque([self])
        while queue:
            node = queue.popleft()
            func(node)
            for child in node.children:
                if id(child) not in seen:
                    seen.add(id(child))
                    queue.append(child)

    def graph(self) -> Graph:
        """The graph of all edges that can be reached."""
        edges: list[Edge] = []
        self.bfs(lambda node: edges.extend(Edge(node, child) for child in node.children))
        g = Graph()
        g.add(edges)
        return g

    def label(self) -> str:
        """What a picture of the graph shows."""
        return str(self.data)

    def _t7_fields(self) -> dict[str, Any]:
        return vars(self) | {"children": numbered(self.children)}


class Edge:
    """An edge from one node to another; the fields are ``from_`` and ``to``."""

    def __init__(self, from_: Node, to: Node) -> None:
        self.from_ = from_
        self.to = to


class Graph:
    """Lists of ``nodes`` and ``edges``, in the order in which they were added."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(self, edge: Edge | Iterable[Edge]) -> None:
        """Add an edge, or several, with its two nodes."""
        known = {id(node) for node in self.nodes}
        for e in edge if isinstance(edge, list | tuple) else [edge]:
            if not isinstance(e, Edge):
                raise TypeError(f"graph.Edge or [graph.Edge, ...] expected, got {type(e).__name__}")
            self.edges.append(e)
            for node in (e.from_, e.to):
                if id(node) not in known:
                    known.add(id(node))
                    self.nodes.append(node)
                    node.id = len(self.nodes)
            Node.add(e.from_, e.to)

    def reverse(self) -> tuple[Graph, dict[Node, Node]]:
        """The graph with all edges turned, of new nodes with the same data, and old node -> new node."""
        twins: dict[Node, Node] = {}
        for edge in self.edges:
            for node in (edge.from_, edge.to):
                if node not in twins:
                    twins[node] = type(node)(node.data)
        turned = Graph()
        turned.add([Edge(twins[edge.to], twins[edge.from_]) for edge in self.edges])
        return turned, twins

    def topsort(self) -> tuple[list[Node], Graph, list[Node]]:
        """The nodes, each after those that lead to it; with the turned graph and its roots.

        The order is Torch's: depth first in the turned graph. ``ValueError`` where the graph has cycles.
        """
        turned, twins = self.reverse()
        originals = {twin: node for node, twin in twins.items()}
        order: dict[Node, None] = {}
        roots = turned.roots()
        for root in roots:
            root.dfs(lambda twin: order.setdefault(originals[twin]))
        place = {node: i for i, node in enumerate(order)}
        if len(order) != len(self.nodes) or any(place[e.from_] >= place[e.to] for e in self.edges):
            raise ValueError("Graph has cycles")
        return list(order), turned, roots

    def roots(self) -> list[Node]:
        """The nodes to which no edge leads."""
        reached = {id(edge.to) for edge in self.edges}
        return [node for node in self.nodes if id(node) not in reached]

    def leaves(self) -> list[Node]:
        """The nodes from which no edge leads."""
        left = {id(edge.from_) for edge in self.edges}
        return [node for node in self.nodes if id(node) not in left]

    def todot(self, title: str | None = None) -> str:
        """The graph in the language DOT."""
        return todot(self, title)

    def _t7_fields(self) -> dict[str, Any]:
        return {"nodes": numbered(self.nodes), "edges": numbered(self.edges)}


def numbered(items: list) -> dict[Any, Any]:
    """A list as Lua's table that also gives the place of every item."""
    return dict(enumerate(items, 1)) | {item: i for i, item in enumerate(items, 1)}


def listed(table: Any) -> list:
    """The inverse of :func:`numbered`."""
    if isinstance(table, list):
        return table
    count = 0
    while count + 1 in table:
        count += 1
    return [table[i] for i in range(1, count + 1)]


@registry.upgrade(Node)
def _read_node(node: Node, fields: dict) -> None:
    fields["children"] = listed(fields.get("children") or [])


@registry.upgrade(Graph)
def _read_graph(graph: Graph, fields: dict) -> None:
    for name in ("nodes", "edges"):
        fields[name] = listed(fields.get(name) or [])


for _class in (Node, Edge, Graph):
    registry.register(f"graph.{_class.__name__}", _class)
