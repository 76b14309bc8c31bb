"""The layers whose times are compared: their inputs and the passes that are timed; nothing here needs PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import nn
import rnn  # noqa: F401
import torch7

Parts = dict[str, Callable[[], Any]]

# batch, planes in, size, planes out, kernel, stride, pad
CONVOLUTIONS = {
    "lenet_c1": (128, 1, 32, 6, 5, 1, 0),
    "lenet_c2": (128, 6, 14, 16, 5, 1, 0),
    "cifar_c0": (128, 3, 32, 64, 3, 1, 1),
    "res16_32": (128, 16, 32, 16, 3, 1, 1),
    "vgg64_32": (64, 64, 32, 64, 3, 1, 1),
    "vgg128_16": (64, 128, 16, 128, 3, 1, 1),
    "vgg256_8": (64, 256, 8, 256, 3, 1, 1),
    "vgg512_4": (64, 512, 4, 512, 3, 1, 1),
    "res64_s2": (64, 64, 32, 128, 3, 2, 1),
    "alex_c1": (32, 3, 224, 64, 11, 4, 2),
    "alex_c2": (32, 64, 27, 192, 5, 1, 2),
    "resnet_c1": (16, 3, 224, 64, 7, 2, 3),
    "conv1x1_56": (16, 256, 56, 64, 1, 1, 0),
    "conv1x1_14": (16, 256, 14, 1024, 1, 1, 0),
}
FULL_CONVOLUTIONS = {
    "dcgan_up": (64, 256, 8, 128, 4, 2, 1),
    "dcgan_last": (64, 64, 32, 3, 4, 2, 1),
}
LINEAR = (256, 1024, 4096)
# units, batch
LSTM = {"lstm_128": (128, 32), "lstm_512": (512, 64)}
GRU = {"gru_128": (128, 32), "gru_256": (256, 64)}
BIG = (64, 64, 32, 32)

#: Passes of a layer without parameters, of one with them, of one whose gradients come together, of recurrent ones.
PLAIN = ("forward", "input")
LEARNT = ("forward", "input", "weights")
WHOLE = ("forward", "backward")
RECURRENT = ("forward", "both")


@dataclass
class Layer:
    """A layer for an input of ``shape``; ``indices`` > 0: the input is indices up to that.

    ``parts`` are the passes that are timed: "forward", "input" and "weights" (gradients), "backward" (both in one
    call), "both" (forward and backward).
    """

    make: Callable[[], nn.Module]
    shape: tuple[int, ...]
    parts: tuple[str, ...] = LEARNT
    indices: int = 0

    def input(self, dtype: np.dtype) -> np.ndarray:
        random = np.random.default_rng(0)
        if self.indices:
            return random.integers(1, self.indices + 1, self.shape)
        return random.standard_normal(self.shape).astype(dtype)

    def passes(self, dtype: np.dtype) -> tuple[Parts, np.ndarray, np.ndarray]:
        """The calls, the input and a random gradOutput."""
        module, x = self.make(), self.input(dtype)
        module.type(torch7.typename(np.empty(0, dtype)))
        dy = np.random.default_rng(1).standard_normal(module.forward(x).shape).astype(dtype)
        module.backward(x, dy)
        calls = {
            "forward": partial(module.updateOutput, x),
            "input": partial(module.updateGradInput, x, dy),
            "weights": partial(module.accGradParameters, x, dy, 1),
            "backward": partial(module.backward, x, dy),
            "both": lambda: (module.forward(x), module.backward(x, dy)),
        }
        return {part: calls[part] for part in self.parts}, x, dy


def convolution(n: int, i: int, size: int, o: int, k: int, s: int, p: int) -> Layer:
    return Layer(lambda: nn.SpatialConvolution(i, o, k, k, s, s, p, p), (n, i, size, size))


def full_convolution(n: int, i: int, size: int, o: int, k: int, s: int, p: int) -> Layer:
    return Layer(lambda: nn.SpatialFullConvolution(i, o, k, k, s, s, p, p), (n, i, size, size))


LAYERS: dict[str, Layer] = {
    **{name: convolution(*sizes) for name, sizes in CONVOLUTIONS.items()},
    **{name: full_convolution(*sizes) for name, sizes in FULL_CONVOLUTIONS.items()},
    "temporal": Layer(lambda: nn.TemporalConvolution(256, 256, 3), (32, 256, 256)),
    "volumetric": Layer(lambda: nn.VolumetricConvolution(16, 32, 3, 3, 3, 1, 1, 1, 1, 1, 1), (8, 16, 16, 32, 32)),
    **{f"linear_{units}": Layer(lambda units=units: nn.Linear(units, units), (128, units)) for units in LINEAR},
    "maxpool2": Layer(lambda: nn.SpatialMaxPooling(2, 2, 2, 2), (128, 64, 32, 32), PLAIN),
    "maxpool3s2": Layer(lambda: nn.SpatialMaxPooling(3, 3, 2, 2), (32, 64, 55, 55), PLAIN),
    "avgpool2": Layer(lambda: nn.SpatialAveragePooling(2, 2, 2, 2), (128, 64, 32, 32), PLAIN),
    "bn_spatial": Layer(lambda: nn.SpatialBatchNormalization(64), BIG, WHOLE),
    "bn_1d": Layer(lambda: nn.BatchNormalization(1024), (128, 1024), WHOLE),
    "relu_big": Layer(nn.ReLU, BIG, PLAIN),
    "tanh_big": Layer(nn.Tanh, BIG, PLAIN),
    "sigmoid_small": Layer(nn.Sigmoid, (128, 256), PLAIN),
    "lookup_10k": Layer(lambda: nn.LookupTable(10000, 256), (32, 50), WHOLE, indices=10000),
    **{name: Layer(lambda u=u: nn.SeqLSTM(u, u), (50, batch, u), RECURRENT) for name, (u, batch) in LSTM.items()},
    **{name: Layer(lambda u=u: nn.SeqGRU(u, u), (50, batch, u), RECURRENT) for name, (u, batch) in GRU.items()},
}
