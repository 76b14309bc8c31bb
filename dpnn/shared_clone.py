"""``sharedClone`` and ``getParameters``: copies of a module that train the same tensors."""

from __future__ import annotations

import copy
from typing import Any

import nn
from nn.storage import storage_of
from torch7 import arrays

from .graph import found, found_modules

PARAMETERS, GRADIENTS = ["weight", "bias"], ["gradWeight", "gradBias"]

nn.extends(nn.Module, dpnn_parameters=PARAMETERS, dpnn_gradParameters=GRADIENTS)
nn.extends(nn.BatchNormalization, dpnn_parameters=[*PARAMETERS, "running_mean", "running_var"])


@nn.extends(nn.Module)
def sharedClone(
    self: nn.Module, shareParams: bool | None = None, shareGradParams: bool | None = None, stepClone: bool | None = None
) -> nn.Module:
    """A clone whose parameters and gradients look at the memory of this module's; the rest is copied.

    Shared are the tensors in the fields that each module's ``dpnn_parameters`` (unless ``shareParams`` is False) and
    ``dpnn_gradParameters`` (unless ``shareGradParams`` is False) name, and every other tensor over their memory. No
    parameter is copied. With ``stepClone`` a module that has ``dpnn_stepclone`` stands for itself. A module with a
    method ``dpnn_sharedClone`` is cloned by it.
    """
    memo: dict = {}
    for obj in found(self, lambda m: not stands_in(m, stepClone)):
        if stands_in(obj, stepClone):
            memo[id(obj)] = obj if stepClone and is_step_clone(obj) else obj.dpnn_sharedClone()
            continue
        if shareGradParams is not False and isinstance(obj, nn.Module):
            obj.makeGradients()  # those of a file without any: the clones add to the same
        names = list(getattr(obj, "dpnn_parameters", ())) if shareParams is not False else []
        names += getattr(obj, "dpnn_gradParameters", ()) if shareGradParams is not False else ()
        for name in names:
            share(vars(obj).get(name), memo)
    return copy.deepcopy(self, memo)


@nn.extends(nn.Module)
def stepClone(self: nn.Module, shareParams: bool | None = None, shareGradParams: bool | None = None) -> nn.Module:
    """The :func:`sharedClone` for another time step: modules that keep their own steps stand for themselves."""
    return self.sharedClone(shareParams, shareGradParams, True)


@nn.extends(nn.Module)
def hiddenParameters(self: nn.Module) -> tuple[list, list]:
    """Parameters and gradients of modules in fields other than ``modules``, as far as no parameter has their memory.

    ``getParameters`` puts them behind those of ``parameters()``.
    """
    known = {id(storage_of(t)) for tensors in self.parameters()[:2] for t in tensors if t is not None}
    hidden: dict[int, tuple[Any, Any]] = {}
    for module in found_modules(self):
        for param, grad in zip(*module.parameters()[:2]):
            if not known & {id(storage_of(t)) for t in (param, grad) if t is not None}:
                hidden[id(param)] = param, grad
    return [p for p, _ in hidden.values()], [g for _, g in hidden.values()]


def is_step_clone(obj: Any) -> bool:
    return bool(getattr(obj, "dpnn_stepclone", False))


def stands_in(obj: Any, stepClone: bool | None) -> bool:
    """Whether a clone of the object is not made by copying its fields."""
    return (bool(stepClone) and is_step_clone(obj)) or getattr(obj, "dpnn_sharedClone", None) is not None


def share(value: Any, memo: dict) -> None:
    """Let a deep copy with ``memo`` keep the memory of a tensor, or of all tensors in a table."""
    if isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            share(item, memo)
    elif arrays.is_array(value):
        storage = storage_of(value)
        memo[id(storage)] = storage.view()
