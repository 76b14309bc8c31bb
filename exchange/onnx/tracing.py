"""Walks through a network with an example input, module by module, and writes each by the rule of its class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numpy as np

import nn
from torch7 import registry
from torch7.onnx import NotExportable

from .graph import Graph, Value

#: ``rule(graph, module, input, output)``: the name of its output, or a list of names for a table.
RULES: dict[str, Callable] = {}
#: Rules that call :func:`trace` for the modules inside: they return values.
WALKS: dict[str, Callable] = {}
#: Classes of these are known by their names; those of nnx, some of which are called alike, by their modules, too.
PACKAGES = ("nn", "dpnn", "rnn", "nngraph")
#: Methods that a forward in evaluation never sees.
PASSIVE = {
    "updateGradInput", "accGradParameters", "accUpdateGradParameters", "sharedAccUpdateGradParameters", "backward",
    "defaultAccUpdateGradParameters", "reset", "parameters", "zeroGradParameters", "updateParameters", "clearState",
    "add", "get", "threads", "syncParameters", "_t7_fields", "_saved", "_measure",
}  # fmt: skip


def rule(*names: str) -> Callable:
    """Decorator: the rule of these classes."""

    def put(function: Callable) -> Callable:
        RULES.update(dict.fromkeys(names, function))
        return function

    return put


def walk(*names: str) -> Callable:
    """Decorator: the rule of these containers."""

    def put(function: Callable) -> Callable:
        WALKS.update(dict.fromkeys(names, function))
        return function

    return put


@contextmanager
def inside(graph: Graph, label: Any) -> Iterator[None]:
    """The place of a module within its container."""
    outer, graph.place = graph.place, f"{graph.place}.{label}"
    try:
        yield
    finally:
        graph.place = outer


def trace(graph: Graph, module: nn.Module, x: Any, label: Any = None) -> Any:
    """The values that ``module`` makes of ``x``; ``label`` is its place in the container."""
    if label is not None:
        with inside(graph, label):
            return trace(graph, module, x)
    name = kind_of(module)
    if name in WALKS:
        return WALKS[name](graph, module, x)
    if name in RULES:
        return _leaf(graph, RULES[name], module, x)
    raise graph.refuse(registry.class_name(type(module)))


def kind_of(module: Any) -> str:
    """The class whose rule writes a module: its own, or one that it changes in nothing that forward sees."""
    order = type(module).__mro__
    for i, cls in enumerate(order):
        name = cls.__name__ if cls.__module__.partition(".")[0] in PACKAGES else f"{cls.__module__}.{cls.__name__}"
        if name in WALKS or name in RULES:
            return name
        own = (n for n, v in vars(cls).items() if not (n.startswith("__") or n in PASSIVE) and _is_method(v))
        if any(n in vars(base) for n in own for base in order[i + 1 :]):
            break  # a class of its own formula
    return ""


def _is_method(x: Any) -> bool:
    return isinstance(x, FunctionType | property | staticmethod | classmethod)


def _leaf(graph: Graph, function: Callable, module: nn.Module, x: Any) -> Any:
    output = computed(module, x)
    return named(function(graph, module, x, output), output)


def computed(module: nn.Module, x: Any) -> Any:
    """What ``module`` makes of the examples: values without names; states that it remembers are left behind."""
    first = _copied(begun(module).updateOutput(_examples(x, False)))
    return _values(first, _larger(module, x) if dynamic(x) else None)


def _larger(module: Any, x: Any) -> Any:
    """What ``module`` makes of the larger batch; a module that takes this batch only says so by an error."""
    try:
        return _copied(begun(module).updateOutput(_examples(x, True)))
    except Exception as error:
        raise NotExportable(f"{registry.class_name(type(module))} takes no other batch: {error}") from error


def numbers_of(criterion: Any, x: list) -> Value:
    """The losses of the examples, without a name."""
    first, other = (_loss(criterion, x, larger) for larger in (False, True))
    return Value("", first, other if dynamic(x) else None)


def _loss(criterion: Any, x: list, larger: bool) -> np.ndarray:
    return np.array(criterion.updateOutput(*_examples(x, larger)), np.float32)


def begun(module: Any) -> Any:
    """``module`` before the first step of a sequence."""
    for name in ("resetStates", "forget"):
        begin = getattr(module, name, None)
        if callable(begin):
            begin()
    return module


def dynamic(x: Any) -> bool:
    """Whether a value, or one in a table, follows the batch."""
    return any(map(dynamic, x)) if isinstance(x, list) else x.other is not None


def _examples(x: Any, other: bool) -> Any:
    if isinstance(x, list):
        return [_examples(v, other) for v in x]
    return np.ascontiguousarray(x.other if other and x.other is not None else x.array)


def _copied(x: Any) -> Any:
    return [_copied(v) for v in x] if isinstance(x, list | tuple) else np.array(x)


def _values(first: Any, other: Any) -> Any:
    if isinstance(first, list):
        if other is not None and len(other) != len(first):
            raise NotExportable("the number of outputs follows the batch")
        return [_values(a, None if other is None else b) for a, b in zip(first, first if other is None else other)]
    if other is not None and other.ndim != first.ndim:
        raise NotExportable("the rank follows the batch")
    return Value("", first, other)


def named(names: Any, values: Any) -> Any:
    """The values under these names."""
    if isinstance(values, list):
        return [named(n, v) for n, v in zip(names, values, strict=True)]
    values.name = names.name if isinstance(names, Value) else names
    return values
