"""The checks around the passes: every class's own methods are wrapped while the mode is on.

Only the calls of a script are checked, not those that modules make of one another inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import local
from typing import Any

from torch7 import registry

from ..criterion_base import Criterion
from ..module import Module
from . import held, inputs, measured, parameters

_originals: dict[tuple[type, str], Any] = {}
_inside = local()


@contextmanager
def inside() -> Iterator[None]:
    """While a pass runs, those that it calls are not looked at."""
    _inside.on = True
    try:
        yield
    finally:
        _inside.on = False


def is_inside() -> bool:
    """Whether a call that the script made is running."""
    return getattr(_inside, "on", False)


def outermost(check: Callable) -> Callable[[Callable], Callable]:
    """Decorator of decorators: ``check(method, name, self, *args)`` instead of the method, in calls of the script."""

    def wrap(method: Callable) -> Callable:
        @wraps(method)
        def call(self: Any, *args: Any, **settings: Any) -> Any:
            if is_inside():
                return method(self, *args, **settings)
            return check(method, f"{registry.class_name(type(self))}.{method.__name__}", self, *args, **settings)

        return call

    return wrap


def _forward(method: Callable, name: str, self: Module, input: Any, *args: Any, **settings: Any) -> Any:
    given, input = input, held.take_in(input, name, "input")
    with inside():
        parameters.check_flat(self)
        results = held.before(self)
        output = method(self, input, *args, **settings)
        held.after(results)
        inputs.after_forward(self, input)
        measured.after_forward(self, inputs.step_of(self, "forward"))
        return given if output is input else held.hand_out(self, output, name)


def _backward(
    method: Callable, name: str, self: Module, input: Any, gradOutput: Any = None, *args: Any, **settings: Any
) -> Any:
    input, gradOutput = held.take_in(input, name, "input"), held.take_in(gradOutput, name, "gradOutput")
    accumulates = method.__name__ in ("backward", "accGradParameters")
    with inside():
        step = inputs.step_of(self, method.__name__)
        inputs.before_backward(self, input, step, method.__name__)
        parameters.check_flat(self)
        if accumulates:
            parameters.before_backward(self)
        results = held.before(self)
        result = method(self, input, gradOutput, *args, **settings)
        held.after(results)
        inputs.after_backward(self, input, step)
        measured.after_backward(self)
        if accumulates:
            parameters.after_backward(self)
        return held.hand_out(self, result, name)


def _update(method: Callable, name: str, self: Module, learningRate: float) -> Any:
    with inside():
        parameters.check_flat(self)
        parameters.before_step(self)
        return method(self, learningRate)


def _loss(
    method: Callable, name: str, self: Criterion, input: Any, target: Any = None, *args: Any, **settings: Any
) -> Any:
    forward = method.__name__ in ("forward", "updateOutput")
    given, input, target = input, held.take_in(input, name, "input"), held.take_in(target, name, "target")
    if forward:
        measured.before_loss(name, given)
    with inside():
        results = held.before(self)
        result = method(self, input, target, *args, **settings)
        held.after(results)
        if forward:
            inputs.after_loss(self, input, target)
            return result
        inputs.after_loss_backward(self, input, target, result)
        return held.hand_out(self, result, name)


_PASSES = {"forward": _forward, "updateOutput": _forward, "updateParameters": _update}
_PASSES |= dict.fromkeys(("backward", "updateGradInput", "accGradParameters", "accUpdateGradParameters"), _backward)
_LOSSES = dict.fromkeys(("forward", "updateOutput", "backward", "updateGradInput"), _loss)


def _wrap(cls: type, checks: dict[str, Callable]) -> None:
    for name, check in checks.items():
        if name in vars(cls):
            _originals[cls, name] = vars(cls)[name]
            setattr(cls, name, outermost(check)(vars(cls)[name]))


def _with_subclasses(cls: type) -> list[type]:
    found = {cls: None}
    for sub in cls.__subclasses__():
        found |= dict.fromkeys(_with_subclasses(sub))
    return list(found)


def install() -> None:
    """Wrap the passes of all modules and criterions, and of classes that will be defined."""
    for base, checks in ((Module, _PASSES), (Criterion, _LOSSES)):
        for cls in _with_subclasses(base):
            _wrap(cls, checks)
        _originals[base, "__init_subclass__"] = own = vars(base).get("__init_subclass__")
        base.__init_subclass__ = _watching(base, own, checks)


def _watching(base: type, own: Any, checks: dict[str, Callable]) -> Any:
    """An ``__init_subclass__`` that wraps the passes of a new class, too, after what ``own``, the base's, does."""

    def __init_subclass__(cls: type, **settings: Any) -> None:
        if own is None:
            super(base, cls).__init_subclass__(**settings)
        else:
            own.__func__(cls, **settings)
        _wrap(cls, checks)

    return classmethod(__init_subclass__)


def uninstall() -> None:
    """Give every class its own methods back."""
    for (cls, name), method in _originals.items():
        if method is None:
            delattr(cls, name)
        else:
            setattr(cls, name, method)
    _originals.clear()
