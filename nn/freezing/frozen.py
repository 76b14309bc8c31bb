"""``nn.Frozen``: the steps of a network, run from a table."""

from __future__ import annotations

import copy
import threading
from typing import Any

import numpy as np

from torch7 import T7Error, arrays, exactness, registry, threads

from .. import sums, thnn
from ..capture.safe import MODULES
from ..module import Module
from .arena import Span, memory, planned, view
from .fold import shortened
from .known import check
from .trace import Step, Trace, Untraceable, flat, nested
from .translation import Untranslatable, translated

#: Steps that are kernels alone.
PURE = MODULES | {"Sum", "Join"}
#: Shapes of the input for which tables are kept.
SHAPES = 8
#: By what the input is multiplied for the comparison of a table with the modules.
OTHER = 0.875


class Frozen(Module):
    """What ``net`` evaluates, made by :func:`freeze`: it only goes forward.

    ``output`` is a buffer that the next forward overwrites. Inputs of other shapes are taken, too. ``modules`` are the
    steps that are left; their weights are not those of ``net``, and changing them changes nothing. ``captured`` says
    whether the last input was computed from a table.
    """

    def __init__(self, net: Module, input: Any) -> None:
        super().__init__()
        check(net)
        self._type, self._dtype = net._type, net._dtype
        self.train = False
        net = net.clone().evaluate()
        self._steps: list[Step] | None = None
        self._tables: dict[Any, Table] = {}
        self.captured = False
        try:
            self._trace = trace = Trace(net, input)
            if any(step.kind == "Sequencer" and isinstance(step.inputs, list) for step in trace.steps):
                raise Untraceable("a table of steps, of which another sequence has more or less")
            self._steps = _alone(shortened(trace))
            self.modules = [step.module for step in self._steps]
        except Untraceable:
            self.modules = [net]
        for module in self.modules:
            _without_gradients(module)
        self.updateOutput(input)

    def updateOutput(self, input: Any) -> Any:
        found = flat(input)
        key = tuple(getattr(x, "shape", None) for x in found)
        table = self._tables.get(key)
        self.captured = table is not None and table.run(found)
        if self.captured:
            self.output = table.output  # type: ignore[union-attr]
        elif table is None and len(self._tables) < SHAPES and self._pure(found):
            self.output = self._learn(key, input, found)
        else:
            self.output = self.run(input)
        return self.output

    def _t7_fields(self) -> dict:
        raise T7Error("nn.Frozen is for this process: save the network that it was made of, and freeze it again")

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        raise RuntimeError("nn.Frozen only goes forward; train the network it was made of")

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        raise RuntimeError("nn.Frozen only goes forward; train the network it was made of")

    def training(self) -> Module:
        """A frozen network stays in evaluation; returns it."""
        return self

    def parameters(self) -> tuple[list, ...]:
        """None: what is frozen is not trained."""
        return [], []

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """The name of its type; ``TypeError`` for another one: convert the network before it is frozen."""
        if type is not None and type != self._type:
            raise TypeError(f"nn.Frozen is of type {self._type}: convert the network, then freeze it")
        return self._type if type is None else self

    def run(self, input: Any) -> Any:
        """The output, by the modules."""
        if self._steps is None:
            return self.modules[0].updateOutput(input)
        trace = self._trace
        values: dict[int, Any] = dict(zip(flat(trace.input), flat(input)))
        if _form(input) != _form(trace.input):
            raise ValueError(f"nn.Frozen: input is {arrays.describe(input)}, it was frozen for another table")
        for n, step in enumerate(self._steps, 1):
            try:
                output = step.module.updateOutput(nested(step.inputs, values.__getitem__))
                if _form(output) != _form(step.outputs):
                    raise ValueError(f"{_count(output)}, where the network was frozen for {_count(step.outputs)}")
            except Exception as error:
                error.add_note(f"In step {n} of nn.Frozen, {registry.class_name(type(step.module))}")
                raise
            values.update(zip(flat(step.outputs), flat(output)))
        self._values = values
        return nested(trace.output, values.__getitem__)

    # -- tables

    def _pure(self, found: list) -> bool:
        plain = all(type(x) is np.ndarray and x.flags.carray and x.size and x.dtype == self._dtype for x in found)
        return plain and len(found) <= 2 and self._steps is not None and all(step.kind in PURE for step in self._steps)

    def _learn(self, key: Any, input: Any, found: list) -> Any:
        """Run by the modules, in one arena, and keep the table where it agrees with them."""
        for step in self._steps or ():  # the buffers of other shapes belong to their tables
            step.module.output = arrays.empty(self._type)
        self.run(input)
        _share(self._steps or [], self._values, self._trace)
        self.run(input)
        try:
            self._tables[key] = Table(self, input, found)
        except thnn.replaying().NotReplayable as reason:
            self._tables[key] = Table.none(str(reason))
        return self.run(input)

    def __tostring__(self) -> str:
        lines = [f"  ({n}): {module!r}" for n, module in enumerate(self.modules, 1)]
        return "\n".join(["nn.Frozen {", *lines, "}"])


