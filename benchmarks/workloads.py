"""The layers that ``benchmarks.cpu`` times: one description each, from which both libraries' calls are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn as peers

import nn
import torch7

from . import networks
from .layers import CONVOLUTIONS, FULL_CONVOLUTIONS, GRU, LAYERS, LINEAR, LSTM, Layer, Parts


@dataclass
class Workload:
    """A layer and what it is in PyTorch; ``theirs`` takes our tensors to PyTorch's layout."""

    layer: Layer
    peer: Callable
    theirs: Callable | None = None

    def sides(self, dtype: np.dtype, channels_last: bool = False) -> tuple[Parts, Parts]:
        """Our calls and PyTorch's, on the same random input."""
        mine, x, dy = self.layer.passes(dtype)
        other = self._other(*(self._tensor(a, channels_last) for a in (x, dy)), channels_last)
        return mine, {part: other[part] for part in self.layer.parts}

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
        inputs = [] if self.layer.indices else [x.requires_grad_()]

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


def convolution(n: int, i: int, size: int, o: int, k: int, s: int, p: int) -> Callable:
    return peers.Conv2d(i, o, k, s, p)


def full_convolution(n: int, i: int, size: int, o: int, k: int, s: int, p: int) -> Callable:
    return peers.ConvTranspose2d(i, o, k, s, p)


#: What each layer is in PyTorch.
PEERS: dict[str, Callable[[], Callable]] = {
    **{name: partial(convolution, *sizes) for name, sizes in CONVOLUTIONS.items()},
    **{name: partial(full_convolution, *sizes) for name, sizes in FULL_CONVOLUTIONS.items()},
    "temporal": lambda: peers.Conv1d(256, 256, 3),
    "volumetric": lambda: peers.Conv3d(16, 32, 3, padding=1),
    **{f"linear_{units}": partial(peers.Linear, units, units) for units in LINEAR},
    "maxpool2": lambda: peers.MaxPool2d(2, 2),
    "maxpool3s2": lambda: peers.MaxPool2d(3, 2),
    "avgpool2": lambda: peers.AvgPool2d(2, 2),
    "bn_spatial": lambda: peers.BatchNorm2d(64),
    "bn_1d": lambda: peers.BatchNorm1d(1024),
    "relu_big": lambda: F.relu,
    "tanh_big": lambda: torch.tanh,
    "sigmoid_small": lambda: torch.sigmoid,
    "lookup_10k": lambda: peers.Embedding(10000, 256),
    **{name: partial(peers.LSTM, units, units) for name, (units, _) in LSTM.items()},
    **{name: partial(peers.GRU, units, units) for name, (units, _) in GRU.items()},
}


# -- whole training steps, and a criterion


def softmax_nll(classes: int, dtype: np.dtype, batch: int = 128) -> tuple[Parts, Parts]:
    """LogSoftMax and ClassNLLCriterion."""
    layer, loss = nn.LogSoftMax(), nn.ClassNLLCriterion()
    layer.type(torch7.typename(np.empty(0, dtype)))
    loss.type(layer.type())
    x = np.random.default_rng(0).standard_normal((batch, classes)).astype(dtype)
    labels = np.random.default_rng(1).integers(1, classes + 1, batch)
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

NAMES = [*LAYERS, *COMPOSED]


def sides(name: str, dtype: np.dtype, channels_last: bool = False) -> tuple[Parts, Parts]:
    """The calls of a workload, ours and PyTorch's."""
    if name in COMPOSED:
        return COMPOSED[name](dtype)
    theirs = frames_last if name == "temporal" else None
    return Workload(LAYERS[name], PEERS[name](), theirs).sides(dtype, channels_last)
