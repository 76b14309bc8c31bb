"""What a network does with an input, as a list of steps: a module, the values it takes and the values it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch7 import arrays, registry

from ..container import Container
from ..containers.concat import Concat
from ..module import Module

#: Containers that only hand on what their modules give.
HANDING_ON = "Sequential", "ConcatTable", "ParallelTable", "gModule"


class Step:
    """``module`` on values ``inputs``, which gives values ``outputs``; both are numbers or (nested) lists of them.

    ``held`` are the values that must last until its end: the inputs, and what a Concat was called with.
    """

    def __init__(self, module: Module, inputs: Any, outputs: Any, held: Any = None) -> None:
        self.module, self.inputs, self.outputs = module, inputs, outputs
        self.held = inputs if held is None else held

    @property
    def kind(self) -> str:
        return type(self.module).__name__


class Untraceable(Exception):
    """A network whose steps cannot be told from outside."""


class Trace:
    """The steps of one forward of ``net``; ``input`` and ``output`` are values, too. ``shapes`` and arrays by value."""

    def __init__(self, net: Module, input: Any) -> None:
        self.steps: list[Step] = []
        self.arrays: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.input = self._new(input)
        self.inputs = len(self.arrays)
        self.wrapped: list[Module] = []
        try:
            self._wrap(net)
            output = net.updateOutput(input)
        finally:
            for module in self.wrapped:
                vars(module).pop("updateOutput", None)
        self.output = self._known(output)

    def _wrap(self, module: Module) -> None:
        """Let a module, or those in a container that hands on, note what it does."""
        if any(module is m for m in self.wrapped):
            return
        if isinstance(module, Container) and type(module).__name__ in HANDING_ON:
            for m in module.modules:
                self._wrap(m)
            return
        if "updateOutput" in vars(module):
            raise Untraceable(f"{registry.class_name(type(module))} has a method of its own")
        self.wrapped.append(module)
        if type(module) is Concat:
            for m in module.modules:
                self._wrap(m)
        vars(module)["updateOutput"] = self._noting(module, module.updateOutput)

    def _noting(self, module: Module, original: Callable) -> Callable:
        def updateOutput(input: Any) -> Any:
            output = original(input)
            taken = [m.output for m in module.modules] if type(module) is Concat else input
            handed_on = [] if getattr(module, "inplace", False) else flat(taken)
            given = self._known(taken)
            held = [given, self._known(input)] if taken is not input else given
            self.steps.append(Step(module, given, self._new(output, handed_on), held))
            return output

        return updateOutput

    def _new(self, x: Any, handed_on: Sequence[Any] = ()) -> Any:
        """Numbers of arrays that a step gives; one that it only hands on keeps its number."""
        if isinstance(x, list | tuple):
            return [self._new(v, handed_on) for v in x]
        if not arrays.is_array(x):
            raise Untraceable(f"{arrays.describe(x)} as a value")
        if any(x is v for v in handed_on):
            return self._known(x)
        self.arrays.append(x)
        self.numbers[id(x)] = len(self.arrays) - 1
        return len(self.arrays) - 1

    def _known(self, x: Any) -> Any:
        if isinstance(x, list | tuple):
            return [self._known(v) for v in x]
        if id(x) not in self.numbers:
            raise Untraceable("a value that no module gives")
        return self.numbers[id(x)]


def flat(values: Any) -> list:
    """What is in nested lists."""
    return [n for v in values for n in flat(v)] if isinstance(values, list | tuple) else [values]


def nested(values: Any, found: Callable[[int], Any]) -> Any:
    """The same lists with ``found(number)`` in the place of numbers."""
    return [nested(v, found) for v in values] if isinstance(values, list) else found(values)
