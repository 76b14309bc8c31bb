"""``nn.gModule``: a graph of modules as one module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Self

import nn
from nn import utils
from nn.storage import pack
from torch7 import arrays, registry

from . import building, inspecting, reading, wiring
from .node import title
from .plan import Plan, Step


@nn.register
class gModule(nn.Container):
    """The modules between nodes ``inputs`` and nodes ``outputs``, run in the order of the graph.

    Input: a tensor or table for one input node, a table with an entry for every one of several; likewise the output
    and the gradients. The gradient of a node that is used several times is the sum of the gradients of its uses.
    ``fg`` is the graph of the forward pass, ``bg`` that of the backward pass, ``forwardnodes`` and ``backwardnodes``
    are their nodes in order, from ``innode`` to ``outnode`` and back. ``modules``, and so the parameters, are in the
    order of the forward pass. After a forward ``node.data.input`` is a list of what the node got, after a backward
    ``node.data.gradOutput`` of the gradients of its uses. With ``verbose`` every step prints the label of its node.

    ``TypeError`` for what is no node, ``ValueError`` for an input, a part of a split or another node from which no
    way leads to an output, and for a node without input that is none of ``inputs``.
    """

    _transient = ("_plan",)
    _plan: Plan | None = None

    def __init__(self, inputs: Any, outputs: Any) -> None:
        super().__init__()
        self.verbose = False
        inputs, outputs = building.checked(inputs, outputs)
        self.nInputs = len(inputs)
        outnode, data = building.frame(inputs, outputs)
        try:
            building.wire(self, outnode.graph())
            building.check(self, inputs, data)
        except Exception:
            building.unframe(inputs, outputs, outnode)
            raise
        self.modules = [node.data.module for node in self.forwardnodes if node.data.module is not None]
        for node in self.forwardnodes:
            node.data["forwardNodeId"] = node.id
        self.output = self.gradInput = None

    # -- forward

    def updateOutput(self, input: Any) -> Any:
        return self.runForwardFunction(None, input)

    def runForwardFunction(self, func: str | Callable[[nn.Module, Any], Any] | None, input: Any) -> Any:
        """A forward in which every module is run by ``func(module, input)``, or by its method of the name ``func``."""
        plan = self._planned()
        if isinstance(func, str):
            name = func
            func = None if name == "updateOutput" else lambda module, x: getattr(module, name)(x)
        plan.first.inputs[:] = self._entries(input)
        step = plan.first
        try:
            for step, data, inputs, single, places, i, more in plan.forward:
                x = inputs[0] if single else inputs
                module = data.get("module")
                if module is not None:
                    x = module.updateOutput(x) if func is None else func(module, x)
                places[i] = x
                if more:
                    step.handOn(x)
        except Exception as error:
            self._failed(error, step, plan.steps)
        if self.verbose:
            self._say(plan.steps)
        self.output = plan.last.inputs[0] if plan.last.single else plan.last.inputs
        return self.output

    def _entries(self, input: Any) -> list | tuple:
        """The values for the input nodes."""
        if self.nInputs == 1:
            return [input]
        if not utils.is_table(input):
            raise TypeError(f"nn.gModule: expecting table of {self.nInputs} inputs, got {arrays.describe(input)}")
        entries = utils.sequence(input)
        if len(entries) != self.nInputs:
            raise ValueError(f"nn.gModule: Got {len(entries)} inputs instead of {self.nInputs}")
        return entries

    # -- backward

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        plan = self._planned()
        self._start(plan, gradOutput)
        step = plan.last
        try:
            for step, data, inputs, single, grads, takers in plan.backward:
                step.total = gradient = grads[0] if len(grads) == 1 else step.summed()
                if gradient is None:
                    continue
                module = data.get("module")
                if module is not None:
                    gradient = module.updateGradInput(inputs[0] if single else inputs, gradient)
                    if gradient is None:
                        continue
                elif step.select:
                    step.sources[0].table[step.select - 1] = gradient
                    continue
                if single:
                    for take in takers:
                        take(gradient)
                else:
                    for i, take in enumerate(takers):
                        take(gradient[i])
        except Exception as error:
            self._failed(error, step, [entry[0] for entry in plan.backward])
        if self.verbose:
            self._say([entry[0] for entry in plan.backward])
        self.gradInput = plan.first.total
        return self.gradInput

    def _start(self, plan: Plan, gradOutput: Any) -> None:
        """Take the gradient of the output, and forget those of the last backward."""
        if not plan.last.single:
            entries = utils.sequence(gradOutput)
            if len(entries) != len(plan.last.inputs):
                raise ValueError(f"nn.gModule: Got {len(entries)} gradOutputs instead of {len(plan.last.inputs)}")
            gradOutput = entries
        if plan.last.inputs[0] is None:
            raise ValueError("nn.gModule: backward without a forward: call forward with this input before")
        for step in plan.steps:
            step.grads.clear()
            if step.split:
                step.table[:] = [None] * step.split
                step.grads.append(step.table)
        plan.last.grads.append(gradOutput)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._everywhere("accGradParameters", 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everywhere("accUpdateGradParameters", lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everywhere("sharedAccUpdateGradParameters", lr)

    def _everywhere(self, method: str, factor: float) -> None:
        """Call ``method`` on every module, with the gradient that the last ``updateGradInput`` left for it."""
        plan = self._planned()
        if plan.last.total is None:
            raise ValueError(f"nn.gModule: {method} needs the gradients of updateGradInput: call that before")
        step = plan.last
        try:
            for step, data, inputs, single, _, _ in plan.backward:
                module, gradient = data.get("module"), step.total
                if module is not None and gradient is not None:
                    getattr(module, method)(inputs[0] if single else inputs, gradient, factor)
        except Exception as error:
            self._failed(error, step)

    # -- the order, and what goes wrong in it

    def _planned(self) -> Plan:
        if self._plan is None:
            self._plan = Plan(self.forwardnodes, self.backwardnodes, self.nInputs)
        return self._plan

    def _failed(self, error: Exception, step: Step, steps: list[Step] | None = None) -> NoReturn:
        """Note the module and the line of the script that made its node; with ``setDebug`` draw the graph."""
        if self.verbose and steps:
            self._say(steps[: steps.index(step)])
        self._locate(error, step.number)
        error.__notes__[0] = f"In {step.number} module of nn.gModule, {title(step.data)}:"
        inspecting.on_error(self, step.data)
        raise error

    def _say(self, steps: list[Step]) -> None:
        """Print the labels of the nodes of ``steps``, which have run."""
        nodes = {id(node.data): node for node in self.forwardnodes}
        for step in steps:
            print(f" V : {nodes[id(step.data)].label()}")

    # -- state

    def clearState(self) -> Self:
        """Drop buffers here, in every module and in the nodes."""
        super().clearState()
        self._plan = None
        for node in self.forwardnodes:
            for name in wiring.PASSING:
                node.data.pop(name, None)
        return self

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is None:
            return self._type
        cache = {} if tensorCache is None else tensorCache
        super().type(type, cache)
        for node in self.forwardnodes:
            for name in wiring.PASSING:
                if name in node.data:
                    node.data[name] = utils.recursiveType(wiring.own(node.data[name]), type, cache)
        self._plan = None
        return self

    def map(self, gm: gModule, func: Callable[[nn.Module, nn.Module], Any]) -> None:
        """Call ``func`` on every module and the one at the same place of ``gm``, a graph of the same structure."""
        pairs = [(a.data.module, b.data.module) for a, b in zip(self.forwardnodes, gm.forwardnodes)]
        if len(self.forwardnodes) != len(gm.forwardnodes) or any((a is None) != (b is None) for a, b in pairs):
            raise ValueError("nn.gModule: trying to map another gModule with a different structure")
        for mine, theirs in pairs:
            if mine is not None:
                func(mine, theirs)

    def replace(self, callback: Callable[[nn.Module], nn.Module]) -> nn.Module:
        old = list(self.modules)
        new = super().replace(callback)
        replaced = {id(m): by for m, by in zip(old, self.modules)}
        for node in self.forwardnodes:
            if node.data.module is not None:
                node.data.module = replaced.get(id(node.data.module), node.data.module)
        return new

    # -- copies and files

    def __getstate__(self) -> dict:
        return self._state_of(super().__getstate__(), pack)

    def _state_of(self, fields: dict, hold: Callable[[Any], Any] = lambda tensors: tensors) -> dict:
        """The state that ``fields`` make with the nodes as plain lists, tensors in them as ``hold`` has them."""
        return {k: v for k, v in fields.items() if k not in wiring.FIELDS} | {"_wiring": wiring.packed(self, hold)}

    def __setstate__(self, state: dict) -> None:
        vars(self).update({k: v for k, v in state.items() if k != "_wiring"})
        super()._restore()
        wiring.unpack(self, state["_wiring"])

    def _restore(self) -> None:
        """Old files have neither the list of modules nor the number of inputs."""
        super()._restore()
        reading.check_nodes(self)
        if self.modules is None:
            self.modules = [node.data.module for node in self.forwardnodes if node.data.module is not None]
        if self.nInputs is None:
            self.nInputs = self.forwardnodes[1].data.nSplitOutputs or 1
        self.verbose = bool(self.verbose)
        reading.check_numbers(self)

    def _t7_fields(self) -> dict[str, Any]:
        for node in self.forwardnodes:
            wiring.release(node.data)
        return vars(self)


registry.lacking(gModule, modules=None, nInputs=None, verbose=False)
