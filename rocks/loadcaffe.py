"""``require 'loadcaffe'``: networks of Caffe, layers and weights from a .caffemodel file, as an ``nn.Sequential``."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import nn

from . import cudnn
from .protobuf import Message

# numbers of Caffe's fields: of a network, and of a layer in the older (V1) and in the later form
_V1_LAYERS, _LAYERS, _INPUT_DIM, _INPUT_SHAPE = 2, 100, 4, 8
_V1_FIELDS = {"name": 4, "type": 5, "blobs": 6, "convolution": 10, "dropout": 12, "inner_product": 17, "lrn": 18}
_V1_FIELDS |= {"pooling": 19, "relu": 30, "bottom": 2, "top": 3, "power": 21}
_FIELDS = {"name": 1, "type": 2, "blobs": 7, "convolution": 106, "dropout": 108, "inner_product": 117, "lrn": 118}
_FIELDS |= {"pooling": 121, "relu": 123, "bottom": 3, "top": 4, "power": 122}
# fmt: off
_V1_TYPES = dict(enumerate([
    "None", "Accuracy", "BNLL", "Concat", "Convolution", "Data", "Dropout", "EuclideanLoss", "Flatten",
    "HDF5Data", "HDF5Output", "Im2col", "ImageData", "InfogainLoss", "InnerProduct", "LRN",
    "MultinomialLogisticLoss", "Pooling", "ReLU", "Sigmoid", "Softmax", "SoftmaxWithLoss", "Split", "TanH",
    "WindowData", "Eltwise", "Power", "SigmoidCrossEntropyLoss", "HingeLoss", "MemoryData", "ArgMax",
    "Threshold", "DummyData", "Slice", "MVN", "AbsVal", "Silence", "ContrastiveLoss", "Exp", "Deconvolution",
]))
_NO_COMPUTING = {
    "Accuracy", "Data", "HDF5Data", "HDF5Output", "ImageData", "WindowData", "MemoryData", "DummyData",
    "Silence", "Input", "ArgMax", "Python",
}
# fmt: on


@dataclass
class _Layer:
    """A layer of a file: its name and type, the settings of a type by name, and its weights."""

    message: Message
    fields: dict[str, int]

    @property
    def name(self) -> str:
        return self.message.text(self.fields["name"])

    @property
    def type(self) -> str:
        if self.fields is _V1_FIELDS:
            number = self.message.one(self.fields["type"])
            return _V1_TYPES.get(number, f"type {number}")
        return self.message.text(self.fields["type"])

    def settings(self, what: str) -> Message:
        return self.message.message(self.fields[what])

    def blobs(self) -> list[np.ndarray]:
        return [_blob(b) for b in self.message.messages(self.fields["blobs"])]

    def inputs(self) -> int:
        return len(self.message.texts(self.fields["bottom"]))


def _blob(message: Message) -> np.ndarray:
    """The numbers of a blob in its sizes: four of them in the older form."""
    data = message.floats(5) if 5 in message else message.floats(8, "<f8")
    sizes = message.message(7).many(1) if 7 in message else [message.one(i) for i in (1, 2, 3, 4)]
    if math.prod(sizes) != data.size:
        raise ValueError(f"a blob of sizes {'x'.join(map(str, sizes))} has {data.size} numbers")
    return data.reshape(sizes)


def load(prototxt_name: str, binary_name: str, cuda_package: str | None = None) -> Any:
    """``loadcaffe.load('deploy.prototxt', 'net.caffemodel' [, 'nn' or 'cudnn'])``: an ``nn.Sequential``.

    As in Torch the layers are those that the .caffemodel holds; the .prototxt has to be there. Layers that read data or
    measure are left out with a warning, losses with a softmax become the softmax. What no chain of layers can say
    (Concat, Eltwise, Split, ...) is refused with the layer's name. Each module's ``name`` is the layer's.
    """
    package = cuda_package or "nn"
    if package not in ("nn", "cudnn"):
        raise ValueError(f"loadcaffe.load: the package is nn or cudnn, not {package!r}")
    for name in (prototxt_name, binary_name):
        if not os.path.isfile(name):
            raise FileNotFoundError(f"loadcaffe.load: there is no file {name}")
    with open(binary_name, "rb") as f:
        try:
            network = Message(f.read())
        except ValueError as e:
            raise ValueError(f"{binary_name} is not a .caffemodel file: {e}") from None
    layers = _layers(network)
    if not layers:
        raise ValueError(f"{binary_name} holds no layers")
    net = _sequential(layers, _first_count(network))
    if package == "cudnn":
        cudnn.convert(net, cudnn)
    return net


def _layers(network: Message) -> list[_Layer]:
    if _V1_LAYERS in network:
        return [_Layer(m, _V1_FIELDS) for m in network.messages(_V1_LAYERS)]
    return [_Layer(m, _FIELDS) for m in network.messages(_LAYERS)]


def _first_count(network: Message) -> int:
    return len(network.many(_INPUT_DIM)) or 4 * len(network.messages(_INPUT_SHAPE))


def _sequential(layers: list[_Layer], count: int) -> Any:
    net = nn.Sequential()
    for layer in layers:
        if layer.type in _NO_COMPUTING:
            warnings.warn(f"loadcaffe: layer {layer.name} of type {layer.type} is left out", stacklevel=3)
            continue
        if layer.type not in _MAKERS or layer.inputs() > (2 if layer.type == "SoftmaxWithLoss" else 1):
            raise NotImplementedError(
                f"loadcaffe: layer {layer.name} is of type {layer.type}, which no chain of nn has"
            )
        for module in _MAKERS[layer.type](layer, count):
            module.name = getattr(module, "name", None) or layer.name
            net.add(module)
            count = _planes(module, count)
    return net


def _planes(module: Any, count: int) -> int:
    """How many planes or units come out."""
    if isinstance(module, nn.Linear):
        return len(module.weight)
    return getattr(module, "nOutputPlane", count)


def _pair(settings: Message, both: int, high: int, wide: int, default: int) -> tuple[int, int]:
    """A size in width and height: given for each, or once, or twice as height, width."""
    given = settings.many(both)
    h, w = (given[0], given[-1]) if given else (default, default)
    return settings.one(wide, 0) or w, settings.one(high, 0) or h


def _filled(module: Any, weight: np.ndarray, bias: np.ndarray | None) -> Any:
    if weight.size != module.weight.size:
        raise ValueError(f"loadcaffe: {weight.size} weights for {module}")
    module.weight[...] = weight.reshape(module.weight.shape)
    if bias is None:
        module.noBias() if hasattr(module, "noBias") else module.bias.fill(0)
    else:
        module.bias[...] = bias.reshape(-1)
    return module


def _convolution(layer: _Layer, count: int, full: bool = False) -> list:
    s = layer.settings("convolution")
    blobs = layer.blobs()
    if not blobs:
        raise ValueError(f"loadcaffe: layer {layer.name} has no weights")
    weight, groups = blobs[0], s.one(5, 1) or 1
    bias = blobs[1] if len(blobs) > 1 and s.one(2, 1) else None
    window = (*_pair(s, 4, 11, 12, 0), *_pair(s, 6, 13, 14, 1), *_pair(s, 3, 9, 10, 0))
    dilation = s.many(18)
    if full:
        if groups > 1:
            raise NotImplementedError(f"loadcaffe: layer {layer.name} is a deconvolution in {groups} groups")
        return [_filled(nn.SpatialFullConvolution(len(weight), weight.shape[1], *window), weight, bias)]
    make: Any = nn.SpatialConvolution
    if any(d != 1 for d in dilation):
        window, make = (*window, dilation[-1], dilation[0]), nn.SpatialDilatedConvolution
    if groups > 1:
        if make is not nn.SpatialConvolution:
            raise NotImplementedError(f"loadcaffe: layer {layer.name} is dilated and in {groups} groups")
        window, make = (*window, groups), cudnn.SpatialConvolution
    return [_filled(make(weight.shape[1] * groups, len(weight), *window), weight, bias)]


def _pooling(layer: _Layer, count: int) -> list:
    s = layer.settings("pooling")
    kind = s.one(1, 0)
    if kind > 1:
        raise NotImplementedError(f"loadcaffe: layer {layer.name} pools at random")
    if s.one(12, 0):
        return [nn.SpatialAdaptiveMaxPooling(1, 1) if kind == 0 else nn.SpatialAdaptiveAveragePooling(1, 1)]
    window = (*_pair(s, 2, 5, 6, 0), *_pair(s, 3, 7, 8, 1), *_pair(s, 4, 9, 10, 0))
    return [(nn.SpatialMaxPooling if kind == 0 else nn.SpatialAveragePooling)(*window).ceil()]


def _inner_product(layer: _Layer, count: int) -> list:
    blobs = layer.blobs()
    if not blobs:
        raise ValueError(f"loadcaffe: layer {layer.name} has no weights")
    weight = blobs[0].reshape(blobs[0].shape[-2:])
    linear = nn.Linear(weight.shape[1], weight.shape[0], len(blobs) > 1)
    linear.weight[...] = weight
    if len(blobs) > 1:
        linear.bias[...] = blobs[1].reshape(-1)
    if count == weight.shape[1]:
        return [linear]
    view = nn.View(-1).setNumInputDims(3)
    view.name = "torch_view"
    return [view, linear]


def _lrn(layer: _Layer, count: int) -> list:
    s = layer.settings("lrn")
    if s.one(4, 0):
        raise NotImplementedError(f"loadcaffe: layer {layer.name} normalises within planes")
    return [nn.SpatialCrossMapLRN(s.one(1, 5), s.real(2, 1.0), s.real(3, 0.75), s.real(5, 1.0))]


def _relu(layer: _Layer, count: int) -> list:
    slope = layer.settings("relu").real(1, 0.0)
    return [nn.LeakyReLU(slope, True) if slope else nn.ReLU(True)]


def _power(layer: _Layer, count: int) -> list:
    """(shift + scale x) ^ power."""
    s = layer.settings("power")
    power, scale, shift = s.real(1, 1.0), s.real(2, 1.0), s.real(3, 0.0)
    modules = [nn.MulConstant(scale)] if scale != 1 else []
    modules += [nn.AddConstant(shift)] if shift else []
    modules += [nn.Power(power)] if power != 1 else []
    return modules or [nn.Identity()]


def _flatten(layer: _Layer, count: int) -> list:
    return [nn.View(-1).setNumInputDims(3)]


_MAKERS: dict[str, Callable[[_Layer, int], list]] = {
    "Convolution": _convolution,
    "Deconvolution": lambda layer, count: _convolution(layer, count, full=True),
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "LRN": _lrn,
    "ReLU": _relu,
    "Power": _power,
    "Flatten": _flatten,
    "Dropout": lambda layer, count: [nn.Dropout(layer.settings("dropout").real(1, 0.5))],
    "Sigmoid": lambda layer, count: [nn.Sigmoid()],
    "TanH": lambda layer, count: [nn.Tanh()],
    "AbsVal": lambda layer, count: [nn.Abs()],
    "Softmax": lambda layer, count: [nn.SoftMax()],
    "SoftmaxWithLoss": lambda layer, count: [nn.SoftMax()],
}
