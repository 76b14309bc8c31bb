"""The layers whose cost ``benchmarks.growth`` follows, and the sizes along each axis."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from torch import nn as peers

import nn
import rnn  # noqa: F401

from .layers import PLAIN, WHOLE, Layer, Parts
from .workloads import Workload, frames_last, softmax_nll

#: Powers of two, what lies between them, and one more than some: loops over blocks have a rest there.
BATCHES = (1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 17, 24, 32, 33, 48, 64, 65, 96, 128, 192, 256, 384, 512, 768, 1024)
PLANES = (8, 9, 12, 16, 17, 24, 32, 33, 48, 64, 65, 96, 128, 129, 192, 256, 257, 384, 512, 768, 1024)
LENGTHS = (10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 450, 640, 900, 1280, 1800, 2560, 3600, 5120, 7200, 10000)
AXES = {"batch": BATCHES, "length": LENGTHS, "planes": PLANES}
PASSES = WHOLE
FLOAT = np.dtype(np.float32)


@dataclass
class Series:
    """A layer at each size; ``work`` is what its time is divided by: samples, steps or multiplications."""

    layer: str
    axis: str
    sides: Callable[[int], tuple[Parts, Parts]]
    work: Callable[[int], int]

    @property
    def name(self) -> str:
        return f"{self.layer} {self.axis}"


def workload(layer: Layer, peer: Callable, theirs: Callable | None = None) -> tuple[Parts, Parts]:
    return named(*Workload(layer, peer, theirs).sides(FLOAT))


def named(mine: Parts, other: Parts) -> tuple[Parts, Parts]:
    """The calls of both by ``PASSES``: of layers without parameters the gradient of the input is the backward."""
    forward, backward = mine
    return dict(zip(PASSES, (mine[forward], mine[backward]))), dict(zip(PASSES, (other[forward], other[backward])))


def linear(n: int, units: int) -> tuple[Parts, Parts]:
    return workload(Layer(lambda: nn.Linear(units, units), (n, units), WHOLE), peers.Linear(units, units))


def convolution(size: int, kernel: int, n: int, planes: int) -> tuple[Parts, Parts]:
    pad = kernel // 2
    layer = Layer(
        lambda: nn.SpatialConvolution(planes, planes, kernel, kernel, 1, 1, pad, pad), (n, planes, size, size), WHOLE
    )
    return workload(layer, peers.Conv2d(planes, planes, kernel, padding=pad))


def pooling(n: int, planes: int) -> tuple[Parts, Parts]:
    return workload(Layer(lambda: nn.SpatialMaxPooling(2, 2, 2, 2), (n, planes, 16, 16), PLAIN), peers.MaxPool2d(2))


def normalization(n: int, planes: int) -> tuple[Parts, Parts]:
    layer = Layer(lambda: nn.SpatialBatchNormalization(planes), (n, planes, 8, 8), WHOLE)
    return workload(layer, peers.BatchNorm2d(planes))


def recurrent(kind: str, length: int, n: int, units: int) -> tuple[Parts, Parts]:
    layer = Layer(lambda: getattr(nn, f"Seq{kind}")(units, units), (length, n, units), WHOLE)
    return workload(layer, getattr(peers, kind)(units, units))


def temporal(length: int) -> tuple[Parts, Parts]:
    layer = Layer(lambda: nn.TemporalConvolution(64, 64, 3), (4, length, 64), WHOLE)
    return workload(layer, peers.Conv1d(64, 64, 3), frames_last)


def table(n: int, length: int, size: int) -> tuple[Parts, Parts]:
    layer = Layer(lambda: nn.LookupTable(1000, size), (n, length), WHOLE, indices=1000)
    return workload(layer, peers.Embedding(1000, size))


def scores(classes: int, n: int) -> tuple[Parts, Parts]:
    return named(*softmax_nll(classes, FLOAT, n))


def samples(n: int) -> int:
    return n


def square(n: int) -> int:
    return n * n


def all_series() -> Iterable[Series]:
    conv3, conv1 = partial(convolution, 16, 3), partial(convolution, 16, 1)
    yield Series("Linear", "batch", lambda n: linear(n, 512), samples)
    yield Series("3x3 convolution", "batch", lambda n: conv3(n, 32), samples)
    yield Series("1x1 convolution", "batch", lambda n: conv1(n, 64), samples)
    yield Series("max pooling", "batch", lambda n: pooling(n, 32), samples)
    yield Series("batch norm", "batch", lambda n: normalization(n, 64), samples)
    yield Series("SeqLSTM", "batch", lambda n: recurrent("LSTM", 10, n, 64), samples)
    yield Series("SeqGRU", "batch", lambda n: recurrent("GRU", 10, n, 64), samples)
    yield Series("LookupTable", "batch", lambda n: table(n, 20, 64), samples)
    yield Series("LogSoftMax + NLL", "batch", lambda n: scores(1000, n), samples)
    yield Series("SeqLSTM", "length", lambda n: recurrent("LSTM", n, 4, 64), samples)
    yield Series("SeqGRU", "length", lambda n: recurrent("GRU", n, 4, 64), samples)
    yield Series("TemporalConvolution", "length", temporal, samples)
    yield Series("LookupTable", "length", lambda n: table(4, n, 64), samples)
    yield Series("Linear", "planes", lambda n: linear(32, n), square)
    yield Series("3x3 convolution", "planes", lambda n: convolution(8, 3, 8, n), square)
    yield Series("1x1 convolution", "planes", lambda n: convolution(8, 1, 8, n), square)
    yield Series("max pooling", "planes", lambda n: pooling(8, n), samples)
    yield Series("batch norm", "planes", lambda n: normalization(8, n), samples)
    yield Series("SeqLSTM", "planes", lambda n: recurrent("LSTM", 10, 16, n), square)
    yield Series("SeqGRU", "planes", lambda n: recurrent("GRU", 10, 16, n), square)
    yield Series("LookupTable", "planes", lambda n: table(8, 20, n), samples)
    yield Series("LogSoftMax + NLL", "planes", lambda n: scores(n, 128), samples)


SERIES = list(all_series())
