"""Small classifiers in both libraries, and a training step of each; a library is loaded only where it is used."""

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


def step(net: Any, x: np.ndarray, labels: np.ndarray) -> Step:
    """A step of gradient descent: forward, loss, backward, update."""
    import nn
    import torch7

    net.type(torch7.typename(x))
    loss = nn.ClassNLLCriterion().type(net.type())

    def run() -> None:
        loss.forward(net.forward(x), labels)
        net.zeroGradParameters()
        net.backward(x, loss.backward(net.output, labels))
        net.updateParameters(0.01)

    return run


def peer_step(net: Any, x: np.ndarray, labels: np.ndarray) -> Step:
    """The same step of PyTorch; labels are 1 ... n here too."""
    import torch

    images, target = torch.from_numpy(x), torch.from_numpy(labels - 1)
    net, loss = net.to(images.dtype), torch.nn.NLLLoss()
    optimiser = torch.optim.SGD(net.parameters(), 0.01)

    def run() -> None:
        optimiser.zero_grad()
        loss(net(images), target).backward()
        optimiser.step()

    return run
