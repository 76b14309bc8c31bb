"""The tape of explicit backwards: how a module without a backward of its own gets one.

While such a module's ``forward`` runs, its inputs and parameters are :class:`Value` objects. Every call of a module, of
a function of ``nn.pytorch.functional`` and of one of the operations in :mod:`.operations` is written down together with
its backward; :meth:`Tape.backward` goes through the list once, from the end, and adds where a value was used twice.
Nothing else is recorded: an operation without a backward raises ``TypeError``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import numpy as np

from torch7 import arrays

from .fitting import fitted
from .parameter import Parameter


class _Active(threading.local):
    tape: Tape | None = None
    recording = True


active = _Active()


@contextmanager
def no_tape() -> Iterator[None]:
    """Let modules without a backward run unrecorded, where no backward follows: nothing is kept for one."""
    before, active.recording = active.recording, False
    try:
        yield
    finally:
        active.recording = before


class _Forgotten(list):
    """A list that keeps nothing."""

    def append(self, entry: Any) -> None:
        """Forget it."""


#: Whose backward an entry has: a function's, that of a module, which takes the scale too, or a NumPy operation's.
FUNCTION, MODULE, OPERATION = range(3)


class Tape:
    """What one forward did: entries (backward, parents, outputs, further arguments of backward, whose it is).

    Each output has a place among the gradients. ``backward(gradOutput, *arguments)`` returns a gradient a parent;
    :data:`MODULE`'s takes the scale in front of the arguments, :data:`OPERATION`'s are still to be fitted.
    """

    #: ``observer(what, args, settings, run)`` stands between a caller and each step, for those who translate a forward.
    observer: Any = None
    #: Under an observer: whether the call of a module is one step, or what it does inside is.
    follows: Any = None

    def __init__(self, recording: bool = True) -> None:
        self.entries: list[tuple[Callable, tuple, tuple, tuple, int]] = [] if recording else _Forgotten()
        self.count = 0
        self.leaves: dict[int, tuple[Parameter, Value]] = {}
        self.calls: dict[int, int] = {}
        self.moved: dict[int, tuple[Value, Value]] = {}  # what was overwritten, and the value it was at first

    def value(self, data: Any, needs: bool) -> Value:
        """A new value on this tape; ``needs`` says that its gradient is asked for."""
        new = Value(data, self, self.count, needs)
        self.count += 1
        return new

    def wrapped(self, x: Any) -> Any:
        """Arrays of an input, in lists, tuples and dicts too, as values; the rest as it is."""
        if isinstance(x, Parameter):
            return self.leaf(x)
        if arrays.is_array(x):
            return self.value(x, x.dtype.kind == "f")
        return mapped(self.wrapped, x)

    def leaf(self, parameter: Parameter) -> Value:
        """The value that stands for a parameter."""
        found = self.leaves.get(id(parameter))
        if found is None:
            found = parameter, self.value(parameter.data, parameter.requires_grad)
            self.leaves[id(parameter)] = found
        return found[1]

    def record(self, output: Any, parents: tuple, backward: Callable, module: bool = False) -> Any:
        """``output`` as values whose gradient ``backward`` hands on to ``parents``, values or None.

        ``backward(gradOutput)`` takes an array, or a list for several outputs, and returns a gradient a parent. That of
        a module takes the scale of the parameters' gradients as well, and is called even if no parent needs one.
        """
        needs = module or any(p is not None and p.needs for p in parents)
        outputs: list = []

        def made(x: Any) -> Any:
            if hasattr(x, "array"):  # a number that stays on a GPU
                x = x.array()
            if arrays.is_array(x) or isinstance(x, (np.floating, float)):
                x = arrays.given(x)
                new = self.value(x, needs and x.dtype.kind == "f")
                outputs.append(new)
                return new
            return mapped(made, x)

        result = made(output)
        if needs:
            made_of = tuple(o for o in outputs if o.data.dtype.kind == "f")
            self.entries.append((backward, parents, made_of, (), MODULE if module else FUNCTION))
        return result

    def record_one(self, output: Any, parents: tuple, backward: Callable) -> Value:
        """:meth:`record` for one array of floats."""
        if type(output) is not np.ndarray:
            output = arrays.given(output)
        for parent in parents:
            if parent is not None and parent.needs:
                new = Value(output, self, self.count, output.dtype.kind == "f")
                self.entries.append((backward, parents, (new,), (), FUNCTION))
                break
        else:
            new = Value(output, self, self.count, False)
        self.count += 1
        return new

    def record_operation(
        self, output: Any, parents: tuple, rule: Callable, arguments: tuple, alike: bool = False
    ) -> Value:
        """:meth:`record_one` for a NumPy operation of one or two parents; the rule takes ``arguments``, too.

        ``alike`` says that nothing is broadcast, so that the gradients fit as they are.
        """
        first, second = parents[0], parents[-1]
        needs = (first is not None and first.needs) or (second is not None and second.needs)
        if type(output) is not np.ndarray:
            output = arrays.given(output)
        new = Value(output, self, self.count, needs)
        self.count += 1
        if needs:
            self.entries.append((rule, parents, (new,), arguments, FUNCTION if alike else OPERATION))
        return new

    def backward(self, outputs: list, gradOutputs: list, scale: float) -> list:
        """Gradients by place of value, for the gradients of ``outputs``; adds those of the parameters to theirs."""
        grads: list = [None] * self.count
        for output, grad in zip(outputs, gradOutputs):
            _add(grads, output, grad)
        suspended(self._walk, grads, scale)
        for parameter, leaf in self.leaves.values():
            parameter.accumulate(grads[leaf.index], scale)
        return grads

    def _walk(self, grads: list, scale: float) -> None:
        """Hand the gradients on from the last entry to the first."""
        for backward, parents, made, arguments, whose in reversed(self.entries):
            got = grads[made[0].index] if len(made) == 1 else _several(grads, made)
            if got is None:
                continue
            if whose == OPERATION:
                _hand_on(grads, parents, backward(got, *arguments))
                continue
            given = backward(got, scale, *arguments) if whose else backward(got, *arguments)
            for parent, grad in zip(parents, given):
                if grad is not None and parent is not None and parent.needs:
                    before = grads[parent.index]
                    grads[parent.index] = grad if before is None else before + grad


def _several(grads: list, made: tuple) -> list | None:
    """The gradients of several outputs, zeros for those without one; None if there is none."""
    got = [grads[o.index] for o in made]
    if all(g is None for g in got):
        return None
    return [np.zeros_like(o.data) if g is None else g for o, g in zip(made, got)]


def _hand_on(grads: list, parents: tuple, given: tuple) -> None:
    """Add an operation's gradients to those of its parents, in their shapes and types."""
    for parent, grad in zip(parents, given):
        if parent is not None and parent.needs:
            data = parent.data
            # Broadcasting makes arrays larger, unless they are empty: those of one size and rank have one shape.
            alike = arrays.is_array(grad) and grad.size == data.size != 0 and grad.ndim == data.ndim
            if not alike or grad.dtype is not data.dtype:
                grad = fitted(grad, data)
            index = parent.index
            before = grads[index]
            grads[index] = grad if before is None else before + grad


