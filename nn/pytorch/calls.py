"""What stands between a caller and a module's ``forward`` and ``backward``: forms of arguments, checks and the tape."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from .checks import checked_gradients, checked_inputs
from .overwriting import overwrite
from .results import HOLDERS, let_go, references
from .tape import MODULE, Tape, Value, active, data_of, mapped, suspended, values_in

#: What belongs to one call of a module. A module that is called several times in one forward has these once a call.
PER_CALL = ("_result", "gradInput", "saved", "_scratch", "_call", "_again", "_inside", "_children", "_worker", "_kept")
PER_CALL += ("_count",)


@cache
def inputs_of(function: Callable) -> tuple[tuple[str, ...], bool]:
    """The names of a forward's positional arguments after self, and whether a list stands for several of them."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    names = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    return names, len(names) > 1 or any(p.kind is p.VAR_POSITIONAL for p in parameters)


def settings_of(function: Callable) -> tuple[str, ...]:
    """The names of a forward's keyword-only arguments, which may come by position too, as in PyTorch."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return ()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


def forward_of(cls: type, function: Callable) -> Callable:
    """``forward`` as callers see it, around the one that class ``cls`` defines."""
    names, several = inputs_of(function)
    later = settings_of(function)
    count, most = len(names), len(names) + len(later)

    @wraps(function)
    def forward(self: Any, *args: Any, **settings: Any) -> Any:
        if count < len(args) <= most:
            settings, args = settings | dict(zip(later, args[count:])), args[:count]
        if several and len(args) == 1 and type(args[0]) in (list, tuple):
            args = tuple(args[0])
        explicit = backward_for(type(self), cls)
        tape = active.tape
        if tape is not None:
            if explicit is not None and len(args) == 1 and type(args[0]) is Value and not settings:
                return _of_one(tape, self, function, explicit, args[0])
            unit = explicit is not None or self._backward_hooks or self._backward_pre_hooks
            return on_tape(self, function, explicit, args, settings) if unit else function(self, *args, **settings)
        state = self.__dict__
        last = state.get("_result")
        if isinstance(last, HOLDERS) and references(last) > state.get("_count", 0):
            let_go(self, last)
        del last
        if explicit is None:
            output = taped(self, function, args, settings)
        else:
            given = args
            for x in args:
                if type(x) is not np.ndarray:
                    given = tuple(map(data_of, args))
                    break
            output = function(self, *given, **settings)
            state["_call"] = args, None
        state["_result"] = output
        if isinstance(output, HOLDERS):
            state["_count"] = references(output)
        return output

    forward._plain = function  # type: ignore[attr-defined]
    return forward


@cache
def backward_for(cls: type, owner: type) -> Callable | None:
    """The backward that belongs to the forward which ``owner``, a base of ``cls``, defines; None for the tape's.

    A class that overrides ``forward`` and inherits ``backward`` has none: the inherited one is another function's.
    """
    order = cls.__mro__
    for base in order[: order.index(owner) + 1]:
        if "backward" in vars(base) and hasattr(vars(base)["backward"], "_plain"):
            return vars(base)["backward"]
    return None


def taped(self: Any, function: Callable, args: tuple, settings: dict) -> Any:
    """Run a forward on a new tape, which the module keeps for its backward if it records; returns plain arrays."""
    tape = Tape(active.recording)
    inputs = tuple(map(tape.wrapped, args))
    settings = {name: tape.wrapped(x) for name, x in settings.items()}
    active.tape = tape
    try:
        output = function(self, *inputs, **settings)
    finally:
        active.tape = None
    outputs = [v for v in values_in(output) if v.data.dtype.kind == "f"]
    self.__dict__["_call"] = args, (tape, inputs, outputs) if active.recording else None
    return data_of(output)


def taped_backward(self: Any, gradOutputs: list, scale: float) -> tuple:
    """The gradients of the inputs of the last taped forward, in their nesting; None for integers."""
    tape, inputs, outputs = self._call[1]
    grads = tape.backward(outputs, gradOutputs, scale)

    def of(x: Any) -> Any:
        if isinstance(x, Value):
            x = tape.moved[id(x)][1] if id(x) in tape.moved else x
            grad = grads[x.index]
            return None if not x.needs else np.zeros_like(x.data) if grad is None else grad
        return mapped(of, x) if isinstance(x, (list, tuple, dict)) else None

    return tuple(map(of, inputs))


def on_tape(self: Any, function: Callable, explicit: Callable | None, args: tuple, settings: dict) -> Any:
    """Call a module while a tape runs: on plain arrays, its backward written down; under an observer as it wants."""
    tape = active.tape
    assert tape is not None
    if tape.observer is not None:
        if not tape.follows(self):
            return function(self, *args, **settings)
        return tape.observer(self, args, settings, lambda: _on_tape(self, function, explicit, args, settings))
    return _on_tape(self, function, explicit, args, settings)


def _on_tape(self: Any, function: Callable, explicit: Callable | None, args: tuple, settings: dict) -> Any:
    tape = active.tape
    assert tape is not None
    if any(isinstance(x, Value) for x in settings.values()):
        args, settings = _positional(function, args, settings)
    if explicit is not None and len(args) == 1 and isinstance(args[0], Value) and not settings:
        return _of_one(tape, self, function, explicit, args[0])
    module = _stand_in(tape, self)
    run = getattr(type(module), "_on_tape", explicit or type(module).backward)
    arrays = tuple(map(data_of, args))
    settings = {name: data_of(x) for name, x in settings.items()}
    if explicit is None:
        output = suspended(taped, module, function, arrays, settings)
    else:
        output = suspended(function, module, *arrays, **settings)
        module.__dict__["_call"] = arrays, None
    module.__dict__["_result"] = output
    if type(output) is float or hasattr(output, "array"):  # a loss
        output = np.asarray(output, arrays[0].dtype) if type(output) is float else output.array()
    flat = [x for arg in args for x in (arg if isinstance(arg, (list, tuple)) else [arg])]

    def backward(gradOutput: Any, scale: float) -> list:
        given = run(module, arrays[0] if len(arrays) == 1 else list(arrays), gradOutput, scale)
        given = [given] if len(arrays) == 1 else given
        nested = zip(given, args)
        return [g for gi, arg in nested for g in (gi if isinstance(arg, (list, tuple)) else [gi])]

    return tape.record(output, tuple(x if isinstance(x, Value) else None for x in flat), backward, True)


def _stand_in(tape: Tape, module: Any) -> Any:
    """The module at its first call in a forward, then others with its parameters."""
    times = tape.calls.get(id(module), 0)
    tape.calls[id(module)] = times + 1
    return again(module, times) if times else module


def _of_one(tape: Tape, module: Any, function: Callable, explicit: Callable, value: Value) -> Any:
    """The call of a module with one array, as most are."""
    module = _stand_in(tape, module)
    state = module.__dict__
    run = getattr(type(module), "_on_tape", explicit)
    if state.get("inplace"):
        return _overwriting(tape, module, function, run, value)
    x = value.data
    active.tape = None
    try:
        output = function(module, x)
    finally:
        active.tape = tape
    state["_call"], state["_result"] = ((x,), None), output
    if type(output) is not np.ndarray or output.dtype.kind != "f":
        return tape.record(output, (value,), lambda g, scale: _by_one(g, scale, run, module, x), True)
    new = tape.value(output, True)
    tape.entries.append((_by_one, (value,), (new,), (run, module, x), MODULE))
    return new


def _by_one(gradOutput: Any, scale: float, run: Callable, module: Any, x: Any) -> tuple:
    """The gradient of a module's only input; no tape runs while one is gone through."""
    return (run(module, x, gradOutput, scale),)


