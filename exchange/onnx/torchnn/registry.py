"""The rules of nn.pytorch's functions and layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import nn.pytorch.functional as F

from ..graph import Graph, Value

#: ``rule(graph, arguments, output)`` of a function, by its name in ``nn.pytorch.functional``, or of an operation.
FUNCTIONS: dict[str, Callable] = {}
#: ``rule(graph, module, inputs, output)`` of a layer, by its class.
LAYERS: dict[str, Callable] = {}


class Arguments(dict):
    """The arguments of a call, by name, as attributes too."""

    __getattr__ = dict.__getitem__


def function(*names: str) -> Callable:
    def put(rule: Callable) -> Callable:
        FUNCTIONS.update(dict.fromkeys(names, rule))
        return rule

    return put


def layer(*names: str) -> Callable:
    def put(rule: Callable) -> Callable:
        LAYERS.update(dict.fromkeys(names, rule))
        return rule

    return put


def called(g: Graph, name: str, y: Any, *args: Any, **settings: Any) -> Any:
    """What function ``name`` of these arguments, graph values among them, is in the graph."""
    if name not in FUNCTIONS:
        raise g.refuse(f"nn.pytorch.functional.{name}")
    bound = inspect.signature(getattr(F, name)).bind(*args, **settings)
    bound.apply_defaults()
    return FUNCTIONS[name](g, Arguments(bound.arguments, name=name), y)


def parameter(g: Graph, module: Any, name: str) -> Value | None:
    """A parameter or buffer of a layer, or what takes the place of one."""
    state = vars(module)
    owner = module._parameters.get(name, module._buffers.get(name, state.get(name)))
    if owner is None:
        return None
    array = getattr(owner, "data", owner)
    array = array if hasattr(array, "shape") else owner
    return Value(g.parameter(name, array, owner), array, array)


def parameters(g: Graph, module: Any, *names: str) -> list[Value | None]:
    return [parameter(g, module, name) for name in names]


def present(*values: Value | None) -> list[Value]:
    return [v for v in values if v is not None]
