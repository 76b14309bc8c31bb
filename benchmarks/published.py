"""The networks of optnet's published savings; sizes are those of the papers and of imagenet-multiGPU.torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nn


def _rectified(net: Any, *maps: Any) -> Any:
    """Each map with a ReLU in place behind it."""
    for layer in maps:
        net.add(layer).add(nn.ReLU(True))
    return net


def _classifier(inputs: int) -> Any:
    net = nn.Sequential(nn.View(inputs), nn.Linear(inputs, 4096), nn.Threshold(0, 1e-6))
    net.add(nn.Linear(4096, 4096)).add(nn.Threshold(0, 1e-6))
    return net.add(nn.Linear(4096, 1000)).add(nn.LogSoftMax())


def alexnet() -> Any:
    """Two columns (Krizhevsky et al. 2012)."""

    def column() -> Any:
        net = _rectified(nn.Sequential(), nn.SpatialConvolution(3, 48, 11, 11, 4, 4, 2, 2))
        net.add(nn.SpatialMaxPooling(3, 3, 2, 2))
        _rectified(net, nn.SpatialConvolution(48, 128, 5, 5, 1, 1, 2, 2)).add(nn.SpatialMaxPooling(3, 3, 2, 2))
        sizes = (128, 192), (192, 192), (192, 128)
        _rectified(net, *(nn.SpatialConvolution(n, m, 3, 3, 1, 1, 1, 1) for n, m in sizes))
        return net.add(nn.SpatialMaxPooling(3, 3, 2, 2))

    return nn.Sequential(nn.Concat(2).add(column()).add(column()), _classifier(256 * 36))


def vgg_a() -> Any:
    """Configuration A (Simonyan, Zisserman 2014)."""
    net, planes = nn.Sequential(), 3
    for stage in (64,), (128,), (256, 256), (512, 512), (512, 512):
        for width in stage:
            _rectified(net, nn.SpatialConvolution(planes, width, 3, 3, 1, 1, 1, 1))
            planes = width
        net.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    return nn.Sequential(net, _classifier(512 * 49))


def _inception(planes: int, one: int, three: tuple[int, int], double: tuple[int, int], pool: tuple[str, int]) -> Any:
    """Branches of 1 x 1, 3 x 3, twice 3 x 3, and pooling, each behind a 1 x 1 convolution; 0 planes: none."""
    net = nn.Concat(2)
    if one:
        net.add(_rectified(nn.Sequential(), nn.SpatialConvolution(planes, one, 1, 1)))
    for (narrow, wide), times in (three, 1), (double, 2):
        sizes = [(narrow, wide), (wide, wide)][:times]
        branch = _rectified(nn.Sequential(), nn.SpatialConvolution(planes, narrow, 1, 1))
        net.add(_rectified(branch, *(nn.SpatialConvolution(n, m, 3, 3, 1, 1, 1, 1) for n, m in sizes)))
    kind = {"max": nn.SpatialMaxPooling, "avg": nn.SpatialAveragePooling}[pool[0]]
    branch = nn.Sequential(nn.SpatialZeroPadding(1, 1, 1, 1), kind(3, 3, 1, 1).ceil())
    return net.add(_rectified(branch, nn.SpatialConvolution(planes, pool[1], 1, 1)) if pool[1] else branch)


def googlenet() -> Any:
    """With batch-normalised Inception's blocks and one auxiliary classifier."""
    first = _rectified(nn.Sequential(), nn.SpatialConvolution(3, 64, 7, 7, 2, 2, 3, 3))
    first.add(nn.SpatialMaxPooling(3, 3, 2, 2).ceil())
    _rectified(first, nn.SpatialConvolution(64, 64, 1, 1), nn.SpatialConvolution(64, 192, 3, 3, 1, 1, 1, 1))
    first.add(nn.SpatialMaxPooling(3, 3, 2, 2).ceil())
    first.add(_inception(192, 64, (64, 64), (64, 96), ("avg", 32)))
    first.add(_inception(256, 64, (64, 96), (64, 96), ("avg", 64)))
    first.add(_inception(320, 0, (128, 160), (64, 96), ("max", 0))).add(nn.SpatialConvolution(576, 576, 2, 2, 2, 2))
    first.add(_inception(576, 224, (64, 96), (96, 128), ("avg", 128)))
    first.add(_inception(576, 192, (96, 128), (96, 128), ("avg", 128)))
    first.add(_inception(576, 160, (128, 160), (128, 160), ("avg", 96)))
    first.add(_inception(576, 96, (128, 192), (160, 192), ("avg", 96)))
    last = nn.Sequential(_inception(576, 0, (128, 192), (192, 256), ("max", 0)))
    last.add(nn.SpatialConvolution(1024, 1024, 2, 2, 2, 2))
    last.add(_inception(1024, 352, (192, 320), (160, 224), ("avg", 128)))
    last.add(_inception(1024, 352, (192, 320), (192, 224), ("max", 128)))
    last.add(nn.SpatialAveragePooling(7, 7, 1, 1)).add(nn.View(1024).setNumInputDims(3)).add(nn.Linear(1024, 1000)).add(
        nn.LogSoftMax()
    )
    side = nn.Sequential(nn.SpatialAveragePooling(5, 5, 3, 3).ceil(), nn.SpatialConvolution(576, 128, 1, 1))
    side.add(nn.View(128 * 16).setNumInputDims(3)).add(nn.Linear(128 * 16, 768)).add(nn.ReLU())
    side.add(nn.Linear(768, 1000)).add(nn.LogSoftMax())
    return nn.Sequential(first, nn.Concat(2).add(last).add(side))


def resnet110() -> Any:
    """Three times 18 blocks of two convolutions for 32 x 32 images (He et al. 2016)."""

    def block(planes: int, width: int, step: int) -> Any:
        body = nn.Sequential(nn.SpatialConvolution(planes, width, 3, 3, step, step, 1, 1))
        body.add(nn.SpatialBatchNormalization(width)).add(nn.ReLU(True))
        body.add(nn.SpatialConvolution(width, width, 3, 3, 1, 1, 1, 1)).add(nn.SpatialBatchNormalization(width))
        same: Any = nn.Identity()
        if planes != width:
            same = nn.Sequential(nn.SpatialConvolution(planes, width, 1, 1, step, step))
            same.add(nn.SpatialBatchNormalization(width))
        return nn.Sequential(nn.ConcatTable().add(body).add(same), nn.CAddTable(True), nn.ReLU(True))

    net = nn.Sequential(nn.SpatialConvolution(3, 16, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(16), nn.ReLU(True))
    planes = 16
    for width in (16, 32, 64):
        for n in range(18):
            net.add(block(planes, width, 2 if width > 16 and n == 0 else 1))
            planes = width
    return net.add(nn.SpatialAveragePooling(8, 8)).add(nn.View(64).setNumInputDims(3)).add(nn.Linear(64, 10))


Published = tuple[Callable[[], Any], int, dict[str, tuple[int, int]]]
#: Network, size of its images, and the MB before and after, for inference of one image in double precision and for
#: training of 64 in single. Source: the manual of optnet.
NETWORKS: dict[str, Published] = {
    "AlexNet": (alexnet, 224, {"inference": (973, 472), "training": (963, 816)}),
    "VGG-A": (vgg_a, 224, {"inference": (2311, 1106), "training": (5433, 4228)}),
    "GoogLeNet": (googlenet, 224, {"inference": (505, 193), "training": (6092, 4844)}),
    "ResNet-110": (resnet110, 32, {"inference": (113, 15), "training": (664, 428)}),
}
