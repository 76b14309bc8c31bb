"""What modules of old .t7 files lack; this is imported when the first file with a module is read."""

from __future__ import annotations

import math
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
    "VolumetricAveragePooling": {"padT": 0, **_BORDER, "ceil_mode": False, "count_include_pad": True},
    "VolumetricConvolution": {"dT": 1, "padT": 0, **_STEP, **_BORDER},
    "VolumetricDilatedConvolution": {"dilationT": 1, "dilationW": 1, "dilationH": 1},
    "VolumetricFullConvolution": {"dT": 1, **_STEP},
    "WhiteNoise": {"mean": 0, "std": 0.1},
}


def _upgrade_steps(pooling: Any, fields: dict) -> None:
    """Windows that do not say how they move stand side by side."""
    for axis in "TWH":
        if fields.get(f"d{axis}") is None and fields.get(f"k{axis}") is not None:
            fields[f"d{axis}"] = fields[f"k{axis}"]


def _upgrade_view(view: Any, fields: dict) -> None:
    if fields.get("numElements") is None:
        fields["numElements"] = abs(math.prod(fields["size"]))


def _upgrade_sub_sampling(module: Any, fields: dict) -> None:
    """Weights for every pixel of a window, all the same: the first one counts."""
    for name in ("weight", "gradWeight"):
        x = fields.get(name)
        if arrays.is_array(x) and x.ndim == 3 and not arrays.is_expanded(x):
            fields[name] = x[:, 0, 0].copy()


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
    for name in ("weight", "gradWeight", "bias", "gradBias"):  # the module's own
        fields.pop(name, None)
    if fields["gradG"].ndim == 1:
        fields["gradG"] = fields["gradG"].reshape(-1, 1)
    if inner.weight is None:
        size = fields.get("weightSize") or v.shape
        if math.prod(size) != v.size or arrays.is_expanded(v):
            raise ValueError(f"weightSize {size} does not fit v, {arrays.describe(v)}")
        inner.weight, inner.gradWeight = np.empty(size, v.dtype), np.zeros(size, v.dtype)
        vars(module).update({name: fields[name] for name in ("modules", "outputDim", "v", "g")})
        module.updateWeight()


_UPGRADES = {
    _upgrade_weight_norm: ["WeightNorm"],
    _upgrade_view: ["View"],
    _upgrade_sub_sampling: ["SpatialSubSampling"],
    _upgrade_steps: [
        "SpatialAveragePooling",
        "SpatialMaxPooling",
        "TemporalMaxPooling",
        "VolumetricAveragePooling",
        "VolumetricMaxPooling",
    ],
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
        registry.lacking(_class, **_fields)
