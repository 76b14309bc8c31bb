"""Small networks in both libraries, and a training step of each; a library is loaded only where it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[], None]


def lenet() -> Any:
    """LeNet for 1 x 32 x 32 images and 10 classes."""
    import nn

    net = nn.Sequential()
    net.add(nn.SpatialConvolution(1, 6, 5, 5)).add(nn.Tanh()).add(nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.SpatialConvolution(6, 16, 5, 5)).add(nn.Tanh()).add(nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.View(400)).add(nn.Linear(400, 120)).add(nn.Tanh())
    return net.add(nn.Linear(120, 84)).add(nn.Tanh()).add(nn.Linear(84, 10)).add(nn.LogSoftMax())


def peer_lenet() -> Any:
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)),
        nn.LogSoftmax(1),
    )


def mlp() -> Any:
    """784 inputs, 256 hidden units, 10 classes."""
    import nn

    return nn.Sequential().add(nn.Linear(784, 256)).add(nn.Tanh()).add(nn.Linear(256, 10)).add(nn.LogSoftMax())


def peer_mlp() -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(784, 256), nn.Tanh(), nn.Linear(256, 10), nn.LogSoftmax(1))


def xor() -> Any:
    """Two inputs, 20 hidden units, one output."""
    import nn

    return nn.Sequential().add(nn.Linear(2, 20)).add(nn.Tanh()).add(nn.Linear(20, 1))


def peer_xor() -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))


def step(net: Any, x: np.ndarray, target: np.ndarray) -> Step:
    """A step of gradient descent: forward, loss, backward, update; labels from 1, or numbers to come near to."""
    import nn
    import torch7

    net.type(torch7.typename(x))
    loss = nn.ClassNLLCriterion() if target.dtype == np.int64 else nn.MSECriterion()
    loss.type(net.type())

    def run() -> None:
        loss.forward(net.forward(x), target)
        net.zeroGradParameters()
        net.backward(x, loss.backward(net.output, target))
        net.updateParameters(0.01)

    return run


def peer_step(net: Any, x: np.ndarray, target: np.ndarray) -> Step:
    """The same step of PyTorch; labels are from 1 here too."""
    import torch

    labels = target.dtype == np.int64
    inputs, wanted = torch.from_numpy(x), torch.from_numpy(target - 1 if labels else target)
    net, loss = net.to(inputs.dtype), torch.nn.NLLLoss() if labels else torch.nn.MSELoss()
    optimiser = torch.optim.SGD(net.parameters(), 0.01)

    def run() -> None:
        optimiser.zero_grad()
        loss(net(inputs), wanted).backward()
        optimiser.step()

    return run
