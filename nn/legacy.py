"""What modules of old .t7 files lack; this is imported when the first file with a module is read.

Upgrades of a single class stand below the class.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from torch7 import LuaFunction, TorchObject, arrays, registry

from .buffers import drop_float_indices
from .container import Container
from .containers.sequential import Sequential
from .flatten import lacking
from .module import MOVING, Module
from .storage import Shared, layout, storage_of
from .utils import sequence

_TELLING = ("weight", "bias", "output", "gradInput", "running_mean")
_TRAINED = ("weight", "bias", "gradWeight", "gradBias")


@registry.upgrade(Shared)
def _plain_buffers(obj: Any, fields: dict) -> None:
    """Kernels write to ``output`` and ``gradInput`` as they lie: views that are not contiguous become copies."""
    for name in ("output", "gradInput"):
        x = fields.get(name)
        if arrays.is_array(x) and not x.flags.c_contiguous:
            fields[name] = np.empty(0, x.dtype) if arrays.is_expanded(x) else x.copy()


@registry.upgrade(Module)
def _upgrade_module(module: Module, fields: dict) -> None:
    """Before there was ``_type``, a module was of its tensors' type; ``share`` replaced a method instead of a flag."""
    if not fields.get("_type"):
        fields["_type"] = _type_of(fields)
        _unmix(fields, fields["_type"])
    if isinstance(fields.get("accUpdateGradParameters"), LuaFunction):
        fields["shared"] = True
    if fields.get("gradInput") is None and _is_stripped(fields):
        fields["gradInput"] = arrays.empty(fields["_type"])
    drop_float_indices(fields, "indices", "_indices")


@registry.upgrade(Container)
def _upgrade_container(module: Container, fields: dict) -> None:
    """``modules`` are counted from 1 up to the first that is missing, as Lua's loops do; others are not reached."""
    modules = fields.get("modules")
    if isinstance(modules, dict):
        fields["modules"] = found = list(sequence(modules))
        if len(found) < len(modules):
            others = sorted(map(str, modules.keys() - range(1, len(found) + 1)))
            name = registry.class_name(type(module))
            warnings.warn(f"{name}: only modules 1 to {len(found)} are run, not {', '.join(others)}", stacklevel=2)
    elif modules is not None and not isinstance(modules, list):
        raise TypeError(f"modules are {arrays.describe(modules)} instead of a table")
    for i, x in enumerate(fields.get("modules") or [], 1):
        if not isinstance(x, Module | TorchObject):
            raise TypeError(f"modules[{i}] is {arrays.describe(x)} instead of a module")


def _is_stripped(fields: dict) -> bool:
    """Whether a program took all gradients off to save room; gradInput alone it takes off where none is wanted."""
    weights = [name for name in ("weight", "bias") if arrays.is_array(fields.get(name))]
    return all(fields.get(f"grad{name.capitalize()}") is None for name in weights)


def _type_of(fields: dict) -> str:
    """The type of a module's floating-point tensors, the widest where they differ, or of the modules in it."""
    tensors = [fields.get(name) for name in _TELLING] + list(fields.values())
    tensors = [value for value in tensors if arrays.is_array(value) and value.dtype.kind == "f"]
    if tensors:
        told = [value for value in tensors if value.size] or tensors
        return arrays.type_name(max(told[: len(_TELLING)], key=lambda value: value.dtype.itemsize))
    inside = [fields.get("module"), *(fields.get("modules") or [])]
    types = [vars(module).get("_type") for module in inside if isinstance(module, Module)]
    return next(filter(None, types), arrays.getdefaulttensortype())


def _unmix(fields: dict, type: str) -> None:
    """Parameters that a program set in another type than the module computes in are converted."""
    for name in _TRAINED:
        value = fields.get(name)
        if arrays.is_array(value) and value.dtype.kind == "f" and not arrays.is_expanded(value):
            fields[name] = arrays.cast(value, type)


@registry.finish
def _widen(objects: list) -> None:
    """Nothing computes in half precision here: modules of it become those of single precision."""
    cache: dict = {}
    for module in objects:
        if isinstance(module, Module) and vars(module).get("_type") == "torch.HalfTensor":
            module.type("torch.FloatTensor", cache)


@registry.finish
def _own_buffers(objects: list) -> None:
    """Outputs that programs such as optnet laid over one another, and gradInputs, are let go: backward needs them all.

    Not so where a module hands on another's: containers, those that only move elements and those in place.
    """
    for name in ("output", "gradInput"):
        users: dict[int, list] = {}
        for module in objects:
            buffer = vars(module).get(name) if isinstance(module, Module) else None
            if arrays.is_array(buffer) and buffer.size and not _hands_on(module):
                users.setdefault(id(storage_of(buffer)), []).append((module, buffer))
        for sharing in users.values():
            if len({id(buffer) for _, buffer in sharing}) > 1:
                for module, buffer in sharing:
                    setattr(module, name, np.empty(0, buffer.dtype))


def _hands_on(module: Module) -> bool:
    names = {cls.__name__ for cls in type(module).__mro__}
    return bool(vars(module).get("inplace")) or not names.isdisjoint(MOVING)


