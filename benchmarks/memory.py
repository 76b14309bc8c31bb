"""Peak memory of a training step of VGG-16's first block beside PyTorch, each in a process of its own.

``python -m benchmarks.memory``: 16 images of 3 x 224 x 224 through two 3x3 convolutions with 64 planes, ReLU in place
after each, and 2x2 max pooling; three steps of gradient descent. Reported is what the process held at most beyond what
it held after one step of a small image, which loads the kernels.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

from . import resident

BATCH, SIZE, STEPS, THREADS = 16, 224, 3, 2
Train = Callable[[int, int, int], None]


def ours() -> Train:
    import numpy as np

    import nn
    import torch7

    torch7.setnumthreads(THREADS)

    def train(batch: int, size: int, steps: int) -> None:
        net = nn.Sequential()
        net.add(nn.SpatialConvolution(3, 64, 3, 3, 1, 1, 1, 1)).add(nn.ReLU(True))
        net.add(nn.SpatialConvolution(64, 64, 3, 3, 1, 1, 1, 1)).add(nn.ReLU(True))
        net.add(nn.SpatialMaxPooling(2, 2, 2, 2))
        net.float()
        x = np.random.default_rng(0).standard_normal((batch, 3, size, size), dtype=np.float32)
        gradOutput = np.ones((batch, 64, size // 2, size // 2), np.float32)
        for _ in range(steps):
            net.forward(x)
            net.zeroGradParameters()
            net.backward(x, gradOutput)
            net.updateParameters(1e-6)

    return train


def pytorch() -> Train:
    import torch
    from torch import nn

    torch.set_num_threads(THREADS)

    def train(batch: int, size: int, steps: int) -> None:
        first, second = nn.Conv2d(3, 64, 3, padding=1), nn.Conv2d(64, 64, 3, padding=1)
        net = nn.Sequential(first, nn.ReLU(True), second, nn.ReLU(True), nn.MaxPool2d(2))
        optimiser = torch.optim.SGD(net.parameters(), 1e-6)
        x = torch.randn(batch, 3, size, size, requires_grad=True)
        gradOutput = torch.ones(batch, 64, size // 2, size // 2)
        for _ in range(steps):
            optimiser.zero_grad()
            x.grad = None
            net(x).backward(gradOutput)
            optimiser.step()

    return train


def _measure(make: Callable[[], Train], send: Callable[[float], None]) -> None:
    train = make()
    train(1, 32, 1)
    before = resident.now()
    train(BATCH, SIZE, STEPS)
    send(resident.peak() - before)


def peak(make: Callable[[], Train]) -> float:
    """MiB at most of a fresh process that trains."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(make, send.send))
    process.start()
    found = receive.recv()
    process.join()
    return found


def report() -> str:
    mine, other = peak(ours), peak(pytorch)
    return f"Peak memory of a training step of VGG-16's first block: torch7 {mine:.0f} MiB, PyTorch {other:.0f} MiB."


if __name__ == "__main__":
    print(report())
