"""What a forward of a tnn module does, written down step by step: calls of layers, of functions, operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn.pytorch.parameter import Parameter
from nn.pytorch.tape import FUNCTION, Tape, Value, active, mapped, no_tape
from torch7.onnx import NotExportable

#: What a value does that is written down under its own name.
BINARY = ("add", "sub", "mul", "truediv", "pow", "matmul")
METHODS = [f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")]
METHODS = [name for name in METHODS if hasattr(Value, name)]
METHODS += ["__neg__", "__pos__", "__abs__", "__getitem__", "exp", "log", "tanh", "sqrt", "abs", "square", "pow"]
METHODS += ["matmul", "sum", "mean", "max", "min", "reshape", "view", "permute", "transpose", "swapaxes", "flatten"]
METHODS += ["ravel", "squeeze", "unsqueeze", "chunk", "t", "expand", "expand_as", "repeat", "flip", "roll", "cumsum"]
METHODS += ["clamp", "norm", "argmax", "argmin"]
COMPARISONS = {"__lt__": np.less, "__le__": np.less_equal, "__gt__": np.greater, "__ge__": np.greater_equal}
COMPARISONS |= {"__eq__": np.equal, "__ne__": np.not_equal, "__and__": np.logical_and, "__or__": np.logical_or}


@dataclass(frozen=True)
class Ref:
    """A value by its place on the tape."""

    index: int


@dataclass
class Note:
    """A step: ``what`` is a module or a name; values among arguments and results are :class:`Ref`."""

    what: Any
    args: tuple
    settings: dict
    result: Any


class Recorder(Tape):
    """A tape that keeps notes. ``follows(module)`` says whether a layer is one step; else its own steps are."""

    def __init__(self, follows: Callable) -> None:
        super().__init__()
        self.follows, self.notes, self.inside = follows, [], False
        self.arrays: dict[int, Any] = {}

    def value(self, data: Any, needs: bool) -> Value:
        new = Traced(data, self, self.count, needs)
        self.arrays[self.count] = data
        self.count += 1
        return new

    def record_one(self, output: Any, parents: tuple, backward: Callable) -> Value:
        new = self.value(np.asarray(output), any(p is not None and p.needs for p in parents))
        self.entries.append((backward, parents, (new,), (), FUNCTION))
        return new

    def record_operation(
        self, output: Any, parents: tuple, rule: Callable, arguments: tuple, alike: bool = False
    ) -> Value:
        return self.record_one(output, parents, rule)

    def observer(self, what: Any, args: tuple, settings: dict, run: Callable) -> Any:
        """Run a step and write it down, unless it is part of another one."""
        if self.inside:
            return run()
        given, named = frozen(args, self), frozen(settings, self)
        self.inside = True
        try:
            result = self.kept(run())
        finally:
            self.inside = False
        self.notes.append(Note(what, given, named, frozen(result, self)))
        return result

    def kept(self, x: Any) -> Any:
        """Results that a step gave as plain arrays, as values; copies, as layers overwrite what they returned."""
        if isinstance(x, Value):
            self.arrays[x.index] = np.array(x.data)
            return x
        array = isinstance(x, np.ndarray | np.bool_)
        return self.value(np.array(x), False) if array else mapped(self.kept, x)


def frozen(x: Any, tape: Recorder) -> Any:
    """``x`` with what stands for its values now."""
    if isinstance(x, Value):
        return Ref(x.index)
    if isinstance(x, Parameter):
        return Ref(tape.leaf(x).index)
    if isinstance(x, slice):
        return slice(*(frozen(part, tape) for part in (x.start, x.stop, x.step)))
    return np.array(x) if isinstance(x, np.ndarray) else mapped(lambda v: frozen(v, tape), x)


class Traced(Value):
    """A value whose every use is written down; what would take its numbers off the tape is refused."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        run = super().__array_ufunc__  # type: ignore[misc]
        return self.tape.observer(ufunc.__name__, inputs, {}, lambda: run(ufunc, method, *inputs, **settings))

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        run = super().__array_function__  # type: ignore[misc]
        return self.tape.observer(
            function.__name__, tuple(args), settings, lambda: run(function, types, args, settings)
        )

    def detach(self) -> Any:
        return self

    def astype(self, dtype: Any) -> Any:
        return self.tape.observer("astype", (self, np.dtype(dtype)), {}, lambda: self.data.astype(dtype))

    def __invert__(self) -> Any:
        return self.tape.observer("logical_not", (self,), {}, lambda: ~self.data)

    def _off_the_tape(self, *_: Any, **__: Any) -> Any:
        raise NotExportable("forward takes the numbers of a value, which an ONNX file cannot follow,")

    __float__ = __bool__ = item = __array__ = _off_the_tape
    __hash__ = object.__hash__


def _method(name: str) -> Callable:
    original = getattr(Value, name)

    def method(self: Any, *args: Any, **settings: Any) -> Any:
        return self.tape.observer(name, (self, *args), settings, lambda: original(self, *args, **settings))

    return method


def _comparison(ufunc: Any) -> Callable:
    def method(self: Any, other: Any) -> Any:
        second = other.data if isinstance(other, Value) else other
        return self.tape.observer(ufunc.__name__, (self, other), {}, lambda: ufunc(self.data, second))

    return method


for _name in METHODS:
    setattr(Traced, _name, _method(_name))
for _name, _ufunc in COMPARISONS.items():
    setattr(Traced, _name, _comparison(_ufunc))
Traced.T = property(_method("t"))  # type: ignore[attr-defined]


def recorded(module: Any, inputs: list, follows: Callable) -> tuple[Recorder, Any, Any]:
    """The tape of ``module(*inputs)``, with the inputs and the result as :class:`Ref`."""
    tape = Recorder(follows)
    values = [tape.wrapped(x) for x in inputs]
    given = frozen(values, tape)
    active.tape = tape
    try:
        with no_tape():  # operations without a gradient are followed, too
            result = module(*values)
    finally:
        active.tape = None
    return tape, given, frozen(tape.kept(result), tape)
