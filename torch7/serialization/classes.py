"""What the names of classes in a file mean for its layout, and the versions that are written."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import arrays

TENSORS: dict[str, np.dtype] = arrays.CPU_TYPES | arrays.CUDA_TYPES
STORAGES: dict[str, np.dtype] = {name.replace("Tensor", "Storage"): dtype for name, dtype in TENSORS.items()}

# A class writes one value, the table of its fields, unless it is listed here:
VALUES = {"nn.GPU": 2, "nn.DataParallelTable": 2}  # this many values
SINCE = {"nn.DataParallelTable": 2}  # from this version on
COUNTED = {"tds.Vec": 1, "tds.Hash": 2}  # a long n, then n times this many values
BYTES = {"torch.Generator": 5048, "torch.Timer": 0}  # plain bytes

VERSIONS = {
    "nn.BatchNormalization": 2,
    "nn.DataParallelTable": 3,
    "nn.SpatialBatchNormalization": 2,
    "nn.GradientReversal": 2,
    "nn.LookupTable": 4,
    "nn.VolumetricMaxPooling": 2,
}


def values_of(name: str, version: int | None) -> int:
    """How many values an object of a class has."""
    return VALUES.get(name, 1) if (version or 0) >= SINCE.get(name, 0) else 1


def header(name: str, fields: Any) -> Any:
    """What stands before the table of fields where an object has two values: the devices it is for."""
    return [fields.get("_type"), fields.get("device")] if name == "nn.GPU" else fields.get("gpuAssignments") or [1]


def _batchsize(reshape: Any) -> dict[str, Any]:
    return {"batchsize": (1, *reshape.size)}


def _weight_norm(module: Any) -> dict[str, Any]:
    inner = module.modules[0]
    shape = inner.weight.shape
    rows = shape[module.outputDim - 1]
    out = (rows, *shape[: module.outputDim - 1], *shape[module.outputDim :])
    rest = inner.weight.size // rows
    sizes = {"weightSize": shape, "viewIn": (rows, rest), "viewOut": out, "otherDims": rest}
    held = {name: getattr(inner, name) for name in ("weight", "gradWeight", "bias", "gradBias")}
    norms = module._norms()
    return sizes | held | {"_norm": norms, "_scale": (module.g / norms).reshape(-1)}


def _ones(add: Any) -> dict[str, Any]:
    return {"_ones": arrays.array_module(add.bias).ones(1, add.bias.dtype)}


def _bottled(bottle: Any) -> dict[str, Any]:
    ranks = {"inShape": bottle.nInputDim, "outShape": bottle.nOutputDim}
    return {name: arrays.module_of(bottle._type).zeros(rank, bottle._dtype) for name, rank in ranks.items()}


def _joined_input(convolution: Any) -> dict[str, Any]:
    """After an input table the gradient by its second tensor is made of a zero."""
    zero = arrays.module_of(convolution._type).zeros(1, convolution._dtype)
    return {"zeroScalar": zero} if isinstance(convolution.gradInput, list) else {}


def _lengths(linear: Any) -> dict[str, Any]:
    """None are left after clearState."""
    if not linear.weight.size:
        return {name: arrays.empty(linear._type) for name in ("norm", "scale")}
    norm = linear._norms(linear.v)
    return {"norm": norm, "scale": linear.g / norm}


# Fields that Lua's classes compute and ours do without; written where an object lacks them.
NEEDED = {
    "nn.Reshape": _batchsize,
    "nn.Sequencer": lambda sequencer: {
        "_remember": sequencer._remember,
        "dpnn_mediumEmpty": sequencer.dpnn_mediumEmpty,
    },
    "nn.SpatialFullConvolution": _joined_input,
    "nn.WeightNorm": _weight_norm,
    "nn.LinearWeightNorm": _lengths,
    "nn.Add": _ones,
    "nn.Bottle": _bottled,
}


def needed(name: str, obj: Any) -> dict[str, Any]:
    """The fields of :data:`NEEDED` for an object; none for one that is not whole."""
    try:
        return NEEDED[name](obj) if name in NEEDED else {}
    except (AttributeError, IndexError, KeyError, TypeError, ZeroDivisionError):
        return {}


def on_cpu(type: str) -> str:
    """The CPU type that holds the elements of a Torch type: ``'torch.CudaTensor'`` -> ``'torch.FloatTensor'``."""
    if type not in arrays.CUDA_TYPES:
        return type
    return arrays.type_name(np.empty(0, arrays.CUDA_TYPES[type]))
