"""``require 'optnet'``: less memory for the results of a network's modules.

``mode = 'inference'``: outputs that are not needed at the same time share memory, and gradients of the parameters go.
``mode = 'training'``: the gradients with respect to inputs share memory, for ``backward``; the outputs stay. In both,
functions of every element write over their input where nothing else reads it, and poolings keep the places of maxima in
half the memory.
"""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any

import numpy as np

import torch7
from nn.convolution.places import Places
from nn.freezing import gradients
from nn.freezing.arena import Span, memory, planned, view
from nn.freezing.fold import OWNING, may_overwrite
from nn.freezing.trace import Step, Trace, Untraceable, flat
from nn.storage import transient

OPTIONS = {"inplace", "mode", "reuseBuffers", "removeGradParams", "countBuffers", "func"}
GRADIENTS = "gradWeight", "gradBias"
#: What was changed, by network: (module or list, field or number, what it was, or how it is made anew).
_changed: weakref.WeakKeyDictionary[Any, list[tuple[Any, str, Any]]] = weakref.WeakKeyDictionary()


def optimizeMemory(net: Any, input: Any, opts: dict | None = None) -> Any:
    """Let the modules of ``net`` share memory for inputs as ``input``; returns the network.

    ``opts``: ``mode``, 'inference' (default) or 'training'; ``inplace`` (True): functions of every element write over
    their input; ``reuseBuffers`` (True): results share memory, and ``indices`` of max poolings are of int32;
    ``removeGradParams`` (True for inference): the network has no gradients of its parameters. What it computes stays
    the same; in inference ``output`` of the modules inside does not last, in training ``gradInput`` does not, so that
    ``backward`` is to be called, not its two parts one after the other. An input of another size is taken, with buffers
    of its own again.

    ``ValueError`` for another mode or option.
    """
    options = dict(opts or {})
    mode = options.get("mode") or "inference"
    if unknown := options.keys() - OPTIONS:
        raise ValueError(f"optnet.optimizeMemory has no option {sorted(unknown)[0]!r}")
    if mode not in ("inference", "training"):
        raise ValueError(f"optnet.optimizeMemory: mode must be 'inference' or 'training', got {mode!r}")
    removeOptimization(net)
    changes = _changed[net] = []
    if options.get("reuseBuffers") is not False:
        for module in net.listModules():
            if isinstance(module, Places):
                _set(module, "indexType", "int32", changes)
    if options.get("inplace") is not False and (trace := _traced(net, input, mode)) is not None:
        _overwrite(trace.steps, flat(trace.output), changes)
    if options.get("reuseBuffers") is not False:
        if mode == "training":
            _share_gradients(net, input, changes)
        elif (trace := _traced(net, input, mode)) is not None:
            _share_outputs(net, trace, changes)
    if options.get("removeGradParams", mode == "inference"):
        for module in net.listModules():
            _without_gradients(module, changes, mode == "inference")
    return net


def _without_gradients(module: Any, changes: list, inputs: bool) -> None:
    """Let a module have no gradients of its parameters, and none with respect to its input either."""
    for name in GRADIENTS:
        if torch7.isTensor(getattr(module, name, None)):
            _set(module, name, None, changes)
    if inputs and isinstance(module.gradInput, list):
        _set(module, "gradInput", [], changes)
    elif inputs and torch7.isTensor(module.gradInput) and module.gradInput.size:
        _set(module, "gradInput", np.empty(0, module.gradInput.dtype), changes)
    for name in transient(type(module)):  # what was proved of them
        if isinstance(vars(module).get(name), tuple) and hasattr(type(module), name):
            del vars(module)[name]


def removeOptimization(net: Any) -> Any:
    """Undo :func:`optimizeMemory`; gradients of parameters are back, and zero. Returns the network."""
    for module, name, before in reversed(_changed.pop(net, [])):
        gradients.put(module, name, before() if isinstance(before, Anew) else before)
    return net


class Anew:
    """A tensor to be made when it is wanted again: of zeros, or empty for a buffer that the modules fill."""

    def __init__(self, name: str, x: Any) -> None:
        self.shape, self.dtype = x.shape if name in GRADIENTS else (0,), x.dtype

    def __call__(self) -> Any:
        return np.zeros(self.shape, self.dtype)


