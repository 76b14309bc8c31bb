"""Pooling of volumes, adaptive pooling, response normalisation, upsampling and sequences beside PyTorch.

``python -m benchmarks.normalisation [--dtype float64] [NAME ...]``: forward and backward passes, both libraries on two
threads in one process, turn by turn; the ratio of medians (above 1: faster than PyTorch).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn as peer

import nn
import torch7

from .timing import side_by_side

THREADS = 2
Case = tuple[nn.Module, peer.Module, tuple[int, ...]]


def cases() -> dict[str, Case]:
    """Our module, PyTorch's and the shape of the input."""
    planes, volumes, sequences = (32, 64, 32, 32), (8, 16, 16, 64, 64), (64, 200, 256)
    corners = {"align_corners": True, "scale_factor": 2}
    return {
        "lrn": (nn.SpatialCrossMapLRN(5), peer.LocalResponseNorm(5), (32, 64, 27, 27)),
        "volumetric max 2": (nn.VolumetricMaxPooling(2, 2, 2), peer.MaxPool3d(2), volumes),
        "volumetric max 3/2": (nn.VolumetricMaxPooling(3, 3, 3, 2, 2, 2), peer.MaxPool3d(3, 2), volumes),
        "volumetric average 2": (nn.VolumetricAveragePooling(2, 2, 2), peer.AvgPool3d(2), volumes),
        "volumetric average 3/2": (nn.VolumetricAveragePooling(3, 3, 3, 2, 2, 2), peer.AvgPool3d(3, 2), volumes),
        "adaptive max 7": (nn.SpatialAdaptiveMaxPooling(7, 7), peer.AdaptiveMaxPool2d(7), planes),
        "adaptive average 7": (nn.SpatialAdaptiveAveragePooling(7, 7), peer.AdaptiveAvgPool2d(7), planes),
        "adaptive average 1": (nn.SpatialAdaptiveAveragePooling(1, 1), peer.AdaptiveAvgPool2d(1), (32, 512, 7, 7)),
        "average 7": (nn.SpatialAveragePooling(7, 7), peer.AvgPool2d(7), (32, 512, 7, 7)),
        "average 3/1": (nn.SpatialAveragePooling(3, 3, 1, 1, 1, 1), peer.AvgPool2d(3, 1, 1), (32, 64, 35, 35)),
        "dilated max 3/2": (
            nn.SpatialDilatedMaxPooling(3, 3, 2, 2, 1, 1, 2, 2),
            peer.MaxPool2d(3, 2, 1, 2),
            (32, 64, 55, 55),
        ),
        "nearest 2": (nn.SpatialUpSamplingNearest(2), peer.Upsample(scale_factor=2), planes),
        "bilinear 2": (nn.SpatialUpSamplingBilinear(2), peer.Upsample(mode="bilinear", **corners), planes),
        "trilinear 2": (nn.UpSampling(2, "linear"), peer.Upsample(mode="trilinear", **corners), (4, 16, 8, 32, 32)),
        "temporal max 2": (nn.TemporalMaxPooling(2), peer.MaxPool1d(2), sequences),
        "temporal convolution 3": (nn.TemporalConvolution(256, 256, 3), peer.Conv1d(256, 256, 3), sequences),
        "temporal convolution 5": (nn.TemporalConvolution(256, 128, 5), peer.Conv1d(256, 128, 5), sequences),
        "volumetric convolution 3": (
            nn.VolumetricConvolution(16, 32, 3, 3, 3, 1, 1, 1, 1, 1, 1),
            peer.Conv3d(16, 32, 3, 1, 1),
            (8, 16, 16, 32, 32),
        ),
    }


def passes(case: Case, dtype: np.dtype) -> Iterator[tuple[str, Callable, Callable]]:
    """Forward, gradient of the input and, where there are some, of the weights; sequences lie as each library likes."""
    module, other, shape = case
    random = np.random.default_rng(0)
    x = random.standard_normal(shape).astype(dtype)
    module.type(torch7.typename(x))
    dy = random.standard_normal(module.forward(x).shape).astype(dtype)
    module.backward(x, dy)
    tx, tdy = (torch.from_numpy(a.swapaxes(1, 2).copy() if a.ndim == 3 else a) for a in (x, dy))
    tx.requires_grad_()
    other.to(tx.dtype)
    ty, grad = other(tx), torch.autograd.grad
    yield "forward", lambda: module.updateOutput(x), lambda: other(tx)
    yield "input", lambda: module.updateGradInput(x, dy), lambda: grad(ty, tx, tdy, retain_graph=True)
    weights = list(other.parameters())
    if weights:
        accumulate = lambda: module.accGradParameters(x, dy, 1)  # noqa: E731
        yield "weights", accumulate, lambda: grad(ty, weights, tdy, retain_graph=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads whose name contains it; all by default")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    torch7.setnumthreads(THREADS)
    print(f"{'workload':28} {'pass':8} {'torch7':>8} {'PyTorch':>8}   ratio   (milliseconds)")
    for name, case in cases().items():
        if options.names and not any(part in name for part in options.names):
            continue
        for part, own, theirs in passes(case, np.dtype(options.dtype)):
            times = side_by_side({"own": own, "peer": theirs})
            own_ms, peer_ms = (times[k] * 1e3 for k in ("own", "peer"))
            print(f"{name:28} {part:8} {own_ms:8.3f} {peer_ms:8.3f} {peer_ms / own_ms:7.2f}", flush=True)


if __name__ == "__main__":
    main()