class Table:
    """The compiled code of a frozen network for inputs of one shape."""

    program: Any = None
    output: Any = None
    why = ""

    def __init__(self, frozen: Frozen, input: Any, found: list) -> None:
        replaying = thnn.replaying()
        self.settings = _settings()
        with sums.by_kernels():
            launches, (output, packed) = replaying.record_packed(lambda: frozen.run(input))
        watched = [x for x in _arrays(frozen.modules) if not any(np.may_share_memory(x, s) for s in found)]
        program = replaying.Program(launches, found, watched + packed)
        others = [x * x.dtype.type(OTHER) for x in found]
        expected = [x.copy() for x in flat(frozen.run(_like(input, others)))]
        for x in replaying.workspace_of_this_thread():
            x.fill(255)
        results = flat(output)
        for x in results:
            if any(np.may_share_memory(x, s) for s in found):
                raise replaying.NotReplayable("the output is the input")
            x.fill(np.nan)
        if program.run(*others) != 0 or not all(map(_same, results, expected)):
            raise replaying.NotReplayable("the modules gave other numbers")
        self.program, self.output = program, output

    @classmethod
    def none(cls, why: str) -> Table:
        """What stands for no table."""
        table = object.__new__(cls)
        table.why = why
        return table

    def run(self, found: list) -> bool:
        """Run the table on such inputs; False where it does not hold for them."""
        return self.program is not None and self.settings == _settings() and self.program.run(*found) == 0


def freeze(net: Module, input: Any) -> Frozen:
    """``net`` as it evaluates ``input``, an example, as a network that only goes forward, in less time and memory.

    Batch normalization and constant scales go into the weights before them, Dropout is left out, functions of every
    element are computed in place or with the sum before them, weights are packed once, buffers share one piece of
    memory, and the compiled code is run from a table. Outputs differ from those of ``net.evaluate()`` by rounding. The
    network itself is not changed, and training it further does not change what was frozen.

    ``input`` may be a table; networks of any containers are taken, ``nngraph.gModule`` too. ``TypeError`` names the
    first module that is not known: those of your own, and of packages rnn and dpnn. A Sequential of nn.pytorch becomes
    one of nn; any other network of nn.pytorch is evaluated as it is.
    """
    if isinstance(net, Module) or not hasattr(net, "eval"):
        return Frozen(net, input)
    net = copy.deepcopy(net).eval()
    try:
        return Frozen(translated(net, input), input)
    except Untranslatable:
        return Evaluated(net, input)


class Evaluated(Module):
    """A network of nn.pytorch that is no chain of layers that nn has: its forward in evaluation."""

    def __init__(self, net: Any, input: Any) -> None:
        super().__init__()
        self.net, self.train = net, False
        self.updateOutput(input)

    def updateOutput(self, input: Any) -> Any:
        given = input if isinstance(input, list | tuple) else [input]
        self.output = self.net.forward(*given)
        return self.output

    updateGradInput, accGradParameters = Frozen.updateGradInput, Frozen.accGradParameters
    training, parameters = Frozen.training, Frozen.parameters


def _settings() -> tuple:
    return threads._threads, exactness._exact, threading.get_ident()


def _form(x: Any) -> Any:
    """How the tables of a table are nested."""
    return [_form(v) for v in x] if isinstance(x, list | tuple) else 0


def _count(x: Any) -> str:
    return f"a table of {len(x)}" if isinstance(x, list | tuple) else "no table"


def _like(input: Any, found: list) -> Any:
    """The tables of ``input`` around other arrays."""
    rest = iter(found)
    return nested(list(input), lambda _: next(rest)) if isinstance(input, list | tuple) else found[0]


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.tobytes() == b.tobytes()


def _arrays(modules: list[Module]) -> list[np.ndarray]:
    values = [v for module in modules for m in module.listModules() for v in vars(m).values()]
    return list({id(x): x for v in values for x in flat(v) if isinstance(x, np.ndarray) and x.size}.values())


def _without_gradients(module: Module) -> None:
    for m in module.listModules():
        for name in ("gradWeight", "gradBias"):
            if arrays.is_array(vars(m).get(name)):
                setattr(m, name, None)
        if arrays.is_array(vars(m).get("gradInput")):
            m.gradInput = arrays.empty(m._type)


def _alone(steps: list[Step]) -> list[Step]:
    """The steps with a module of its own for each; parameters that were shared stay so."""
    seen: set[int] = set()
    for step in steps:
        if id(step.module) in seen:
            step.module = step.module.clone("weight", "bias")
        seen.add(id(step.module))
    return steps


def _share(steps: list[Step], values: dict[int, Any], trace: Trace) -> None:
    """Lay the outputs of the steps into one arena: those that are needed at the same time side by side."""
    made, last = {}, {}
    for n, step in enumerate(steps):
        output = step.module.output
        if type(output) is np.ndarray and output.base is None and output.size and flat(step.outputs) == [step.outputs]:
            made.setdefault(id(output), (n, step.module, output))
        for v in (*flat(step.inputs), *flat(step.outputs)):
            last[id(_owner(values[v]))] = n
    for v in flat(trace.output):
        last[id(_owner(values[v]))] = len(steps)
    found = list(made.values())
    places, size = planned([Span(x.nbytes, n, last[id(x)]) for n, _, x in found])
    arena = memory(size)
    for (_, module, x), at in zip(found, places):
        module.output = view(arena, at, x)


def _owner(x: Any) -> Any:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x
