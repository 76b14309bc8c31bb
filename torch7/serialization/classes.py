"""What the names of classes in a file mean for its layout, and the versions that are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import arrays

TENSORS: dict[str, np.dtype] = arrays.CPU_TYPES | arrays.CUDA_TYPES
STORAGES: dict[str, np.dtype] = {name.replace("Tensor", "Storage"): dtype for name, dtype in TENSORS.items()}

# A class writes one value, the table of its fields, unless it is listed here:
VALUES = {"nn.GPU": 2}  # this many values
COUNTED = {"tds.Vec": 1, "tds.Hash": 2}  # a long n, then n times this many values
BYTES = {"torch.Generator": 5048}  # plain bytes

VERSIONS = {
    "nn.BatchNormalization": 2,
    "nn.SpatialBatchNormalization": 2,
    "nn.GradientReversal": 2,
    "nn.LookupTable": 4,
    "nn.VolumetricMaxPooling": 2,
}


def _batchsize(reshape: Any) -> dict[str, Any]:
    return {"batchsize": (1, *reshape.size)}


def _unfolded(convolution: Any) -> dict[str, Any]:
    xp = arrays.array_module(convolution.weight)
    return {name: xp.empty(0, convolution.weight.dtype) for name in ("finput", "fgradInput")}


def _weight_norm(module: Any) -> dict[str, Any]:
    inner = module.modules[0]
    shape = inner.weight.shape
    rows = shape[module.outputDim - 1]
    out = (rows, *shape[: module.outputDim - 1], *shape[module.outputDim :])
    sizes = {"weightSize": shape, "viewIn": (rows, inner.weight.size // rows), "viewOut": out}
    return sizes | {"bias": inner.bias, "gradBias": inner.gradBias}


def _empty(*names: str) -> Callable[[Any], dict[str, Any]]:
    """Buffers that Lua's constructor makes and every forward fills."""
    return lambda module: {name: arrays.empty(module._type) for name in names}


def _ones(add: Any) -> dict[str, Any]:
    return {"_ones": arrays.array_module(add.bias).ones(1, add.bias.dtype)}


def _bottled(bottle: Any) -> dict[str, Any]:
    ranks = {"inShape": bottle.nInputDim, "outShape": bottle.nOutputDim}
    return {name: arrays.module_of(bottle._type).zeros(rank, bottle._dtype) for name, rank in ranks.items()}


def _lengths(linear: Any) -> dict[str, Any]:
    norm = linear._norms(linear.v)
    return {"norm": norm, "scale": linear.g / norm}


_UNFOLDING = """
    SpatialConvolution SpatialConvolutionMM SpatialConvolutionLocal SpatialDilatedConvolution SpatialFullConvolution
    VolumetricConvolution VolumetricDilatedConvolution VolumetricFullConvolution
"""

# Fields that Lua's classes read and ours do without; written where an object lacks them.
NEEDED = {
    "nn.Reshape": _batchsize,
    "nn.JoinTable": lambda table: {"size": ()},
    "nn.FlattenTable": lambda table: {"input_map": {}},
    "nn.MixtureTable": lambda table: {"size": (), "size2": ()},
    "nn.Sequencer": lambda sequencer: {"_remember": sequencer._remember, "tableoutput": {}, "tablegradInput": {}},
    "nn.WeightNorm": _weight_norm,
    "nn.LinearWeightNorm": _lengths,
    "nn.Add": _ones,
    "nn.Bottle": _bottled,
    "nn.CMaxTable": _empty("maxIdx", "mask", "maxVals", "gradMaxVals"),
    "nn.CMinTable": _empty("minIdx", "mask", "minVals", "gradMaxVals"),
    "nn.CosineDistance": _empty("buffer", "w1", "w22", "w", "w32", "ones"),
    "nn.LogSigmoid": _empty("buffer"),
    **{f"nn.{name}": _unfolded for name in _UNFOLDING.split()},
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
