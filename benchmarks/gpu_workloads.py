"""What ``benchmarks.gpu`` times, or computes on paper: convolutions, layers that memory bounds, steps of training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import nn

from . import networks


class Convolution(NamedTuple):
    """Images, planes in and out, size, kernel, stride, border."""

    N: int
    C: int
    O: int
    size: int
    k: int
    stride: int
    pad: int

    def module(self) -> Any:
        return nn.SpatialConvolution(self.C, self.O, self.k, self.k, self.stride, self.stride, self.pad, self.pad)

    def input(self) -> tuple:
        return self.N, self.C, self.size, self.size

    def peer(self, torch: Any) -> Any:
        return torch.nn.Conv2d(self.C, self.O, self.k, self.stride, self.pad)


CONVOLUTIONS = {
    "conv 7x7/2, 3 to 64, 224": Convolution(32, 3, 64, 224, 7, 2, 3),
    "conv 1x1, 64 to 256, 56": Convolution(32, 64, 256, 56, 1, 1, 0),
    "conv 3x3, 64, 56": Convolution(32, 64, 64, 56, 3, 1, 1),
    "conv 3x3, 128, 28": Convolution(32, 128, 128, 28, 3, 1, 1),
    "conv 3x3, 256, 14": Convolution(32, 256, 256, 14, 3, 1, 1),
    "conv 3x3, 512, 7": Convolution(32, 512, 512, 7, 3, 1, 1),
    "conv 3x3, 256, 56": Convolution(32, 256, 256, 56, 3, 1, 1),
}


class Layer(NamedTuple):
    """A layer that memory bounds: its module, input on a card, a small input for the emulator, PyTorch's module."""

    module: Callable[[], Any]
    input: tuple
    small: tuple
    peer: Callable[[Any], Any]


LAYERS = {
    "Tanh": Layer(lambda: nn.Tanh(), (256, 65536), (4, 4096), lambda t: t.nn.Tanh()),
    "ReLU": Layer(lambda: nn.ReLU(), (256, 65536), (4, 4096), lambda t: t.nn.ReLU()),
    "LogSoftMax, rows of 1000": Layer(lambda: nn.LogSoftMax(), (8192, 1000), (16, 1000), lambda t: t.nn.LogSoftmax(1)),
    "batch norm, 64 planes": Layer(
        lambda: nn.SpatialBatchNormalization(64), (32, 64, 112, 112), (8, 64, 32, 32), lambda t: t.nn.BatchNorm2d(64)
    ),
    "max pooling 2x2": Layer(
        lambda: nn.SpatialMaxPooling(2, 2, 2, 2), (32, 64, 112, 112), (2, 4, 16, 64), lambda t: t.nn.MaxPool2d(2)
    ),
    "average pooling 2x2": Layer(
        lambda: nn.SpatialAveragePooling(2, 2, 2, 2), (32, 64, 112, 112), (2, 4, 16, 64), lambda t: t.nn.AvgPool2d(2)
    ),
    "upsampling": Layer(
        lambda: nn.SpatialUpSamplingNearest(2), (32, 64, 56, 56), (2, 4, 8, 32), lambda t: t.nn.Upsample(scale_factor=2)
    ),
    "PReLU": Layer(lambda: nn.PReLU(64), (32, 64, 112, 112), (2, 64, 16, 16), lambda t: t.nn.PReLU(64)),
}
#: Steps of training: network, input, classes.
STEPS: dict[str, tuple[Callable[[], Any], tuple]] = {"LeNet step": (networks.lenet, (32, 1, 32, 32))}
