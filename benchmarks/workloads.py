"""The layers that ``benchmarks.cpu`` times: one description each, from which both libraries' calls are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn as peers

import nn
import rnn  # noqa: F401
import torch7

from . import networks

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
# units, batch
LSTM = {"lstm_128": (128, 32), "lstm_512": (512, 64)}
GRU = {"gru_128": (128, 32), "gru_256": (256, 64)}
BIG = (64, 64, 32, 32)


@dataclass
class Workload:
    """A layer of each library for an input of ``shape``; ``indices`` > 0: the input is indices up to that.

    ``parts`` are the passes that are timed: "forward", "input" and "weights" (gradients), "backward" (both in one
    call), "both" (forward and backward). ``theirs`` takes our tensors to PyTorch's layout.
    """

    ours: nn.Module
    peer: Callable
    shape: tuple[int, ...]
    parts: tuple[str, ...] = ("forward", "input", "weights")
    indices: int = 0
    theirs: Callable | None = None

    def sides(self, dtype: np.dtype, channels_last: bool = False) -> tuple[Parts, Parts]:
        """Our calls and PyTorch's, on the same random input."""
        x = self._input(dtype)
        self.ours.type(torch7.typename(np.empty(0, dtype)))
        dy = np.random.default_rng(1).standard_normal(self.ours.forward(x).shape).astype(dtype)
        mine = self._mine(x, dy)
        other = self._other(*(self._tensor(a, channels_last) for a in (x, dy)), channels_last)
        return {part: mine[part] for part in self.parts}, {part: other[part] for part in self.parts}

    def _input(self, dtype: np.dtype) -> np.ndarray:
        random = np.random.default_rng(0)
        if self.indices:
            return random.integers(1, self.indices + 1, self.shape)
        return random.standard_normal(self.shape).astype(dtype)

    def _mine(self, x: np.ndarray, dy: np.ndarray) -> Parts:
        module = self.ours
        module.backward(x, dy)
        return {
            "forward": partial(module.updateOutput, x),
            "input": partial(module.updateGradInput, x, dy),
            "weights": partial(module.accGradParameters, x, dy, 1),
            "backward": partial(module.backward, x, dy),
            "both": lambda: (module.forward(x), module.backward(x, dy)),
        }

    def _tensor(self, x: np.ndarray, channels_last: bool) -> torch.Tensor:
        x = torch.from_numpy(x - 1 if x.dtype == np.int64 else x)
        x = x if self.theirs is None else self.theirs(x).contiguous()
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        return x.to(memory_format=formats[x.ndim]) if channels_last and x.ndim in formats else x

    def _other(self, x: torch.Tensor, dy: torch.Tensor, channels_last: bool) -> Parts:
        peer, parameters, grad = self.peer, [], torch.autograd.grad
        if isinstance(peer, torch.nn.Module):
            peer = peer.to(dy.dtype)
            if channels_last and x.ndim == 4:
                peer = peer.to(memory_format=torch.channels_last)
            parameters = list(peer.parameters())
        inputs = [] if self.indices else [x.requires_grad_()]

        def run() -> torch.Tensor:
            y = peer(x)
            return y[0] if isinstance(y, tuple) else y

        y = run()
        return {
            "forward": run,
            "input": lambda: grad(y, inputs, dy, retain_graph=True),
            "weights": lambda: grad(y, parameters, dy, retain_graph=True),
            "backward": lambda: grad(y, inputs + parameters, dy, retain_graph=True),
            "both": lambda: grad(run(), inputs + parameters, dy),
        }


def frames_last(x: torch.Tensor) -> torch.Tensor:
    """Batch x frames x features as PyTorch's batch x features x frames."""
    return x.transpose(1, 2)


def convolution(n: int, i: int, size: int, o: int, k: int, s: int, p: int) -> Workload:
    ours = nn.SpatialConvolution(i, o, k, k, s, s, p, p)
    return Workload(ours, peers.Conv2d(i, o, k, s, p), (n, i, size, size))


def full_convolution(n: int, i: int, size: int, o: int, k: int, s: int, p: int) -> Workload:
    ours = nn.SpatialFullConvolution(i, o, k, k, s, s, p, p)
    return Workload(ours, peers.ConvTranspose2d(i, o, k, s, p), (n, i, size, size))


def linear(units: int) -> Workload:
    return Workload(nn.Linear(units, units), peers.Linear(units, units), (128, units))


def plain(ours: nn.Module, peer: Callable, *shape: int) -> Workload:
    """A layer without parameters."""
    return Workload(ours, peer, shape, ("forward", "input"))


def whole(ours: nn.Module, peer: Callable, *shape: int, indices: int = 0) -> Workload:
    """A layer of which one call gives all gradients."""
    return Workload(ours, peer, shape, ("forward", "backward"), indices)


def recurrent(ours: type, peer: type, units: int, batch: int) -> Workload:
    return Workload(ours(units, units), peer(units, units), (50, batch, units), ("forward", "both"))


