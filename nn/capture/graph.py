"""``torch7.graph``: a step whose passes are captured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, update_wrapper, wraps
from typing import Any

from ..container import Container
from ..containers.sequential import Sequential
from ..criterion_base import Criterion
from ..module import Module
from .captured import ATTEMPTS, MISSED, Captured
from .passes import Loss, LossGradient, Pass, Update, Whole
from .places import is_tensor
from .safe import in_steps_alone, is_safe, is_safe_criterion, refused
from .straight import NotStraight, Text, lookup
from .tables import Layout, are_tensors, form, tensors


class Running(threading.local):
    """The graph whose step runs in this thread, outside the passes."""

    graph: Graph | None = None


_running = Running()
#: Captures of one graph, at most: a step that calls its modules in ever new ways is not worth more.
MOST = 64
#: Shapes of arguments for which a whole step is captured.
FORMS = 8


class Graph:
    """``step`` as :func:`torch7.graph` returns it: called as ``step`` is, with the same results.

    The text of the step runs as ever. Passes of modules in it, losses and gradient steps are learnt in the first calls;
    then the compiled code they call is run from a table, one call for each, as long as the arguments have the same
    shapes and types and nothing of the modules has changed. What cannot be captured runs as ever.
    """

    def __init__(self, step: Callable) -> None:
        if not callable(step):
            raise TypeError(f"torch7.graph takes a function, not {type(step).__name__}")
        self.step = step
        self.captures: dict[tuple, Captured | None] = {}
        self.whole = WholeSteps(step)
        if hasattr(step, "__name__"):
            update_wrapper(self, step)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        before = _running.graph
        try:
            if self.whole.straight and not named:
                _running.graph = None
                result = self.whole(arguments)
                if result is not MISSED:
                    return result
            _hook()
            _running.graph = self
            return self.step(*arguments, **named)
        finally:
            _running.graph = before

    def captured(self) -> list[str]:
        """What is run from tables, and what is not yet or cannot be, each in a line that says why."""
        lines = [f"the whole step: {capture.state()}" for capture in self.whole.captures.values()]
        for (owner, method, *_), capture in self.captures.items():
            state = _why_not(owner.owner) if capture is None else capture.state()
            lines.append(f"{type(owner.owner).__name__}.{method}: {state}")
        return lines + [f"{name}: cannot be captured: a module of nn.pytorch" for name in _of_pytorch(self.step)]

    def run(self, owner: Any, method: str, original: Callable, arguments: tuple) -> Any:
        """A call of a method in the step."""
        key = _Identity(owner), method, *map(form, arguments)
        try:
            capture = self.captures[key]
        except KeyError:
            capture = self._add(key, owner, method, original, arguments)
        except TypeError:  # something among the arguments that no key can be made of
            capture = None
        if capture is not None:
            return capture(*filter(is_tensor, tensors(arguments)))
        with _inside(None):
            return original(owner, *arguments)

    def _add(self, key: tuple, owner: Any, method: str, original: Callable, arguments: tuple) -> Captured | None:
        capture = None
        if len(self.captures) < MOST:
            numbers = tuple(x for x in arguments if not are_tensors(x))
            fixed = len(arguments) - len(numbers)
            if all(map(are_tensors, arguments[:fixed])):
                layout = Layout(arguments[:fixed])

                def compute(*slots: Any) -> Any:
                    with _inside(None):
                        return original(owner, *layout.filled(slots), *numbers)

                capture = _capture(owner, method, compute, arguments[:fixed])
            self.captures[key] = capture
        return capture


class WholeSteps:
    """A step that is captured whole, for arguments of each form, as long as its text allows it."""

    def __init__(self, step: Callable) -> None:
        self.step, self.captures, self.last, self.texts = step, {}, None, 0
        self._read()

    def _read(self) -> None:
        """Read the text, with what its free names mean now."""
        self.texts += 1
        self.captures.clear()
        self.last, self.straight = None, False
        if self.texts <= ATTEMPTS:
            with suppress(NotStraight):
                self.text = Text(self.step)
                self.straight, self.code = True, self.step.__code__

    def __call__(self, arguments: tuple) -> Any:
        """Run the step, or MISSED."""
        text = self.text
        if len(arguments) != len(text.arguments) or not self._means_the_same():
            return MISSED
        values = (*arguments, *text.arrays())
        last = self.last
        if last is not None and not last.layout.nested and (result := last.attempt(*values)) is not MISSED:
            return result
        if not all(map(are_tensors, values)):
            return MISSED
        key = tuple(map(form, values))
        if key not in self.captures:
            if len(self.captures) == FORMS:
                return MISSED
            self.captures[key] = Whole(text, Layout(values))
        capture = self.captures[key]
        if capture.failed >= ATTEMPTS:
            return MISSED
        self.last = capture
        return capture(*tensors(values))

    def _means_the_same(self) -> bool:
        """Whether the free names are what they were; else the text is read again."""
        if self.step.__code__ is not self.code or not self.text.holds():
            self._read()
            return False
        return True


class _Identity:
    """A module or criterion as a part of a key."""

    __slots__ = ("owner",)

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __hash__(self) -> int:
        return id(self.owner)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, _Identity) and self.owner is other.owner


def _capture(owner: Any, method: str, compute: Callable, arguments: Sequence[Any]) -> Captured | None:
    """The capture of a call with such tensors and tables, or None where there is none."""
    slots = len(arguments)
    if isinstance(owner, Criterion):
        if not is_safe_criterion(owner) or in_steps_alone(owner) or slots != 2 or len(tensors(arguments)) != 2:
            return None
        return Loss(compute, [], owner, ()) if method == "forward" else LossGradient(compute, owner)
    if not is_safe(owner) or (in_steps_alone(owner) and method in ("forward", "backward")):
        return None
    if method == "forward":
        return Pass(compute, owner, "output", arguments[0]) if slots == 1 else None
    if method == "backward":
        return Pass(compute, owner, "gradInput", arguments[0]) if slots == 2 else None
    return Update(compute, owner)


def _why_not(owner: Any) -> str:
    found = refused(owner)
    if not found and in_steps_alone(owner):
        return "cannot be captured but in a whole step"
    return f"cannot be captured: {found}" if found else "cannot be captured"


def _of_pytorch(step: Any) -> Iterator[str]:
    """The names in a step that mean modules of nn.pytorch, which run as ever."""
    code = getattr(step, "__code__", None)
    for name in (*code.co_names, *code.co_freevars) if code else ():
        with suppress(LookupError, ValueError):
            if any(cls.__module__ == "nn.pytorch.module" for cls in type(lookup(step, name)).__mro__):
                yield name


@contextmanager
def _inside(graph: Graph | None) -> Iterator[None]:
    before, _running.graph = _running.graph, graph
    try:
        yield
    finally:
        _running.graph = before


@cache
def _hook() -> None:
    """Let the methods ask for a graph; a program that makes none never runs this."""
    for cls in (Module, Container, Sequential, Criterion):
        for name in ("forward", "backward", "zeroGradParameters", "updateParameters"):
            if name in vars(cls):
                setattr(cls, name, _asking(vars(cls)[name], name))


def _asking(original: Callable, name: str) -> Callable:
    @wraps(original)
    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        graph = _running.graph
        if graph is None or named:
            return original(self, *arguments, **named)
        return graph.run(self, name, original, arguments)

    return method
