"""``nngraph.Node``: a module and where its input comes from."""

from __future__ import annotations

import numbers
import os
import sys
from typing import Any, Self

import nn
from torch7 import LuaTable, registry

from . import graph
from .dot import described
from .just import JustElement


class Fields(dict):
    """A dict whose entries are attributes too, ``data.module``; an entry that lacks is None."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Node(graph.Node):
    """What a module becomes when it is called on nodes: a step of a graph, still without numbers.

    ``data.module`` is the module, ``data.annotations`` what :meth:`annotate` noted, ``data.mapindex`` the data of the
    nodes that give the input, in order; ``children`` are these nodes. ``a + b``, ``a - b``, ``a * b`` and ``a / b`` of
    nodes are those of their tensors, with a number too; ``a - module`` is ``module(a)``.
    """

    _table_classes = {"data": Fields}
    __array_ufunc__ = None  # an array beside an operator is no node: TypeError

    def __init__(self, data: dict | None = None) -> None:
        super().__init__(data if isinstance(data, Fields) else Fields(data or {}))
        data = self.data
        if not isinstance(data.annotations, Fields):
            data.annotations = Fields(data.annotations or {})
        data.setdefault("mapindex", LuaTable())
        data.setdefault("reverseMap", {})
        data.annotations.setdefault("_debugLabel", place())

    def add(self, child: Any, domap: bool | None = None) -> None:
        """Append a child; with ``domap`` it gives the next part of this node's input."""
        super().add(child)
        if not domap:
            return
        mapindex = self.data.mapindex
        if child.data in mapindex:
            raise ValueError(f"Don't pass the same input twice: {child}; pass nn.Identity()(node) the second time")
        number = len(mapindex) // 2 + 1
        mapindex[number] = child.data
        mapindex[child.data] = number
        child.data.reverseMap[self] = True

    def split(self, noutput: int) -> Any:
        """A tuple of ``noutput`` nodes, one for every entry of the table that this node puts out.

        All of them must be used. ``split(1)`` is one node, without a tuple.
        """
        if noutput == 1:
            return JustElement()(self)
        label = self.data.annotations["_debugLabel"]
        whole = Node({"nSplitOutputs": noutput, "annotations": {"_debugLabel": f"{label} split at {place()}-mnode"}})
        whole.add(self, True)
        parts = []
        for i in range(1, noutput + 1):
            parts.append(Node({"selectindex": i, "input": [], "annotations": {"_debugLabel": f"{label}-{i}"}}))
            parts[-1].add(whole, True)
        return tuple(parts)

    def annotate(self, annotations: dict | None = None, **more: Any) -> Self:
        """Note a name, a description or attributes of Graphviz for pictures; returns the node.

        ``annotate({'name': 'hidden', 'description': 'text', 'graphAttributes': {'color': 'red'}})``, or by keyword.
        """
        self.data.annotations.update(annotations or {}, **more)
        return self

    # -- pictures

    def graphNodeName(self) -> str:
        """The name it was given, with its number; else ``Node3``."""
        name = self.data.annotations.get("name")
        return f"{name} ({self.id})" if name else f"Node{self.id}"

    def graphNodeAttributes(self) -> dict[str, Any]:
        """Attributes of Graphviz: those of the annotations, and as tooltip the line of the script."""
        annotations = self.data.annotations
        return {"tooltip": annotations.get("_debugLabel", "")} | (annotations.get("graphAttributes") or {})

    def label(self) -> str:
        """The entries of ``data``, with sizes for tensors."""
        data = self.data
        entries = {k: v for k, v in data.items() if k not in ("annotations", "forwardNodeId", "mapindex", "reverseMap")}
        lines = [f"{key} = {described(value)}" for key, value in entries.items() if value is not None]
        sources = sources_of(data)
        if len(sources) > 1:
            lines.append("mapindex = {" + ",".join(f"Node{s.get('forwardNodeId', '')}" for s in sources) + "}")
        description = data.annotations.get("description")
        return (f"desc = {description}\\n" if description else "") + "\\l".join(lines)

    def __repr__(self) -> str:
        return f"nngraph.Node({title(self.data)})"

    # -- operators

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, nn.Module):
            return other(self)
        return nn.AddConstant(-other)(self) if _is_number(other) else _of_two(nn.CSubTable, self, other)

    def __add__(self, other: Any) -> Any:
        return nn.AddConstant(other)(self) if _is_number(other) else _of_two(nn.CAddTable, self, other)

    def __mul__(self, other: Any) -> Any:
        return nn.MulConstant(other)(self) if _is_number(other) else _of_two(nn.CMulTable, self, other)

    def __truediv__(self, other: Any) -> Any:
        return nn.MulConstant(1 / other)(self) if _is_number(other) else _of_two(nn.CDivTable, self, other)

    def __radd__(self, other: Any) -> Any:
        return self + other if _is_number(other) else NotImplemented

    def __rmul__(self, other: Any) -> Any:
        return self * other if _is_number(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return nn.AddConstant(other)(-self) if _is_number(other) else NotImplemented

    def __neg__(self) -> Any:
        return nn.MulConstant(-1)(self)


def _is_number(x: Any) -> bool:
    return isinstance(x, numbers.Real) and not isinstance(x, bool)


def _of_two(layer: Any, a: Node, b: Any) -> Any:
    return layer()([a, b]) if isinstance(b, Node) else NotImplemented


def sources_of(data: Any) -> list:
    """The data of the nodes that give the input, in order."""
    mapindex = data.get("mapindex") or {}
    return [mapindex[i] for i in range(1, len(mapindex) // 2 + 1)]


def title(data: Any) -> str:
    """What to call a node in a message: its name or its module, and its line in the script."""
    annotations = data.get("annotations") or {}
    module = data.get("module")
    what = annotations.get("name") or (repr(module).partition("\n")[0] if module is not None else "no module")
    return f"{what}, {annotations.get('_debugLabel', '')}"


def place() -> str:
    """File and line of the script that makes a node, as Torch writes them: ``[net.py]:12_``."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in ("nngraph", "nn"):
        frame = frame.f_back
    return f"[{os.path.basename(frame.f_code.co_filename)}]:{frame.f_lineno}_"


@registry.upgrade(Node)
def _read_node(node: Node, fields: dict) -> None:
    data = fields.get("data")
    if not isinstance(data, Fields):
        data = fields["data"] = Fields(data if isinstance(data, dict) else {})
    if not isinstance(data.get("mapindex"), LuaTable):
        data["mapindex"] = LuaTable()
    if not isinstance(data.get("reverseMap"), dict):
        data["reverseMap"] = {}
    if type(data.get("annotations")) is not Fields:
        data["annotations"] = Fields(data.get("annotations") or {})


registry.register("nngraph.Node", Node)
