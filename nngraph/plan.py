"""The order in which a graph is run, fixed once: for every node where its input lies and where its output goes."""

from __future__ import annotations

from typing import Any

from nn import sums, utils
from torch7 import arrays

from .node import Fields, Node, sources_of


class Step:
    """A node in both passes.

    ``inputs`` is ``data.input`` and ``grads`` is ``data.gradOutput``: a place for every source, a gradient from every
    use. ``total`` is the sum of the gradients. ``targets`` are places, (list, position), that take the output;
    ``sources`` the steps that take a gradient, in the order of the input. ``parts`` are the splits of the output and
    their parts, each behind the one it comes from.
    """

    def __init__(self, data: Fields, number: int, count: int) -> None:
        self.data, self.number = data, number
        self.inputs = data["input"] = kept(data.get("input"), count)
        self.grads = data["gradOutput"] = list(data.get("gradOutput") or [])
        self.single = count == 1
        self.select, self.split = data.get("selectindex"), data.get("nSplitOutputs")
        self.table = [None] * self.split if self.split else None
        self.targets: list[tuple[list, int]] = []
        self.sources: list[Step] = []
        self.parts: list[Step] = []
        self.total = None
        if self.grads:
            self.total = self.grads[0] if len(self.grads) == 1 else data.get("gradOutputBuffer")

    @property
    def routing(self) -> bool:
        """Whether it is a split or a part of one: it only hands on."""
        return bool(self.select or self.split)

    @property
    def shared(self) -> bool:
        """Whether more than one place takes the output."""
        return len(self.targets) > 1 or bool(self.parts)

    def place(self) -> tuple[list, int]:
        """The first place that takes the output."""
        return self.targets[0] if self.targets else ([None], 0)

    def handOn(self, x: Any) -> None:
        """Give the output ``x`` to all places, and through splits to what lies behind them."""
        for places, i in self.targets:
            places[i] = x
        for step in self.parts:
            x = step.part()
            for places, i in step.targets:
                places[i] = x

    def part(self) -> Any:
        """What a split, or a part of one, makes of its input: the table, of the size it must have, or an entry."""
        x = self.inputs[0]
        if not utils.is_table(x):
            raise TypeError(f"nn.gModule: the input for a split should be a table, got {arrays.describe(x)}")
        x = utils.sequence(x)
        if self.select:
            return x[self.select - 1]
        if len(x) != self.split:
            raise ValueError(f"nn.gModule: split({self.split}) cannot split {len(x)} outputs")
        return x

    def takers(self) -> tuple:
        """For every source what adds to its gradients."""
        return tuple(source.grads.append for source in self.sources)

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
            sums.add(first, second, buffer)
        else:
            buffer = utils.recursiveCopy(buffer, first)[0]
            others = grads[1:]
        for gradient in others:
            utils.recursiveAdd(buffer, gradient)
        self.data["gradOutputBuffer"] = buffer
        return buffer


class Plan:
    """The order of a graph: ``first`` and ``last`` are the steps at its ends, ``forward`` what a forward does.

    An entry of ``forward`` is a module or the first step: (step, data, inputs, single, places, position, more), where
    ``places[position]`` takes the output and ``more`` says that other places and parts of splits do too. One of
    ``backward`` is (step, data, inputs, single, grads, takers): takers add to the gradients of the sources.
    """

    def __init__(self, forwardnodes: list[Node], backwardnodes: list[Node], nInputs: int) -> None:
        steps: dict[int, Step] = {}
        number, count = 0, nInputs
        for node in forwardnodes:
            number += node.data.get("module") is not None
            steps[id(node.data)] = Step(node.data, number, len(sources_of(node.data)) or count)
            count = 1
        self.steps = list(steps.values())
        backward = [steps[id(node.data)] for node in backwardnodes]
        self.first, self.last = self.steps[0], backward[0]
        for node in forwardnodes:
            self._connect(steps, node)
        self._route()
        whole = [step for step in self.steps if step is self.first or not (step.routing or step is self.last)]
        self.forward = [(s, s.data, s.inputs, s.single, *s.place(), s.shared) for s in whole]
        self.backward = [(s, s.data, s.inputs, s.single, s.grads, s.takers()) for s in backward]

    @staticmethod
    def _connect(steps: dict[int, Step], node: Node) -> None:
        """Outputs go to the children of the forward graph, gradients to the sources."""
        step = steps[id(node.data)]
        for child in node.children:
            step.targets.append((steps[id(child.data)].inputs, child.data["mapindex"][node.data] - 1))
        step.sources = [steps[id(source)] for source in sources_of(node.data)]

    def _route(self) -> None:
        """Put splits and their parts behind the module whose output they hand on."""
        origin = {}
        for step in self.steps:
            if step.routing and step.sources:
                source = step.sources[0]
                origin[id(step)] = origin.get(id(source), source)
                origin[id(step)].parts.append(step)


def kept(entries: Any, count: int) -> list:
    """``entries`` as a list of ``count`` places."""
    return list(entries) if isinstance(entries, list) and len(entries) == count else [None] * count
