"""Whole networks, for the benchmarks of training steps and of inference; PyTorch's are translated from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn

from .networks import lenet


def mlp() -> Any:
    """784-512-512-10."""
    net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU())
    return net.add(nn.Linear(512, 10)).add(nn.LogSoftMax())


def vgg() -> Any:
    """Three pairs of 3 x 3 convolutions for 32 x 32 images, as in VGG."""
    net, planes = nn.Sequential(), 3
    for width in (64, 128, 256):
        for _ in range(2):
            net.add(nn.SpatialConvolution(planes, width, 3, 3, 1, 1, 1, 1))
            net.add(nn.SpatialBatchNormalization(width)).add(nn.ReLU())
            planes = width
        net.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.View(256 * 16)).add(nn.Linear(256 * 16, 256)).add(nn.ReLU())
    return net.add(nn.Linear(256, 10)).add(nn.LogSoftMax())


def alexnet() -> Any:
    """The network of one GPU (Krizhevsky 2014)."""
    net = nn.Sequential(nn.SpatialConvolution(3, 64, 11, 11, 4, 4, 2, 2), nn.ReLU(), nn.SpatialMaxPooling(3, 3, 2, 2))
    net.add(nn.SpatialConvolution(64, 192, 5, 5, 1, 1, 2, 2)).add(nn.ReLU()).add(nn.SpatialMaxPooling(3, 3, 2, 2))
    for planes, width in ((192, 384), (384, 256), (256, 256)):
        net.add(nn.SpatialConvolution(planes, width, 3, 3, 1, 1, 1, 1)).add(nn.ReLU())
    net.add(nn.SpatialMaxPooling(3, 3, 2, 2)).add(nn.View(256 * 36)).add(nn.Linear(256 * 36, 4096)).add(nn.ReLU())
    return net.add(nn.Linear(4096, 4096)).add(nn.ReLU()).add(nn.Linear(4096, 1000)).add(nn.LogSoftMax())


def _residual(body: Any, shortcut: Any) -> Any:
    return nn.Sequential(nn.ConcatTable().add(body).add(shortcut), nn.CAddTable(), nn.ReLU())


def bottlenecks() -> Any:
    """Four bottleneck blocks of 256 planes on 14 x 14 (He et al. 2016)."""
    net = nn.Sequential()
    for _ in range(4):
        body = nn.Sequential(nn.SpatialConvolution(256, 64, 1, 1), nn.SpatialBatchNormalization(64), nn.ReLU())
        body.add(nn.SpatialConvolution(64, 64, 3, 3, 1, 1, 1, 1)).add(nn.SpatialBatchNormalization(64)).add(nn.ReLU())
        body.add(nn.SpatialConvolution(64, 256, 1, 1)).add(nn.SpatialBatchNormalization(256))
        net.add(_residual(body, nn.Identity()))
    net.add(nn.SpatialAveragePooling(14, 14, 14, 14)).add(nn.View(256)).add(nn.Linear(256, 10))
    return net.add(nn.LogSoftMax())


def resnet14() -> Any:
    """Two blocks of each of 16, 32 and 64 planes for 32 x 32 images."""
    net = nn.Sequential(nn.SpatialConvolution(3, 16, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(16), nn.ReLU())
    planes = 16
    for width in (16, 32, 64):
        for _ in range(2):
            step = 1 if planes == width else 2
            body = nn.Sequential(nn.SpatialConvolution(planes, width, 3, 3, step, step, 1, 1))
            body.add(nn.SpatialBatchNormalization(width)).add(nn.ReLU())
            body.add(nn.SpatialConvolution(width, width, 3, 3, 1, 1, 1, 1)).add(nn.SpatialBatchNormalization(width))
            same = nn.Identity() if step == 1 else nn.SpatialConvolution(planes, width, 1, 1, 2, 2)
            net.add(_residual(body, same))
            planes = width
    net.add(nn.SpatialAveragePooling(8, 8, 8, 8)).add(nn.View(64)).add(nn.Linear(64, 10))
    return net.add(nn.LogSoftMax())


def text() -> Any:
    """Convolution over sequences of 50 vectors of 300 (Kim 2014), one width."""
    net = nn.Sequential(nn.TemporalConvolution(300, 256, 3), nn.ReLU(), nn.TemporalMaxPooling(48))
    return net.add(nn.View(256)).add(nn.Linear(256, 10)).add(nn.LogSoftMax())


def c3d() -> Any:
    """Two layers of 3 x 3 x 3 convolutions on 8 pictures of 32 x 32."""
    net = nn.Sequential(nn.VolumetricConvolution(3, 32, 3, 3, 3, 1, 1, 1, 1, 1, 1), nn.ReLU())
    net.add(nn.VolumetricMaxPooling(1, 2, 2, 1, 2, 2)).add(nn.VolumetricConvolution(32, 64, 3, 3, 3, 1, 1, 1, 1, 1, 1))
    net.add(nn.ReLU()).add(nn.VolumetricMaxPooling(2, 2, 2, 2, 2, 2)).add(nn.View(64 * 4 * 64))
    return net.add(nn.Linear(64 * 4 * 64, 10)).add(nn.LogSoftMax())


def generator() -> Any:
    """DCGAN's, 100 numbers to 3 x 64 x 64."""
    net, planes = nn.Sequential(nn.SpatialFullConvolution(100, 512, 4, 4)), 512
    net.add(nn.SpatialBatchNormalization(512)).add(nn.ReLU(True))
    for width in (256, 128, 64):
        net.add(nn.SpatialFullConvolution(planes, width, 4, 4, 2, 2, 1, 1))
        net.add(nn.SpatialBatchNormalization(width)).add(nn.ReLU(True))
        planes = width
    return net.add(nn.SpatialFullConvolution(64, 3, 4, 4, 2, 2, 1, 1)).add(nn.Tanh())


def discriminator() -> Any:
    """DCGAN's, 3 x 64 x 64 to one number."""
    net, planes = nn.Sequential(nn.SpatialConvolution(3, 64, 4, 4, 2, 2, 1, 1), nn.LeakyReLU(0.2, True)), 64
    for width in (128, 256, 512):
        net.add(nn.SpatialConvolution(planes, width, 4, 4, 2, 2, 1, 1))
        net.add(nn.SpatialBatchNormalization(width)).add(nn.LeakyReLU(0.2, True))
        planes = width
    return net.add(nn.SpatialConvolution(512, 1, 4, 4)).add(nn.Sigmoid())


Network = tuple[Callable[[], Any], tuple[int, ...]]
#: Network, and the sizes of one sample of its input.
NETWORKS: dict[str, Network] = {
    "vgg": (vgg, (3, 32, 32)),
    "lenet": (lenet, (1, 32, 32)),
    "alexnet": (alexnet, (3, 224, 224)),
    "bottlenecks": (bottlenecks, (256, 14, 14)),
    "resnet14": (resnet14, (3, 32, 32)),
    "text": (text, (50, 300)),
    "c3d": (c3d, (3, 8, 32, 32)),
    "generator": (generator, (100, 1, 1)),
    "discriminator": (discriminator, (3, 64, 64)),
    "mlp": (mlp, (784,)),
}


def made(name: str, batch: int) -> tuple[Any, np.ndarray]:
    """A network of float32 and an input."""
    import torch7

    torch7.manualSeed(1)
    make, sample = NETWORKS[name]
    x = np.random.default_rng(0).standard_normal((batch, *sample), dtype=np.float32)
    return make().float(), x


def geometric_mean(ratios: list[float]) -> float:
    return float(np.exp(np.mean(np.log(ratios))))
