"""Classes of cudnn as those of nn: the names, and the fields that differ.

``cudnn.X`` computes what ``nn.X`` does; what only drives the library (descriptors, chosen algorithms) is dropped.
"""

from __future__ import annotations

from typing import Any

from .. import registry

# fmt: off
_SAME = [
    "BatchNormalization", "SpatialBatchNormalization", "VolumetricBatchNormalization", "SpatialConvolution",
    "SpatialFullConvolution", "SpatialDilatedConvolution", "VolumetricDilatedConvolution", "Dropout",
    "VolumetricConvolution", "VolumetricFullConvolution", "TemporalConvolution",
    "SpatialMaxPooling", "VolumetricMaxPooling", "SpatialAveragePooling", "VolumetricAveragePooling", "ReLU",
    "Tanh", "Sigmoid", "SoftMax", "LogSoftMax", "SpatialSoftMax", "SpatialLogSoftMax", "SpatialCrossMapLRN",
]
# fmt: on
_OTHERS = {
    "ClippedReLU": "HardTanh",
    "VolumetricSoftMax": "SpatialSoftMax",
    "VolumetricLogSoftMax": "SpatialLogSoftMax",
}

for _name in _SAME:
    registry.alias(f"cudnn.{_name}", f"nn.{_name}")
for _name, _other in _OTHERS.items():
    registry.alias(f"cudnn.{_name}", f"nn.{_other}")

# fmt: off
_DRIVING = [
    "iSize", "oSize", "input_offset", "output_offset", "weight_offset", "bias_offset", "iDesc", "oDesc",
    "weightDesc", "biasDesc", "convDesc", "poolDesc", "algType", "fwdAlgType", "bwdDataAlgType",
    "bwdFilterAlgType", "fmode", "bdmode", "bwmode", "fastest", "benchmark", "algorithm", "ssm", "nElem",
    "nDim", "autotunerHash", "mode", "K",
]
# fmt: on


def translate(name: str, fields: dict[Any, Any]) -> None:
    """Turn the fields of a ``cudnn`` class into those of its counterpart, in place; others are left alone."""
    package, _, name = name.partition(".")
    if package != "cudnn":
        return
    if name in _TRANSLATIONS:
        _TRANSLATIONS[name](fields)
    for field in _DRIVING:
        fields.pop(field, None)


def _relu(fields: dict) -> None:
    fields.update(threshold=0, val=0)
    fields.setdefault("inplace", False)


def _clipped_relu(fields: dict) -> None:
    fields.update(min_val=0, max_val=fields.pop("ceiling"), inplace=fields.get("inplace", False))


def _average_pooling(fields: dict) -> None:
    padded = fields.get("mode") != "CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING"
    fields.setdefault("count_include_pad", padded)
    fields["divide"] = True
    for name, default in (("ceil_mode", False), ("padW", 0), ("padH", 0)):
        if fields.get(name) is None:  # a file of nn without ceil_mode has no borders
            fields[name] = default


def _lrn(fields: dict) -> None:
    fields.setdefault("k", fields.get("K", 1))


def _convolution(fields: dict) -> None:
    fields.pop("groups", None)


_TRANSLATIONS = {
    "ReLU": _relu,
    "ClippedReLU": _clipped_relu,
    "SpatialAveragePooling": _average_pooling,
    "VolumetricAveragePooling": _average_pooling,
    "SpatialCrossMapLRN": _lrn,
    "SpatialConvolution": _convolution,
    "SpatialFullConvolution": _convolution,
    "VolumetricConvolution": _convolution,
    "VolumetricFullConvolution": _convolution,
    "SpatialDilatedConvolution": _convolution,
    "VolumetricDilatedConvolution": _convolution,
}
