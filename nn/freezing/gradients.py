"""When a backward needs the gradients that modules make: :func:`spans` tells which may share memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from torch7 import arrays

from ..branches import BranchesOfOneInput
from ..containers.concat import Concat
from ..containers.sequential import Sequential


def spans(net: Any, input: Any) -> list[tuple[Any, Any, Any, int, int]]:
    """(module or list, field or number, tensor, first step, last step) of what a backward makes and takes again.

    It runs the network.
    """
    output = net.forward(input)
    steps = Backward(net)
    try:
        net.updateGradInput(input, _zeros_like(output))
    finally:
        steps.end()
    kept, found = {id(x) for x in tensors(net.gradInput)}, []
    for holder, key, times in steps.made.values():
        x = at(holder, key)
        last = max((time for time, read in steps.read if time > times[0] and _share(x, read)), default=None)
        if len(times) == 1 and last is not None and own(x) and id(x) not in kept:
            found.append((holder, key, x, times[0], last))
            kept.add(id(x))  # modules that hand it on hold it, too
    return found


class Backward:
    """What each step of a backward reads, and the tensors that it makes, noted while the modules run.

    Steps are those of modules without others, sums over branches, and the parts of gradOutput that Concat copies. Other
    containers than Sequential and those read what their modules made until they end: for the parameters' gradients.
    """

    def __init__(self, net: Any) -> None:
        self.time = 0
        #: (time, tensors), and the places of what was made, (a module or list, field or number, times).
        self.read: list[tuple[int, Any]] = []
        self.made: dict[tuple[int, Any], tuple[Any, Any, list[int]]] = {}
        self.noted: list[tuple[Any, str]] = []
        for module in net.listModules():
            if isinstance(module, BranchesOfOneInput):
                self._note(module, "addGradInput", self._add)
                if isinstance(module, Concat):
                    self._note(module, "_part", self._part)
            elif not getattr(module, "modules", None):
                self._note(module, "updateGradInput", self._update)
            elif not isinstance(module, Sequential):
                self._note(module, "updateGradInput", self._end)

    def _note(self, module: Any, name: str, note: Callable) -> None:
        original = getattr(module, name)

        def method(*arguments: Any) -> Any:
            self.time += 1
            self.read.append((self.time, arguments[1]))  # in all of these methods what is read is the second one
            result = original(*arguments)
            note(module, arguments)
            return result

        vars(module)[name] = method
        self.noted.append((module, name))

    def _update(self, module: Any, arguments: tuple) -> None:
        self._make(module, "gradInput")

    def _add(self, module: Any, arguments: tuple) -> None:
        if arguments[2]:  # the first branch sets the sum
            self._make(module, "gradInput")
        else:
            self.read.append((self.time, module.gradInput))

    def _part(self, module: Any, arguments: tuple) -> None:
        if arguments[0] < len(module._parts):
            self._make(module._parts, arguments[0])

    def _end(self, module: Any, arguments: tuple) -> None:
        self.time += 1
        self.read.append((self.time, [arguments[1], [m.gradInput for m in module.listModules()]]))

    def _make(self, holder: Any, key: Any) -> None:
        x = at(holder, key)
        if isinstance(x, list):
            for n in range(len(x)):
                self._make(x, n)
        elif arrays.is_array(x):
            self.made.setdefault((id(holder), key), (holder, key, []))[2].append(self.time)

    def end(self) -> None:
        for module, name in self.noted:
            vars(module).pop(name, None)


def at(holder: Any, key: Any) -> Any:
    """A field of a module, or an entry of a list."""
    return holder[key] if isinstance(holder, list) else getattr(holder, key)


def put(holder: Any, key: Any, x: Any) -> None:
    """Set a field of a module, or an entry of a list."""
    if isinstance(holder, list):
        holder[key] = x
    else:
        setattr(holder, key, x)


def own(x: Any) -> bool:
    """Whether ``x`` is an array with memory of its own."""
    return type(x) is np.ndarray and x.base is None and x.size > 0


def tensors(value: Any) -> Iterator[Any]:
    """The arrays in nested lists."""
    if isinstance(value, list | tuple):
        for v in value:
            yield from tensors(v)
    elif isinstance(value, np.ndarray) and value.size:
        yield value


def _share(x: Any, other: Any) -> bool:
    return arrays.is_array(x) and any(np.may_share_memory(x, y) for y in tensors(other))


def _zeros_like(output: Any) -> Any:
    return [_zeros_like(x) for x in output] if isinstance(output, list | tuple) else np.zeros_like(output)