def _overwriting(tape: Tape, module: Any, function: Callable, run: Callable, value: Value) -> Value:
    """The call of a module that overwrites its input: of a copy, which the value becomes."""
    x = value.data.copy()
    output = suspended(function, module, x)
    module.__dict__["_call"], module.__dict__["_result"] = ((x,), None), output
    new = tape.value(output, True)
    tape.entries.append((_by_one, (value,), (new,), (run, module, x), MODULE))
    return overwrite(value, new)


def _positional(function: Callable, args: tuple, settings: dict) -> tuple[tuple, dict]:
    """Keyword arguments that hold values, and those before them, as positional ones."""
    names, _ = inputs_of(function)
    last = max(i for i, name in enumerate(names) if isinstance(settings.get(name), Value))
    settings = dict(settings)
    parameters = inspect.signature(function).parameters
    more = [settings.pop(n) if n in settings else parameters[n].default for n in names[len(args) : last + 1]]
    return (*args, *more), settings


def again(module: Any, times: int) -> Any:
    """What stands in for ``module`` in its (times + 1)-th call in one forward: the same parameters, own results."""
    copies = module.__dict__.setdefault("_again", [])
    while len(copies) < times:
        copies.append(_blank(module))
    return _refreshed(copies[times - 1], module)


def _blank(module: Any) -> Any:
    copy = object.__new__(type(module))
    copy.__dict__["_scratch"], copy.__dict__["_children"] = {}, {}
    return copy


def _refreshed(copy: Any, module: Any) -> Any:
    """``copy`` with what ``module`` has by now, except results of calls."""
    own = {name: copy.__dict__[name] for name in PER_CALL if name in copy.__dict__}
    copy.__dict__.update((n, x) for n, x in module.__dict__.items() if n not in PER_CALL)
    copy.__dict__.update(own)
    if module._modules:
        held = copy.__dict__["_children"]
        children = {n: m for n, m in module._modules.items() if m is not None}
        for child in children.values():
            if id(child) not in held:
                held[id(child)] = _blank(child)
        modules = {n: _refreshed(held[id(m)], m) for n, m in children.items()}
        copy.__dict__["_modules"] = modules
        copy.__dict__.update((n, m) for n, m in modules.items() if n in module.__dict__)
    return copy


def backward_of(cls: type, function: Callable) -> Callable:
    """``backward`` as callers see it, around the one that class ``cls`` defines."""

    @wraps(function)
    def backward(self: Any, input: Any, gradOutput: Any = None, scale: float = 1.0) -> Any:
        state = self.__dict__
        if state.get("_inside"):
            return function(self, input, gradOutput, scale)
        inputs = checked_inputs(self, input)
        gradOutputs = checked_gradients(self, gradOutput)
        if self._backward_pre_hooks:
            gradOutputs = self._run_backward_pre_hooks(gradOutputs)
        one = not isinstance(state.get("_result"), (list, tuple, dict))
        state["_inside"] = True
        try:
            argument = inputs[0] if len(inputs) == 1 else inputs
            result = function(self, argument, gradOutputs[0] if one else gradOutputs, scale)
        finally:
            state["_inside"] = False
        if self._backward_hooks:
            result = self._run_backward_hooks(result, gradOutputs)
        state["gradInput"] = result
        return result

    backward._plain = function  # type: ignore[attr-defined]
    return backward
