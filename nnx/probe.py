"""Modules for looking on: Probe prints, Tic and Toc measure; functions as a module."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import nn
from torch7 import arrays

_started: dict[str, float] = {}


class Passing(nn.Module):
    """Base of modules that pass input and gradOutput on."""

    def updateOutput(self, input: Any) -> Any:
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = gradOutput
        return gradOutput


@nn.register
class Probe(Passing):
    """Passes its input, and prints its size (``size``) or its numbers (``content``), with ``backw`` gradOutput's too.

    ``config``, a dict or keywords: ``name``; ``size``, ``print``, ``backw`` (False); ``display`` shows no pictures
    here. ``print`` sets the field ``content``. Source: nnx.
    """

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        given = {**(config or {}), **settings}
        if not isinstance(given.get("name"), str):
            raise TypeError("nn.Probe: a name is needed")
        self.name, self.content = given["name"], bool(given.get("print") or given.get("content"))
        self.size, self.display = bool(given.get("size")), bool(given.get("display"))
        self.backw = bool(given.get("backw"))

    def updateOutput(self, input: Any) -> Any:
        self._say("forward", input)
        return super().updateOutput(input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if vars(self).get("backw"):
            self._say("backward", gradOutput)
        return super().updateGradInput(input, gradOutput)

    def _say(self, where: str, x: Any) -> None:
        fields = vars(self)
        if fields.get("size") or fields.get("content"):
            print(f"\n<probe::{fields.get('name')}> {where}()")
            print(x if fields.get("content") else arrays.describe(x))


@nn.register
class Tic(Passing):
    """Passes its input and starts the clock ``name``. Source: nnx."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        self.name = name

    def updateOutput(self, input: Any) -> Any:
        _started[str(self.name)] = time.perf_counter()
        return super().updateOutput(input)


@nn.register
class Toc(Passing):
    """Passes its input and prints the seconds since the Tic of the same ``name`` ran. Source: nnx."""

    def __init__(self, name: str | None = None, verbose: bool | None = None) -> None:
        super().__init__()
        self.name, self.verbose = name, True if verbose is None else bool(verbose)

    def updateOutput(self, input: Any) -> Any:
        started = _started.get(str(self.name))
        if started is not None and self.verbose is not False:
            print(f"{self.name}: {time.perf_counter() - started:.6f} s")
        return super().updateOutput(input)


@nn.register
class FunctionWrapper(nn.Module):
    """Functions as a module: ``init(self)``, ``updateOutput(self, input)``, ``updateGradInput(self, input,
    gradOutput)``.

    Functions of a Lua file do not run: such a module says so when it is used. Source: nnx.
    """

    def __init__(
        self,
        init: Callable[[Any], Any] | None,
        updateOutput: Callable[[Any, Any], Any],
        updateGradInput: Callable[[Any, Any, Any], Any],
    ) -> None:
        super().__init__()
        if init is not None:
            init(self)
        self.fn_updateOutput, self.fn_updateGradInput = updateOutput, updateGradInput

    def updateOutput(self, input: Any) -> Any:
        self.output = self._function("fn_updateOutput")(self, input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self._function("fn_updateGradInput")(self, input, gradOutput)
        return self.gradInput

    def _function(self, name: str) -> Callable:
        function = vars(self).get(name)
        if not callable(function):
            raise TypeError(f"nn.FunctionWrapper: {name} is no function; those of Lua files do not run, set the field")
        return function
