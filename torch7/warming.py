"""``python -m torch7 warm``: compile what networks use, so that no training begins with it.

Kernels are compiled at their first call, for each type of numbers, and kept on disk. Here small networks of each kind
take a step, on the CPU or, with ``torch7.cuda.warm()``, on a GPU.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from . import arrays

KINDS = "all", "cnn", "rnn"


def warm(kind: str = "all", types: tuple[str, ...] = ("float",), say: Callable[[str], Any] = print) -> None:
    """Compile the kernels of convolutional (``'cnn'``), of recurrent networks (``'rnn'``) or of both and others.

    ``types``: 'float', 'double' or both. ``say`` gets a line for each network. ``ValueError`` for another kind.
    """
    _warm(kind, types, say, Place(np))


def warm_cuda(kind: str = "all", types: tuple[str, ...] = ("float",), say: Callable[[str], Any] = print) -> None:
    """``torch7.cuda.warm()``: the same on the current GPU. ``'kernels'`` compiles every kernel that there is, and runs
    none. Errors are those of :func:`warm` and of a machine without CuPy or GPU.
    """
    place = Place(arrays.cupy())
    if kind == "kernels":
        import_module("nn.thnn").compile_there(types, say)
    else:
        _warm(kind, types, say, place)


class Place:
    """Where networks take their step: ``xp`` is numpy or cupy."""

    def __init__(self, xp: Any) -> None:
        self.xp, self.names = xp, {np.float32: "FloatTensor", np.float64: "DoubleTensor"}
        if xp is not np:
            self.names = {np.float32: "CudaTensor", np.float64: "CudaDoubleTensor"}

    def array(self, x: np.ndarray) -> Any:
        return self.xp.asarray(x)

    def typed(self, x: Any, dtype: Any) -> Any:
        """A module or criterion in the type of ``dtype`` here."""
        return x.type(f"torch.{self.names[dtype]}")


def _warm(kind: str, types: tuple[str, ...], say: Callable[[str], Any], place: Place) -> None:
    if kind not in KINDS:
        raise ValueError(f"there is nothing of the kind {kind!r} to compile; say {', '.join(KINDS)}")
    for name, run in _programs(kind, place):
        start = time.monotonic()
        for number in types:
            run(np.float32 if number == "float" else np.float64)
        say(f"{name}: {time.monotonic() - start:.1f} s")


def _programs(kind: str, place: Place) -> Iterator[tuple[str, Callable]]:
    networks: dict[str, Callable[[Any], tuple]] = {}
    if kind in ("all", "cnn"):
        networks |= {"LeNet": _lenet, "3 x 3 convolutions": _vgg, "residual blocks": _residual, "DCGAN": _dcgan}
    if kind == "all":
        networks |= {"perceptrons": _perceptron, "volumes": _volumes}
    for name, make in networks.items():
        yield name, lambda dtype, make=make: _train(*make(import_module("nn")), dtype, place)
    others: dict[str, Callable[[Any, Place], None]] = {}
    if kind in ("all", "rnn"):
        others["recurrent networks"] = _recurrent
    if kind == "all":
        others |= {"words": _words, "optimisers": _optimisers}
    for name, run in others.items():
        yield name, lambda dtype, run=run: run(dtype, place)


def _train(net: Any, sizes: list[tuple], dtype: Any, place: Place) -> None:
    """A step and an evaluation for each size of the input."""
    nn, net = import_module("nn"), place.typed(net, dtype)
    for shape in sizes:
        x = place.array(np.linspace(-1, 1, int(np.prod(shape)), dtype=dtype).reshape(shape))
        y = net.training().forward(x)
        criterion, target = nn.MSECriterion(), place.xp.zeros_like(y)
        if y.ndim < 3:
            criterion, target = nn.ClassNLLCriterion(), place.xp.ones(len(y) if y.ndim == 2 else 1, np.int64)
        place.typed(criterion, dtype)
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


def _words(dtype: Any, place: Place) -> None:
    nn = import_module("nn")
    net = nn.Sequential(nn.LookupTable(50, 24), nn.TemporalConvolution(24, 32, 3), nn.ReLU(), nn.TemporalMaxPooling(18))
    place.typed(net, dtype)
    x = place.array(np.arange(8 * 20).reshape(8, 20) % 50 + 1)
    net.backward(x, place.xp.ones_like(net.forward(x)))


def _recurrent(dtype: Any, place: Place) -> None:
    nn, _ = import_module("nn"), import_module("rnn")
    for make in (nn.SeqLSTM, nn.SeqGRU, nn.LSTM, nn.GRU, nn.FastLSTM):
        net = place.typed(make(32, 40), dtype)
        net = net if make in (nn.SeqLSTM, nn.SeqGRU) else nn.Sequencer(net)
        for samples in (1, 16):
            x = place.array(np.linspace(-1, 1, 6 * samples * 32, dtype=dtype).reshape(6, samples, 32))
            y = net.forward(x)
            net.zeroGradParameters()
            net.backward(x, place.xp.ones_like(y))
            net.updateParameters(0.0)


def _optimisers(dtype: Any, place: Place) -> None:
    optim, xp = import_module("optim"), place.xp
    for size in (100, 100_000):
        for name in ("sgd", "adam", "adagrad", "rmsprop", "adadelta"):
            x, state = xp.ones(size, dtype), {"learningRate": 1e-3, "momentum": 0.9 if name == "sgd" else 0}
            for _ in range(2):
                getattr(optim, name)(lambda x: (0.0, xp.ones_like(x)), x, state)
