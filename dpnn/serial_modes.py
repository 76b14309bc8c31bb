"""How much of a module a :class:`Serial` around it saves: ``heavySerial``, ``mediumSerial``, ``lightSerial``."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import nn
from nn.storage import persistent, storage_of
from torch7 import arrays, registry

from .graph import found_modules
from .shared_clone import GRADIENTS

MEDIUM = ["output", "gradInput", "momGradParams", "dpnn_input"]
CONVOLUTION = [*MEDIUM, "finput", "fgradinput", "_input", "_gradOutput"]
NORMALIZATION = [*MEDIUM, "buffer", "buffer2", "centered", "std", "normalized", "output", "gradInput"]

nn.extends(nn.Module, dpnn_mediumEmpty=MEDIUM, dpnn_lightEmpty=GRADIENTS, dpnn_serialEmpty=[])
nn.extends(nn.SpatialConvolution, dpnn_mediumEmpty=CONVOLUTION)
nn.extends(nn.SpatialMaxPooling, dpnn_mediumEmpty=[*MEDIUM, "indices"])
nn.extends(nn.BatchNormalization, dpnn_mediumEmpty=NORMALIZATION)


@nn.extends(nn.Module)
def serialMode(self: nn.Module, empty: list) -> nn.Module:
    """Let a Serial empty the fields named, of this module and of all modules in it; returns the module."""
    if not isinstance(empty, list | tuple):
        raise TypeError(f"serialMode: Expecting table at arg 1, got {arrays.describe(empty)}")
    for module in found_modules(self):
        module.dpnn_serialEmpty = list(empty)
    return self


@nn.extends(nn.Module)
def heavySerial(self: nn.Module) -> nn.Module:
    """Let a Serial save everything; returns the module."""
    return self.serialMode([])


@nn.extends(nn.Module)
def mediumSerial(self: nn.Module) -> nn.Module:
    """Let a Serial empty what training does not need: each module's ``dpnn_mediumEmpty``; returns the module."""
    for module in found_modules(self):
        module.dpnn_serialEmpty = list(module.dpnn_mediumEmpty)
    return self


@nn.extends(nn.Module)
def lightSerial(self: nn.Module) -> nn.Module:
    """Let a Serial also empty the gradients, ``dpnn_lightEmpty``: enough for evaluation; returns the module."""
    for module in found_modules(self):
        module.dpnn_serialEmpty = [*module.dpnn_mediumEmpty, *module.dpnn_lightEmpty]
    return self


@nn.extends(nn.Module)
def getSerialState(self: nn.Module, states: dict | None = None) -> dict:
    """The module as plain tables: fields by name, emptied as its mode says, and its class in ``dpnn_typename``.

    ``states`` collects what was converted already, by id; pass one dict to several calls to keep what they share.
    """
    return plain(self, {} if states is None else states)


def plain(value: Any, states: dict) -> Any:
    """``value`` with every module and table in it as a new table; each is converted once."""
    if isinstance(value, tuple):
        return tuple(plain(v, states) for v in value)
    if not isinstance(value, nn.Module | list | dict):
        return value
    if id(value) not in states:
        state: Any = [] if isinstance(value, list) else {}
        states[id(value)] = state
        if isinstance(value, list):
            state += [plain(v, states) for v in value]
        else:
            fields = saved_fields(value) if isinstance(value, nn.Module) else value
            state.update((k, plain(v, states)) for k, v in fields.items())
        if isinstance(value, nn.Module):
            state["dpnn_typename"] = registry.class_name(type(value))
    return states[id(value)]


def saved_fields(module: nn.Module, known: Container[int] = ()) -> dict:
    """The module's fields as its mode saves them; tensors over a storage whose id is in ``known`` stay."""
    emptied = module.dpnn_serialEmpty
    return {name: hollow(value, known) if name in emptied else value for name, value in persistent(module).items()}


def hollow(value: Any, known: Container[int]) -> Any:
    """An empty tensor or table of the kind of ``value``; other values as they are."""
    if arrays.is_array(value):
        kept = id(storage_of(value)) in known
        return value if kept else arrays.array_module(value).empty(0, value.dtype)
    return type(value)() if isinstance(value, list | tuple | dict) else value