@registry.finish
def _separate(objects: list) -> None:
    """A module at two places of a Sequential has one output, but backward needs both: the later place gets a clone.

    The clone shares its parameters; what keeps statistics besides stays one module.
    """
    for sequential in objects:
        modules = getattr(sequential, "modules", None) if isinstance(sequential, Sequential) else None
        for i, module in enumerate(modules or []):
            again = any(module is other for other in modules[:i])
            if again and not any("running_mean" in vars(m) for m in module.listModules()):
                modules[i] = module.clone("weight", "bias", "gradWeight", "gradBias")


@registry.finish
def _share_gradients(objects: list) -> None:
    """Modules that share a parameter and come without gradients, as those of a Sequencer may, get one gradient."""
    owners: dict[tuple, list] = {}
    for module in objects:
        for name in module._trained if isinstance(module, Module) else ():
            parameter, gradient = vars(module).get(name), f"grad{name[0].upper()}{name[1:]}"
            if arrays.is_array(parameter) and parameter.size and lacking(vars(module).get(gradient)):
                key = id(storage_of(parameter)), *layout(parameter, storage_of(parameter))
                owners.setdefault(key, []).append((module, gradient, parameter))
    for shared in owners.values():
        if len(shared) > 1:
            zeros = np.zeros(shared[0][2].shape, shared[0][2].dtype)
            for module, gradient, _ in shared:
                setattr(module, gradient, zeros)


_STEP = {"dW": 1, "dH": 1}
_BORDER = {"padW": 0, "padH": 0}
_AVERAGED = {"sizeAverage": True}

# What constructors chose where a script gave nothing, for files from before the field was kept.
_DEFAULTS = {
    "BatchNormalization": {"eps": 1e-5, "momentum": 0.1},
    "ClassNLLCriterion": _AVERAGED,
    "CosineEmbeddingCriterion": {"margin": 0, **_AVERAGED},
    "DistanceRatioCriterion": _AVERAGED,
    "Dropout": {"p": 0.5},
    "ELU": {"alpha": 1},
    "HardShrink": {"lambda_": 0.5},
    "HardTanh": {"min_val": -1, "max_val": 1},
    "HingeEmbeddingCriterion": {"margin": 1, **_AVERAGED},
    "L1HingeEmbeddingCriterion": {"margin": 1},
    "LeakyReLU": {"negval": 0.01},
    "LookupTable": {"paddingValue": 0},
    "MarginCriterion": {"margin": 1, **_AVERAGED},
    "MarginRankingCriterion": {"margin": 1, **_AVERAGED},
    "Max": {"dimension": 1},
    "Mean": {"dimension": 1, **_AVERAGED},
    "Min": {"dimension": 1},
    "MultiLabelMarginCriterion": _AVERAGED,
    "MultiMarginCriterion": {"p": 1, "margin": 1, **_AVERAGED},
    "Narrow": {"length": 1},
    "NarrowTable": {"length": 1},
    "Normalize": {"eps": 1e-10},
    "Padding": {"value": 0, "index": 1},
    "RReLU": {"lower": 1 / 8, "upper": 1 / 3},
    "ReLU": {"threshold": 0},
    "ReLU6": {"min_val": 0, "max_val": 6},
    "Replicate": {"dim": 1},
    "SoftPlus": {"beta": 1, "threshold": 20},
    "SoftShrink": {"lambda_": 0.5},
    "SpatialAveragePooling": _BORDER,
    "SpatialConvolutionLocal": _STEP | _BORDER,
    "SpatialConvolutionMap": _STEP,
    "SpatialCrossMapLRN": {"alpha": 1e-4, "beta": 0.75, "k": 1},
    "SpatialDilatedConvolution": {"dilationW": 1, "dilationH": 1},
    "SpatialFullConvolution": _STEP | _BORDER | {"adjW": 0, "adjH": 0},
    "SpatialFullConvolutionMap": _STEP,
    "SpatialDropout": {"p": 0.5},
    "SpatialSubSampling": _STEP,
    "Sqrt": {"eps": 0},
    "Squeeze": {"numInputDims": None},
    "Sum": {"dimension": 1, "squeeze": True},
    "TemporalConvolution": {"dW": 1},
    "TemporalSubSampling": {"dW": 1},
    "Threshold": {"threshold": 1e-6, "val": 0, "inplace": False},
    "Unsqueeze": {"numInputDims": None},
    "VolumetricDropout": {"p": 0.5},
    "VolumetricAveragePooling": {"padT": 0, **_BORDER, "ceil_mode": False, "count_include_pad": True},
    "VolumetricConvolution": {"dT": 1, "padT": 0, **_STEP, **_BORDER},
    "VolumetricDilatedConvolution": {"dilationT": 1, "dilationW": 1, "dilationH": 1},
    "VolumetricFullConvolution": {"dT": 1, **_STEP},
    "WhiteNoise": {"mean": 0, "std": 0.1},
}

for _name, _fields in _DEFAULTS.items():
    if _class := registry.find(f"nn.{_name}"):
        registry.lacking(_class, **_fields)
