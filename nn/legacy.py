"""What modules of old .t7 files lack; this is imported when the first file with a module is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import LuaFunction, arrays, registry

from .module import Module
from .storage import Shared

_TELLING = ("weight", "bias", "output", "gradInput", "running_mean")


@registry.reader(Shared)
def _plain_buffers(obj: Any, fields: dict) -> None:
    """Kernels write to ``output`` and ``gradInput`` as they lie: views that are not contiguous become copies."""
    for name in ("output", "gradInput"):
        x = fields.get(name)
        if arrays.is_array(x) and not x.flags.c_contiguous:
            fields[name] = np.empty(0, x.dtype) if arrays.is_expanded(x) else x.copy()


@registry.reader(Module)
def _upgrade_module(module: Module, fields: dict) -> None:
    """Before there was ``_type``, a module was of its tensors' type; ``share`` replaced a method instead of a flag."""
    if not fields.get("_type"):
        fields["_type"] = _type_of(fields)
    if isinstance(fields.get("accUpdateGradParameters"), LuaFunction):
        fields["shared"] = True
    _index_buffers(fields, "indices", "_indices")


def _index_buffers(fields: dict, *names: str) -> None:
    """Lua's ``type`` turned buffers of indices into floats; the next forward fills them anew."""
    for name in names:
        if arrays.is_array(fields.get(name)) and fields[name].dtype.kind == "f":
            fields[name] = np.empty(0, np.int64)


def _type_of(fields: dict) -> str:
    """The type of a module's floating-point tensors, or of the modules in it."""
    tensors = [fields.get(name) for name in _TELLING] + list(fields.values())
    for value in tensors:
        if arrays.is_array(value) and value.dtype.kind == "f":
            return arrays.type_name(value)
    inside = [fields.get("module"), *(fields.get("modules") or [])]
    types = [vars(module).get("_type") for module in inside if isinstance(module, Module)]
    return next(filter(None, types), arrays.getdefaulttensortype())


_DEFAULTS = {
    "ClassNLLCriterion": {"sizeAverage": True},
    "HardTanh": {"min_val": -1, "max_val": 1},
    "HingeEmbeddingCriterion": {"sizeAverage": True},
    "LookupTable": {"paddingValue": 0},
    "Mean": {"sizeAverage": True},
    "MultiMarginCriterion": {"p": 1, "margin": 1},
    "Padding": {"value": 0, "index": 1},
    "SpatialConvolutionLocal": {"dW": 1, "dH": 1, "padW": 0, "padH": 0},
    "SpatialFullConvolution": {"dW": 1, "dH": 1, "padW": 0, "padH": 0, "adjW": 0, "adjH": 0},
    "SpatialDilatedConvolution": {"dilationW": 1, "dilationH": 1},
    "Squeeze": {"numInputDims": None},
    "Sum": {"squeeze": True},
    "TemporalConvolution": {"dW": 1},
    "Unsqueeze": {"numInputDims": None},
    "VolumetricAveragePooling": {"padT": 0, "padW": 0, "padH": 0, "ceil_mode": False, "count_include_pad": True},
    "VolumetricConvolution": {"padT": 0, "padW": 0, "padH": 0},
}


def _lacking(defaults: dict[str, Any]) -> Callable[[Any, dict], None]:
    """A reader that gives fields their defaults where a file has none."""

    def upgrade(obj: Any, fields: dict) -> None:
        fields.update({name: value for name, value in defaults.items() if fields.get(name) is None})

    return upgrade


def _upgrade_nll(criterion: Any, fields: dict) -> None:
    """Before the loss was computed in C there were no tensors for it."""
    like = fields.get("gradInput")
    dtype = like.dtype if arrays.is_array(like) else arrays.default_dtype()
    for name in ("output_tensor", "total_weight_tensor"):
        if not arrays.is_array(fields.get(name)):
            fields[name] = np.ones(1, dtype)


def _upgrade_labels(criterion: Any, fields: dict) -> None:
    _index_buffers(fields, "target")
    if not arrays.is_array(fields.get("target")):
        fields["target"] = np.empty(0, np.int64)


def _upgrade_weight_norm(module: Any, fields: dict) -> None:
    """Lua wrote neither the weight of the module inside nor its gradient: v and g make it."""
    inner, v = fields["modules"][0], fields["v"]
    for name in ("bias", "gradBias"):  # the module's own, which it shows
        fields.pop(name, None)
    if inner.weight is None:
        size = fields.get("weightSize") or v.shape
        if math.prod(size) != v.size or arrays.is_expanded(v):
            raise ValueError(f"weightSize {size} does not fit v, {arrays.describe(v)}")
        inner.weight, inner.gradWeight = np.empty(size, v.dtype), np.zeros(size, v.dtype)
        vars(module).update({name: fields[name] for name in ("modules", "outputDim", "v", "g")})
        module.updateWeight()


_UPGRADES = {
    _upgrade_weight_norm: ["WeightNorm"],
    _upgrade_nll: ["ClassNLLCriterion", "SpatialClassNLLCriterion"],
    _upgrade_labels: [
        "ClassNLLCriterion",
        "SpatialClassNLLCriterion",
        "MultiLabelMarginCriterion",
        "MultiMarginCriterion",
    ],
}
for _upgrade, _names in _UPGRADES.items():
    for _name in _names:
        registry.reader(registry.find(f"nn.{_name}"))(_upgrade)
for _name, _fields in _DEFAULTS.items():
    if _class := registry.find(f"nn.{_name}"):
        registry.reader(_class)(_lacking(_fields))