def countUsedMemory(net: Any) -> dict[str, int]:
    """Bytes of the tensors of all modules: ``outputs``, ``gradInputs``, ``params``, ``gradParams``, ``buffers``, and
    ``total_size``, their sum. Memory that several tensors share counts once, for the first of these names.
    """
    kinds = {"output": "outputs", "gradInput": "gradInputs", "weight": "params", "bias": "params"}
    kinds |= dict.fromkeys(GRADIENTS, "gradParams")
    used = dict.fromkeys(("params", "outputs", "gradInputs", "gradParams", "buffers"), 0)
    found: dict[str, list] = {kind: [] for kind in used}
    for module in net.listModules():
        for field, value in vars(module).items():
            found[kinds.get(field, "buffers")] += gradients.tensors(value)
    counted = _Memory()
    for kind, tensors in found.items():
        used[kind] = sum(counted.add(x) for x in tensors)
    return {**used, "total_size": sum(used.values())}


class _Memory:
    """Ranges of memory that were counted."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []

    def add(self, x: Any) -> int:
        """Count what of a tensor's memory is not counted yet; its bytes."""
        low, high = np.lib.array_utils.byte_bounds(x)
        fresh, rest = high - low, []
        for a, b in self.ranges:
            if a <= high and low <= b:
                fresh -= max(0, min(b, high) - max(a, low))
                low, high = min(a, low), max(b, high)
            else:
                rest.append((a, b))
        self.ranges = [*rest, (low, high)]
        return max(fresh, 0)


def _set(module: Any, name: Any, value: Any, changes: list) -> None:
    before = gradients.at(module, name)
    changes.append((module, name, Anew(name, before) if gradients.own(before) else before))
    gradients.put(module, name, value)


def _traced(net: Any, input: Any, mode: str) -> Trace | None:
    """The steps of a forward in that mode; None where they cannot be told."""
    modes = [(m, vars(m).get("train")) for m in net.listModules()]
    if mode == "inference":
        net.evaluate()
    try:
        return Trace(net, input)
    except Untraceable:
        return None
    finally:
        for module, train in modes:
            module.train = train


def _overwrite(steps: list[Step], output: list[int], changes: list) -> None:
    uses = Counter(n for step in steps for n in flat(step.inputs)) + Counter(output)
    times = Counter(id(step.module) for step in steps)
    makers = {n: step for step in steps for n in flat(step.outputs)}
    for step in steps:
        value, module = step.inputs, step.module
        if not may_overwrite(step) or times[id(module)] > 1:
            continue
        before = makers.get(value)
        if uses[value] == 1 and before is not None and before.kind in OWNING and before.outputs == value:
            _set(module, "inplace", True, changes)


def _share_outputs(net: Any, trace: Trace, changes: list) -> None:
    """Put the outputs of modules into one piece of memory."""
    times = Counter(id(step.module) for step in trace.steps)
    made, last = [], {}
    seen = {id(x) for x in trace.arrays[: trace.inputs]}
    for n, step in enumerate(trace.steps):
        for v in (*flat(step.held), *flat(step.outputs)):
            last[id(_owner(trace.arrays[v]))] = n
        x = step.module.output
        if gradients.own(x) and times[id(step.module)] == 1 and id(x) not in seen:  # else it is written over
            made.append((n, step.module, x))
        seen.add(id(x))
    for v in flat(trace.output):
        last[id(_owner(trace.arrays[v]))] = len(trace.steps)
    moved = _lay([(module, "output", x, n, last[id(x)]) for n, module, x in made], changes)
    _follow(net, "output", moved, changes)


def _share_gradients(net: Any, input: Any, changes: list) -> None:
    """Put gradients that a later step of backward takes, and nothing else, into one piece of memory."""
    spans = gradients.spans(net, input)
    _follow(net, "gradInput", _lay(spans, changes), changes)  # Sequential holds the gradient of its first module


def _lay(spans: list[tuple[Any, Any, Any, int, int]], changes: list) -> dict[int, Any]:
    """Lay fields of modules or entries of lists, (holder, key, array, first step, last step), into one arena.

    The new array for the number (``id``) of each old one.
    """
    places, size = planned([Span(x.nbytes, first, last) for _, _, x, first, last in spans])
    if size >= sum(x.nbytes for _, _, x, _, _ in spans):
        return {}
    arena, moved = memory(size), {}
    for (module, name, x, _, _), at in zip(spans, places):
        moved[id(x)] = new = view(arena, at, x)
        _set(module, name, new, changes)
    return moved


def _follow(net: Any, name: str, moved: dict[int, Any], changes: list) -> None:
    """Let the other modules that hold an array that was moved hold the new one."""
    for module in net.listModules():
        if (new := moved.get(id(getattr(module, name)))) is not None:
            _set(module, name, new, changes)


def _owner(x: Any) -> Any:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x