def _add(grads: list, value: Any, grad: Any) -> None:
    """A gradient more for ``value``; never in place, as the array may be a module's buffer."""
    if value is not None and grad is not None and value.needs:
        before = grads[value.index]
        grads[value.index] = grad if before is None else before + grad


def mapped(function: Callable, x: Any) -> Any:
    """``function`` on the elements of a list, tuple, named tuple or dict; anything else as it is."""
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(function, x))
    if isinstance(x, (list, tuple)):
        return type(x)(map(function, x))
    if type(x) is dict:
        return {k: function(v) for k, v in x.items()}
    if isinstance(x, dict):  # an OrderedDict stays one
        x = copy(x)
        x.update([(k, function(v)) for k, v in x.items()])
    return x


def data_of(x: Any) -> Any:
    """``x`` with arrays in place of values and parameters, in lists, tuples and dicts too."""
    if type(x) is np.ndarray:
        return x
    if isinstance(x, (Value, Parameter)):
        return x.data
    return x if arrays.is_array(x) else mapped(data_of, x)


def values_in(x: Any) -> list[Value]:
    """The values in ``x``, a value or a list, tuple or dict of them, in order."""
    if isinstance(x, Value):
        return [x]
    if isinstance(x, (list, tuple)):
        return [v for part in x for v in values_in(part)]
    return [v for part in x.values() for v in values_in(part)] if isinstance(x, dict) else []


def suspended(function: Callable, *args: Any, **settings: Any) -> Any:
    """Call ``function`` while no tape runs, so that what it does to arrays is its own affair."""
    tape, active.tape = active.tape, None
    try:
        return function(*args, **settings)
    finally:
        active.tape = tape


class Value:
    """An array on a tape. Operators, the methods below and the NumPy functions of :mod:`.operations` are recorded.

    ``data`` is the array itself; what is computed from it leaves the tape on purpose.
    """

    __slots__ = ("data", "index", "needs", "tape")

    def __init__(self, data: Any, tape: Tape, index: int, needs: bool) -> None:
        self.data, self.tape, self.index, self.needs = data, tape, index, needs

    shape = property(lambda self: self.data.shape)
    dtype = property(lambda self: self.data.dtype)
    ndim = property(lambda self: self.data.ndim)
    numel = property(lambda self: lambda: self.data.size)

    def __len__(self) -> int:
        return len(self.data)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.data, dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        return f"Value({self.data!r})"

    def size(self, dim: int | None = None) -> Any:
        """All sizes, or that of one dimension."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        """The number of dimensions."""
        return self.data.ndim

    def detach(self) -> np.ndarray:
        """The array, off the tape."""
        return self.data

    def item(self) -> Any:
        return self.data.item()
