"""The order in which a graph is run, fixed once: for every node where its input lies and where its output goes."""

from __future__ import annotations

from typing import Any

from nn import utils
from torch7 import arrays

from .node import Fields, Node, sources_of


class Step:
    """A node in both passes.

    ``inputs`` is ``data.input`` and ``grads`` is ``data.gradOutput``: a place for every source, a gradient from every
    use. ``total`` is the sum of the gradients. ``targets`` are places, (list, position), that take the output;
    ``sources`` the steps that take a gradient, each with its position in a table of them, or None.
    """

    __slots__ = (
        "data",
        "grads",
        "inputs",
        "number",
        "select",
        "single",
        "sources",
        "split",
        "table",
        "targets",
        "total",
    )

    def __init__(self, data: Fields, number: int, count: int) -> None:
        self.data, self.number = data, number
        self.inputs = data["input"] = kept(data.get("input"), count)
        self.grads = data["gradOutput"] = list(data.get("gradOutput") or [])
        self.single = count == 1
        self.select, self.split = data.get("selectindex"), data.get("nSplitOutputs")
        self.table = [None] * self.split if self.split else None
        self.targets: list[tuple[list, int]] = []
        self.sources: list[tuple[Step, int | None]] = []
        self.total = None
        if self.grads:
            self.total = self.grads[0] if len(self.grads) == 1 else data.get("gradOutputBuffer")

    def summed(self) -> Any:
        """The sum of the gradients of all uses: the one there is, or a buffer; None without any."""
        grads = self.grads
        if len(grads) < 2:
            return grads[0] if grads else None
        first, second, *others = grads
        buffer = self.data.get("gradOutputBuffer")
        same = type(first) is type(second) and getattr(first, "shape", None) == getattr(second, "shape", ())
        if same and arrays.is_array(first) and first.dtype == second.dtype:
            buffer = arrays.resized(buffer, first.shape, first)
            arrays.array_module(first).add(first, second, out=buffer)
        else:
            buffer = utils.recursiveCopy(buffer, first)[0]
            others = grads[1:]
        for gradient in others:
            utils.recursiveAdd(buffer, gradient)
        self.data["gradOutputBuffer"] = buffer
        return buffer


class Plan:
    """The steps ``forward`` and ``backward`` of a graph, each a :class:`Step`, and the ``first`` and ``last`` one."""

    def __init__(self, forwardnodes: list[Node], backwardnodes: list[Node], nInputs: int) -> None:
        steps: dict[int, Step] = {}
        number, count = 0, nInputs
        for node in forwardnodes:
            number += node.data.get("module") is not None
            steps[id(node.data)] = Step(node.data, number, len(sources_of(node.data)) or count)
            count = 1
        self.forward = list(steps.values())
        self.backward = [steps[id(node.data)] for node in backwardnodes]
        self.first, self.last = self.forward[0], self.backward[0]
        for node in forwardnodes:
            self._connect(steps, node)

    @staticmethod
    def _connect(steps: dict[int, Step], node: Node) -> None:
        """Outputs go to the children of the forward graph, gradients to the sources."""
        step = steps[id(node.data)]
        for child in node.children:
            step.targets.append((steps[id(child.data)].inputs, child.data["mapindex"][node.data] - 1))
        sources = sources_of(node.data)
        for i, source in enumerate(sources):
            step.sources.append((steps[id(source)], None if len(sources) == 1 else i))


def kept(entries: Any, count: int) -> list:
    """``entries`` as a list of ``count`` places."""
    return list(entries) if isinstance(entries, list) and len(entries) == count else [None] * count