WORKLOADS: dict[str, Callable[[], Workload]] = {
    **{name: partial(convolution, *sizes) for name, sizes in CONVOLUTIONS.items()},
    **{name: partial(full_convolution, *sizes) for name, sizes in FULL_CONVOLUTIONS.items()},
    "temporal": lambda: Workload(
        nn.TemporalConvolution(256, 256, 3), peers.Conv1d(256, 256, 3), (32, 256, 256), theirs=frames_last
    ),
    "volumetric": lambda: Workload(
        nn.VolumetricConvolution(16, 32, 3, 3, 3, 1, 1, 1, 1, 1, 1),
        peers.Conv3d(16, 32, 3, padding=1),
        (8, 16, 16, 32, 32),
    ),
    **{f"linear_{units}": partial(linear, units) for units in (256, 1024, 4096)},
    "maxpool2": lambda: plain(nn.SpatialMaxPooling(2, 2, 2, 2), peers.MaxPool2d(2, 2), 128, 64, 32, 32),
    "maxpool3s2": lambda: plain(nn.SpatialMaxPooling(3, 3, 2, 2), peers.MaxPool2d(3, 2), 32, 64, 55, 55),
    "avgpool2": lambda: plain(nn.SpatialAveragePooling(2, 2, 2, 2), peers.AvgPool2d(2, 2), 128, 64, 32, 32),
    "bn_spatial": lambda: whole(nn.SpatialBatchNormalization(64), peers.BatchNorm2d(64), *BIG),
    "bn_1d": lambda: whole(nn.BatchNormalization(1024), peers.BatchNorm1d(1024), 128, 1024),
    "relu_big": lambda: plain(nn.ReLU(), F.relu, *BIG),
    "tanh_big": lambda: plain(nn.Tanh(), torch.tanh, *BIG),
    "sigmoid_small": lambda: plain(nn.Sigmoid(), torch.sigmoid, 128, 256),
    "lookup_10k": lambda: whole(nn.LookupTable(10000, 256), peers.Embedding(10000, 256), 32, 50, indices=10000),
    **{name: partial(recurrent, nn.SeqLSTM, peers.LSTM, *sizes) for name, sizes in LSTM.items()},
    **{name: partial(recurrent, nn.SeqGRU, peers.GRU, *sizes) for name, sizes in GRU.items()},
}


# -- whole training steps, and a criterion


def softmax_nll(classes: int, dtype: np.dtype) -> tuple[Parts, Parts]:
    """LogSoftMax and ClassNLLCriterion of a batch of 128."""
    layer, loss = nn.LogSoftMax(), nn.ClassNLLCriterion()
    layer.type(torch7.typename(np.empty(0, dtype)))
    loss.type(layer.type())
    x = np.random.default_rng(0).standard_normal((128, classes)).astype(dtype)
    labels = np.random.default_rng(1).integers(1, classes + 1, 128)
    tx, target = torch.from_numpy(x).requires_grad_(), torch.from_numpy(labels - 1)

    def forward() -> float:
        return loss.forward(layer.forward(x), labels)

    def theirs() -> torch.Tensor:
        return F.nll_loss(F.log_softmax(tx, 1), target)

    forward()
    ty = theirs()
    mine = {"forward": forward, "input": lambda: layer.backward(x, loss.backward(layer.output, labels))}
    return mine, {"forward": theirs, "input": lambda: torch.autograd.grad(ty, tx, retain_graph=True)}


def step(ours: Callable, peer: Callable, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Parts, Parts]:
    """A whole training step of a classifier with 10 classes."""
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    labels = np.arange(len(x)) % 10 + 1
    return {"step": networks.step(ours(), x, labels)}, {"step": networks.peer_step(peer(), x, labels)}


def xor_step(dtype: np.dtype) -> tuple[Parts, Parts]:
    """A training step of 2-20-1 units for one sample."""
    x, target = np.array([0.5, -1], dtype), np.ones(1, dtype)
    mine = networks.step(networks.xor(), x, target)
    return {"step": mine}, {"step": networks.peer_step(networks.peer_xor(), x, target)}


COMPOSED: dict[str, Callable[[np.dtype], tuple[Parts, Parts]]] = {
    "lsm_nll_10": partial(softmax_nll, 10),
    "lsm_nll_10k": partial(softmax_nll, 10000),
    "xor_mlp": xor_step,
    "mlp_mnist": partial(step, networks.mlp, networks.peer_mlp, (32, 784)),
    "lenet_step": partial(step, networks.lenet, networks.peer_lenet, (32, 1, 32, 32)),
}

NAMES = [*WORKLOADS, *COMPOSED]


def sides(name: str, dtype: np.dtype, channels_last: bool = False) -> tuple[Parts, Parts]:
    """The calls of a workload, ours and PyTorch's."""
    if name in COMPOSED:
        return COMPOSED[name](dtype)
    return WORKLOADS[name]().sides(dtype, channels_last)
