"""Chains of nn.pytorch's layers as chains of nn's, for evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from torch7 import typename

from ..containers.sequential import Sequential
from ..module import Module


class Untranslatable(Exception):
    """A layer, or a setting of one, that is not among nn's."""


def translated(net: Any, input: np.ndarray) -> Sequential:
    """``net``, a Sequential of nn.pytorch in evaluation, as one of nn; :class:`Untranslatable` where that is not so."""
    chain = Sequential()
    _translate(net, input, chain)
    return chain.type(typename(input)).evaluate()


def _translate(net: Any, x: np.ndarray, chain: Sequential) -> np.ndarray:
    if type(net).__name__ == "Sequential":
        for layer in net:
            x = _translate(layer, x, chain)
        return x
    rule = LAYERS.get(type(net).__name__)
    if rule is None or not type(net).__module__.startswith("nn.pytorch"):
        raise Untranslatable(type(net).__name__)
    module = rule(net, x)
    if module is not None:
        chain.add(module)
    return np.array(net.forward(x))


def _pair(x: Any) -> tuple[int, int]:
    return tuple(x) if isinstance(x, tuple | list) else (x, x)


def _only(condition: bool) -> None:
    if not condition:
        raise Untranslatable


def _filled(module: Module, layer: Any) -> Module:
    module.weight = np.array(layer.weight, subok=False)
    module.bias = None if layer.bias is None else np.array(layer.bias, subok=False)
    module.gradWeight, module.gradBias = np.zeros_like(module.weight), None
    if module.bias is not None:
        module.gradBias = np.zeros_like(module.bias)
    return module


def _linear(layer: Any, x: np.ndarray) -> Module:
    _only(x.ndim == 2)
    return _filled(nn.Linear(*layer.weight.shape[::-1]), layer)


def _convolution(layer: Any, x: np.ndarray) -> Module:
    _only(layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str) and x.ndim == 4)
    sizes = [n for pair in (layer.kernel_size, layer.stride, layer.padding) for n in _pair(pair)[::-1]]
    cls: Callable = nn.SpatialConvolution
    if _pair(layer.dilation) != (1, 1):
        cls, sizes = nn.SpatialDilatedConvolution, [*sizes, *_pair(layer.dilation)[::-1]]
    return _filled(cls(layer.in_channels, layer.out_channels, *sizes), layer)


def _full_convolution(layer: Any, x: np.ndarray) -> Module:
    _only(layer.groups == 1 and _pair(layer.dilation) == (1, 1) and x.ndim == 4)
    sizes = [n for pair in (layer.kernel_size, layer.stride, layer.padding, layer.output_padding)
             for n in _pair(pair)[::-1]]  # fmt: skip
    return _filled(nn.SpatialFullConvolution(layer.in_channels, layer.out_channels, *sizes), layer)


def _normalization(rank: int, name: str) -> Callable:
    def rule(layer: Any, x: np.ndarray) -> Module:
        _only(layer.track_running_stats and layer.running_mean is not None and x.ndim == rank)
        module = getattr(nn, name)(layer.running_mean.size, layer.eps, 0.1, layer.weight is not None)
        module.running_mean = np.array(layer.running_mean, subok=False)
        module.running_var = np.array(layer.running_var, subok=False)
        return module if layer.weight is None else _filled(module, layer)

    return rule


def _max_pooling(layer: Any, x: np.ndarray) -> Module:
    _only(_pair(layer.dilation) == (1, 1) and not layer.return_indices and x.ndim == 4)
    return _pooling(nn.SpatialMaxPooling, layer)


def _average_pooling(layer: Any, x: np.ndarray) -> Module:
    padded = _pair(layer.padding) != (0, 0)
    _only(layer.divisor_override is None and x.ndim == 4 and not layer.ceil_mode)
    _only(layer.count_include_pad or not padded)
    return _pooling(nn.SpatialAveragePooling, layer)


def _pooling(cls: Callable, layer: Any) -> Module:
    stride = layer.kernel_size if layer.stride is None else layer.stride
    module = cls(*(n for pair in (layer.kernel_size, stride, layer.padding) for n in _pair(pair)[::-1]))
    return module.ceil() if layer.ceil_mode else module


def _flatten(layer: Any, x: np.ndarray) -> Module:
    _only(layer.start_dim == 1 and layer.end_dim in (-1, x.ndim - 1))
    return nn.View(x[0].size).setNumInputDims(x.ndim - 1)


def _softmax(name: str) -> Callable:
    def rule(layer: Any, x: np.ndarray) -> Module:
        _only(layer.dim in (1, 1 - x.ndim) and x.ndim in (2, 4))
        return getattr(nn, name)()

    return rule


def _nothing(layer: Any, x: np.ndarray) -> None:
    return None


#: Layer -> what makes the module for it and an input of it; None for one that evaluation does not need.
LAYERS: dict[str, Callable] = {
    "Linear": _linear,
    "Conv2d": _convolution,
    "ConvTranspose2d": _full_convolution,
    "BatchNorm1d": _normalization(2, "BatchNormalization"),
    "BatchNorm2d": _normalization(4, "SpatialBatchNormalization"),
    "MaxPool2d": _max_pooling,
    "AvgPool2d": _average_pooling,
    "Flatten": _flatten,
    "ReLU": lambda layer, x: nn.ReLU(),
    "LeakyReLU": lambda layer, x: nn.LeakyReLU(layer.negative_slope),
    "ELU": lambda layer, x: nn.ELU(layer.alpha),
    "Tanh": lambda layer, x: nn.Tanh(),
    "Sigmoid": lambda layer, x: nn.Sigmoid(),
    "Softmax": _softmax("SoftMax"),
    "LogSoftmax": _softmax("LogSoftMax"),
    "Identity": _nothing,
    "Dropout": _nothing,
    "Dropout2d": _nothing,
}
