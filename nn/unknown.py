"""Records of classes that are not known here, as leaves of a network."""

from __future__ import annotations

from types import MethodType
from typing import Any, NoReturn

from torch7 import TorchObject, arrays

from .module import Module

#: What a record in a network cannot do, because its class is missing.
COMPUTING = {"forward", "updateOutput", "backward", "updateGradInput", "accGradParameters", "accUpdateGradParameters"}
COMPUTING |= {"backwardUpdate", "defaultAccUpdateGradParameters", "sharedAccUpdateGradParameters"}
#: What needs to know nothing of the class.
TREE = {"apply", "replace", "listModules", "findModules", "_walk", "clone"}


def behaviour(record: TorchObject, name: str) -> Any:
    """The attribute ``name`` of Module for a record: a leaf without parameters, walked past by all but forward."""
    if name in ("output", "gradInput"):
        return arrays.empty()
    value = getattr(Module, name, _unknown)
    if value is _unknown:
        raise AttributeError(f"{record.torch_typename} has no field {name!r}")
    if name in TREE:
        return MethodType(value, record)
    if name in COMPUTING:
        return lambda *args, **settings: refuse(record)
    if name == "parameters":
        return lambda: ([], [])
    return (lambda *args, **settings: record) if callable(value) else value


_unknown = object()


def refuse(record: TorchObject) -> NoReturn:
    """Raise ``NotImplementedError`` that names the class and what to do."""
    name = record.torch_typename
    raise NotImplementedError(
        f"{name}: no class of this name is known, the record of the file cannot compute. Define it with "
        f"@torch7.class_('{name}', 'nn.Module') before torch7.load, or put a module in its place: "
        f"net.replace(lambda m: MyModule() if torch7.typename(m) == '{name}' else m)"
    )


TorchObject.behaviour = behaviour
