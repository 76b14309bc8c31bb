"""``python -m torch7 warm``: compile what networks use, so that no training begins with it.

Kernels are compiled at their first call, for each type of numbers, and kept on disk. Here small networks of each kind
take a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

KINDS = "all", "cnn", "rnn"


def warm(kind: str = "all", types: tuple[str, ...] = ("float",), say: Callable[[str], Any] = print) -> None:
    """Compile the kernels of convolutional (``'cnn'``), of recurrent networks (``'rnn'``) or of both and others.

    ``types``: 'float', 'double' or both. ``say`` gets a line for each network. ``ValueError`` for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"there is nothing of the kind {kind!r} to compile; say {', '.join(KINDS)}")
    for name, run in _programs(kind):
        start = time.monotonic()
        for number in types:
            run(np.float32 if number == "float" else np.float64)
        say(f"{name}: {time.monotonic() - start:.1f} s")


def _programs(kind: str) -> Iterator[tuple[str, Callable]]:
    networks: dict[str, Callable[[Any], tuple]] = {}
    if kind in ("all", "cnn"):
        networks |= {"LeNet": _lenet, "3 x 3 convolutions": _vgg, "residual blocks": _residual, "DCGAN": _dcgan}
    if kind == "all":
        networks |= {"perceptrons": _perceptron, "volumes": _volumes}
    for name, make in networks.items():
        yield name, lambda dtype, make=make: _train(*make(import_module("nn")), dtype)
    if kind in ("all", "rnn"):
        yield "recurrent networks", _recurrent
    if kind == "all":
        yield "words", _words
        yield "optimisers", _optimisers


def _train(net: Any, sizes: list[tuple], dtype: Any) -> None:
    """A step and an evaluation for each size of the input."""
    nn, torch = import_module("nn"), import_module("torch7")
    net.type(torch.typename(np.empty(0, dtype)))
    for shape in sizes:
        x = np.linspace(-1, 1, int(np.prod(shape)), dtype=dtype).reshape(shape)
        y = net.training().forward(x)
        criterion, target = nn.MSECriterion(), np.zeros_like(y)
        if y.ndim < 3:
            criterion, target = nn.ClassNLLCriterion(), np.ones(len(y) if y.ndim == 2 else 1, np.int64)
        criterion.type(net.type())
        net.zeroGradParameters()
        criterion.forward(y, target)
        net.backward(x, criterion.backward(y, target))
        net.updateParameters(0.0)
        net.evaluate().forward(x)


def _lenet(nn: Any) -> tuple:
    net = nn.Sequential(nn.SpatialConvolution(1, 6, 5, 5), nn.Tanh(), nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.SpatialConvolution(6, 16, 5, 5)).add(nn.Tanh()).add(nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.View(400)).add(nn.Linear(400, 120)).add(nn.Tanh()).add(nn.Linear(120, 10)).add(nn.LogSoftMax())
    return net, [(32, 1, 32, 32), (1, 1, 32, 32)]


def _vgg(nn: Any) -> tuple:
    net = nn.Sequential(nn.SpatialConvolution(3, 64, 3, 3, 1, 1, 1, 1), nn.ReLU(True))
    net.add(nn.SpatialConvolution(64, 64, 3, 3, 1, 1, 1, 1)).add(nn.SpatialBatchNormalization(64)).add(nn.ReLU())
    net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.SpatialMaxPooling(3, 3, 2, 2)).add(nn.View(64 * 49))
    return net.add(nn.Dropout(0.5)).add(nn.Linear(64 * 49, 10)).add(nn.LogSoftMax()), [(8, 3, 32, 32), (1, 3, 32, 32)]


def _residual(nn: Any) -> tuple:
    net = nn.Sequential(nn.SpatialConvolution(3, 16, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(16), nn.ReLU(True))
    body = nn.Sequential(nn.SpatialConvolution(16, 32, 3, 3, 2, 2, 1, 1), nn.SpatialBatchNormalization(32))
    shortcut = nn.SpatialConvolution(16, 32, 1, 1, 2, 2)
    net.add(nn.ConcatTable().add(body).add(shortcut)).add(nn.CAddTable(True)).add(nn.ReLU(True))
    net.add(nn.SpatialAveragePooling(16, 16)).add(nn.View(32)).add(nn.Linear(32, 10)).add(nn.LogSoftMax())
    return net, [(8, 3, 32, 32), (1, 3, 32, 32)]


def _dcgan(nn: Any) -> tuple:
    net = nn.Sequential(nn.SpatialConvolution(3, 32, 4, 4, 2, 2, 1, 1), nn.LeakyReLU(0.2, True))
    net.add(nn.SpatialFullConvolution(32, 16, 4, 4, 2, 2, 1, 1)).add(nn.SpatialBatchNormalization(16)).add(
        nn.ReLU(True)
    )
    net.add(nn.SpatialFullConvolution(16, 3, 4, 4, 2, 2, 1, 1)).add(nn.Tanh())
    return net.add(nn.SpatialConvolution(3, 1, 4, 4)).add(nn.Sigmoid()), [(8, 3, 32, 32)]


def _perceptron(nn: Any) -> tuple:
    net = nn.Sequential(nn.Linear(784, 300), nn.BatchNormalization(300), nn.ReLU(), nn.Linear(300, 300), nn.Tanh())
    net.add(nn.Linear(300, 40)).add(nn.Sigmoid()).add(nn.Linear(40, 10)).add(nn.SoftMax()).add(nn.Log())
    return net, [(128, 784), (2, 784)]


def _volumes(nn: Any) -> tuple:
    net = nn.Sequential(nn.VolumetricConvolution(3, 16, 3, 3, 3, 1, 1, 1, 1, 1, 1), nn.ReLU())
    net.add(nn.VolumetricMaxPooling(2, 2, 2, 2, 2, 2)).add(nn.View(16 * 64)).add(nn.Linear(16 * 64, 10))
    return net.add(nn.LogSoftMax()), [(8, 3, 8, 8, 8)]


def _words(dtype: Any) -> None:
    nn, torch = import_module("nn"), import_module("torch7")
    net = nn.Sequential(nn.LookupTable(50, 24), nn.TemporalConvolution(24, 32, 3), nn.ReLU(), nn.TemporalMaxPooling(18))
    net.type(torch.typename(np.empty(0, dtype)))
    x = np.arange(8 * 20).reshape(8, 20) % 50 + 1
    net.backward(x, np.ones_like(net.forward(x)))


def _recurrent(dtype: Any) -> None:
    nn, _ = import_module("nn"), import_module("rnn")
    torch = import_module("torch7")
    for make in (nn.SeqLSTM, nn.SeqGRU, nn.LSTM, nn.GRU, nn.FastLSTM):
        net = make(32, 40).type(torch.typename(np.empty(0, dtype)))
        net = net if make in (nn.SeqLSTM, nn.SeqGRU) else nn.Sequencer(net)
        for samples in (1, 16):
            x = np.linspace(-1, 1, 6 * samples * 32, dtype=dtype).reshape(6, samples, 32)
            y = net.forward(x)
            net.zeroGradParameters()
            net.backward(x, np.ones_like(y))
            net.updateParameters(0.0)


def _optimisers(dtype: Any) -> None:
    optim = import_module("optim")
    for size in (100, 100_000):
        for name in ("sgd", "adam", "adagrad", "rmsprop", "adadelta"):
            x, state = np.ones(size, dtype), {"learningRate": 1e-3, "momentum": 0.9 if name == "sgd" else 0}
            for _ in range(2):
                getattr(optim, name)(lambda x: (0.0, np.ones_like(x)), x, state)
