"""The steps of a tnn module in the graph: two recordings side by side, of the example and of a larger batch."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np

from nn.pytorch.module import Module
from nn.pytorch.tape import mapped, no_tape
from torch7.onnx import NotExportable

from ..graph import Graph, Value
from ..tracing import walk
from .operations import rule_of
from .recording import Note, Recorder, Ref, recorded
from .registry import FUNCTIONS, LAYERS, called

#: Layers that have others inside and take their parameters themselves.
UNSAID = {"AdaptiveLogSoftmaxWithLoss"}


def rule_for(cls: type) -> Any:
    """The rule of a layer of the library, or of a class that keeps its forward; None: its own steps are taken."""
    for base in cls.__mro__:
        if base.__module__.startswith("nn.pytorch") and base.__name__ in LAYERS:
            return LAYERS[base.__name__]
        if "forward" in vars(base):
            return None
    return None


def lowered(g: Graph, module: Module, x: Any) -> Any:
    """The values that ``module`` makes of ``x``, a value or a list of them."""
    inputs = list(x) if isinstance(x, list) else [x]
    module = copy.deepcopy(module)._cast(np.dtype(np.float32)).eval()
    first = _recorded(g, module, inputs, False)
    other = None
    if any(v.other is not None for v in _values(inputs)):
        try:
            other = _recorded(g, module, inputs, True)
        except Exception as error:
            raise NotExportable(f"{type(module).__name__} takes no other batch: {error}") from error
    return Lowering(g, module, first, other, inputs).run()


def _values(x: Any) -> list[Value]:
    return [v for part in x for v in _values(part)] if isinstance(x, list | tuple) else [x]


def _recorded(g: Graph, module: Module, inputs: list, other: bool) -> tuple:
    def example(v: Any) -> Any:
        if isinstance(v, Value):
            return np.array(v.other if other and v.other is not None else v.array)
        return mapped(example, v)

    places = {id(m): name for name, m in module.named_modules()}

    def follows(m: Module) -> bool:
        rule, cls = rule_for(type(m)), type(m)
        own = cls.__module__.startswith("nn.pytorch") and "backward" in vars(cls)
        if rule is None and own and (not m._modules or cls.__name__ in UNSAID):
            g.place = ".".join(part for part in (g.place, places.get(id(m))) if part)
            raise g.refuse(f"nn.pytorch.{cls.__name__}")
        return rule is not None

    examples = [example(v) for v in inputs]
    with no_tape():  # its own errors are told as they are
        module(*[mapped(np.array, x) if isinstance(x, list) else np.array(x) for x in examples])
    try:
        return recorded(module, examples, follows)
    except NotExportable as error:
        raise error if "(at" in str(error) else g.refuse(f"nn.pytorch's {type(module).__name__}: {error}") from error
    except Exception as error:
        raise g.refuse(f"nn.pytorch's {type(module).__name__}, in which {error},") from error


class Lowering:
    """Goes through the notes; ``known`` has a graph value for each value on the tape."""

    def __init__(self, g: Graph, module: Module, first: tuple, other: tuple | None, inputs: list) -> None:
        self.g, self.module, self.inputs = g, module, inputs
        (self.tape, given, self.result) = first
        self.other: Recorder | None = other[0] if other else None
        self.known: dict[int, Value] = {}
        self.outer = "" if g.place == "net" else g.place
        self.places = {id(m): name for name, m in module.named_modules()}
        self._inputs(given, inputs)
        self._parameters()
        if other is not None and len(self.other.notes) != len(self.tape.notes):
            raise NotExportable(f"the number of steps of {type(module).__name__} follows the batch")

    def _inputs(self, refs: Any, values: Any) -> None:
        for ref, value in zip(refs, values):
            if isinstance(ref, Ref):
                self.known[ref.index] = value
            else:
                self._inputs(ref, value)

    def _parameters(self) -> None:
        names = {id(p): name for name, p in self.module.named_parameters(remove_duplicate=False)}
        for owner, leaf in self.tape.leaves.values():
            array = np.asarray(leaf.data)
            if id(owner) in names:
                front, _, last = names[id(owner)].rpartition(".")
                self._at(front)
                name = self.g.parameter(last, array, owner)
            else:
                name = self.g.constant(array)
            self.known[leaf.index] = Value(name, array, array)

    def _at(self, name: str) -> None:
        self.g.place = ".".join(part for part in (self.outer, name) if part)

    def run(self) -> Any:
        place = self.g.place
        try:
            for i, note in enumerate(self.tape.notes):
                self._step(note, None if self.other is None else self.other.notes[i])
            return self._found(self.result)
        finally:
            self.g.place = place

    def _step(self, note: Note, other: Note | None) -> None:
        g = self.g
        self._at(self.places.get(id(note.what), "") if isinstance(note.what, Module) else "")
        y = self._made(note.result, None if other is None else other.result)
        if isinstance(note.what, Module):
            x = self._arguments(note, other)
            made = rule_for(type(note.what))(g, note.what, x, y)
        else:
            made = self._operation(note, other, y)
        self._keep(note.result, y, made)

    def _operation(self, note: Note, other: Note | None, y: Any) -> Any:
        name = note.what
        if name.strip("_") in ("reshape", "view", "flatten", "ravel", "squeeze", "unsqueeze", "expand_dims"):
            return self.g.reshape(self._value(note.args[0], other and other.args[0]), y.sizes)
        args = [self._value(a, b) for a, b in zip(note.args, other.args if other else note.args)]
        settings = {k: self._value(v, other.settings[k] if other else v) for k, v in note.settings.items()}
        if name in FUNCTIONS:
            settings.pop("out", None)
            return called(self.g, name, y, *args, **settings)
        try:
            return rule_of(name)(self.g, tuple(args), settings, y)
        except NotExportable as error:
            raise error if "(at" in str(error) else self.g.refuse(f"nn.pytorch's {error}") from None

    def _arguments(self, note: Note, other: Note | None) -> Any:
        """What a layer was called with; what was given by name comes behind, in the order of its forward."""
        given, larger = note.args, other.args if other else note.args
        if note.settings:
            signature = inspect.signature(type(note.what).forward._plain)
            given, larger = (tuple(_bound(signature, n.args, n.settings).values())[1:] for n in (note, other or note))
        return [self._value(a, b) for a, b in zip(given, larger)]

    # -- values

    def _value(self, a: Any, b: Any) -> Any:
        """An argument with the graph's values; ``b`` is the same one of the larger batch."""
        if isinstance(a, Ref):
            if a.index not in self.known:
                raise self.g.refuse("a value of a step that is not followed")
            return self.known[a.index]
        if isinstance(a, np.ndarray):
            return self._constant(a, a if b is None else b)
        if isinstance(a, slice):
            return slice(*(self._value(x, y) for x, y in zip(_ends(a), _ends(a if b is None else b))))
        if isinstance(a, list | tuple):
            if b is not None and len(a) != len(b):
                raise NotExportable("the number of arguments of a step follows the batch")
            return type(a)(self._value(x, y) for x, y in zip(a, a if b is None else b))
        if b is not None and a != b:
            raise NotExportable(f"a number that follows the batch, {a} and {b},")
        return a

    def _constant(self, a: np.ndarray, b: np.ndarray) -> Value:
        """Numbers that do not depend on the input; rows that are all alike may follow the batch."""
        dtype = {"f": np.float32, "i": np.int64, "u": np.int64, "b": np.bool_}[a.dtype.kind]
        if a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            return Value(self.g.constant(a, dtype), a.astype(dtype), a.astype(dtype))
        free = next((v for v in _values(self.inputs) if v.other is not None and v.shape[:1] == a.shape[:1]), None)
        alike = a.ndim and a.shape[1:] == b.shape[1:] and all(np.array_equal(row, a[0]) for row in (*a, *b))
        if free is None or not alike:
            raise NotExportable("numbers that follow the batch, but not the input,")
        g = self.g
        samples = g.op("Slice", g.op("Shape", free), g.integers(0), g.integers(1))
        sizes = g.op("Concat", samples, g.integers(*a.shape[1:]), axis=0) if a.ndim > 1 else samples
        return Value(g.op("Expand", g.constant(a[:1], dtype), sizes), a.astype(dtype), b.astype(dtype))

    def _made(self, a: Any, b: Any) -> Any:
        """A result's examples, without a name."""
        if isinstance(a, Ref):
            other = None if b is None else self.other.arrays[b.index]  # type: ignore[union-attr]
            first = self.tape.arrays[a.index]
            if other is not None and other.ndim != first.ndim:
                raise NotExportable("the rank follows the batch")
            return Value("", first, other)
        if isinstance(a, list | tuple):
            if b is not None and len(b) != len(a):
                raise NotExportable("the number of results follows the batch")
            return [self._made(x, None if b is None else y) for x, y in zip(a, a if b is None else b)]
        return None

    def _keep(self, refs: Any, values: Any, names: Any) -> None:
        if isinstance(refs, Ref):
            values.name = names.name if isinstance(names, Value) else names
            self.known[refs.index] = values
        elif isinstance(refs, list | tuple):
            for ref, value, name in zip(refs, values, names, strict=True):
                self._keep(ref, value, name)

    def _found(self, refs: Any) -> Any:
        if isinstance(refs, Ref):
            return self._value(refs, None)
        if isinstance(refs, dict):
            raise self.g.refuse("a dict of outputs")
        if isinstance(refs, list | tuple):
            return [self._found(ref) for ref in refs if ref is not None]
        raise self.g.refuse(f"an output that is {type(refs).__name__}")


def _bound(signature: inspect.Signature, args: tuple, settings: dict) -> dict:
    bound = signature.bind(None, *args, **settings)
    bound.apply_defaults()
    return bound.arguments


def _ends(s: slice) -> tuple:
    return s.start, s.stop, s.step


@walk("NNModule")
def of_pytorch(g: Graph, m: Any, x: Any) -> Any:
    """A tnn module inside a network of nn."""
    m._bind()
    return lowered(g, m.module, x)
