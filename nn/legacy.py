"""What modules of old .t7 files lack; this is imported when the first file with a module is read."""

from __future__ import annotations

from torch7 import LuaFunction, arrays, registry

from .module import Module

_TELLING = ("weight", "bias", "output", "gradInput", "running_mean")


@registry.reader(Module)
def _upgrade_module(module: Module, fields: dict) -> None:
    """Before there was ``_type``, a module was of its tensors' type; ``share`` replaced a method instead of a flag."""
    if not fields.get("_type"):
        fields["_type"] = _type_of(fields)
    if isinstance(fields.get("accUpdateGradParameters"), LuaFunction):
        fields["shared"] = True


def _type_of(fields: dict) -> str:
    """The type of a module's floating-point tensors, or of the modules in it."""
    tensors = [fields.get(name) for name in _TELLING] + list(fields.values())
    for value in tensors:
        if arrays.is_array(value) and value.dtype.kind == "f":
            return arrays.type_name(value)
    inside = [fields.get("module"), *(fields.get("modules") or [])]
    types = [vars(module).get("_type") for module in inside if isinstance(module, Module)]
    return next(filter(None, types), arrays.getdefaulttensortype())
