"""Simple layers beside PyTorch, float32, forward and backward with parameter gradients.

``python -m benchmarks.simple [name]``: PyTorch as it is, both on two threads in one process, turn by turn; the ratio of
medians, above 1: faster than PyTorch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F

import nn
import torch7

from .elementwise import THREADS, tensors
from .timing import side_by_side

IMAGES, ROWS = (32, 64, 28, 28), (256, 1024)
WORDS = np.random.default_rng(3).integers(1, 10_001, (64, 50))


def layer(name: str, ours: nn.Module, theirs: Callable, shape: tuple, parameters: tuple = ()) -> Iterator[tuple]:
    """Forward and backward of one layer and its counterpart, whose parameters are named for autograd."""
    (x, tx), ours = tensors(*shape), ours.float()
    ty = theirs(tx.requires_grad_())
    g, tg = tensors(*ty.shape, seed=1)
    ours.forward(x)
    yield f"{name} forward", lambda: ours.forward(x), lambda: theirs(tx)
    backward = lambda: torch.autograd.grad(ty, (tx, *parameters), tg, retain_graph=True)  # noqa: E731
    yield f"{name} backward", lambda: ours.backward(x, g), backward


def lookup(width: int) -> Iterator[tuple]:
    """A table of 10 000 words and a batch of 64 x 50."""
    ours, theirs = nn.LookupTable(10_000, width).float(), torch.nn.Embedding(10_000, width)
    words = torch.from_numpy(WORDS - 1)
    ty = theirs(words)
    g, tg = tensors(*ty.shape, seed=1)
    ours.forward(WORDS)
    yield f"LookupTable {width} forward", lambda: ours.forward(WORDS), lambda: theirs(words)
    backward = lambda: torch.autograd.grad(ty, theirs.weight, tg, retain_graph=True)  # noqa: E731
    yield f"LookupTable {width} backward", lambda: ours.backward(WORDS, g), backward


def workloads() -> Iterator[tuple]:
    flat, planes = torch.nn.BatchNorm1d(1024), torch.nn.BatchNorm2d(64)
    yield from layer("BatchNormalization", nn.BatchNormalization(1024), flat, ROWS, (flat.weight, flat.bias))
    yield from layer(
        "SpatialBatchNormalization", nn.SpatialBatchNormalization(64), planes, IMAGES, (planes.weight, planes.bias)
    )
    yield from lookup(64)
    yield from lookup(256)
    scale = torch.randn(1024, requires_grad=True)
    yield from layer("CMul", nn.CMul(1024), lambda x: x * scale, ROWS, (scale,))
    yield from layer("CAdd", nn.CAdd(1024), lambda x: x + scale, ROWS, (scale,))
    yield from layer("Exp", nn.Exp(), torch.exp, IMAGES)
    yield from layer("Square", nn.Square(), torch.square, IMAGES)
    yield from layer("Sqrt", nn.Sqrt(), torch.sqrt, IMAGES)
    yield from layer("Abs", nn.Abs(), torch.abs, IMAGES)
    yield from layer("Max of columns", nn.Max(1), lambda x: x.max(0).values, ROWS)
    yield from layer("Max of rows", nn.Max(2), lambda x: x.max(1).values, ROWS)
    yield from layer("Mean of rows", nn.Mean(2), lambda x: x.mean(1), ROWS)
    yield from layer("Normalize", nn.Normalize(2), lambda x: F.normalize(x, dim=1), ROWS)
    yield from layer("LayerNormalization", nn.LayerNormalization(1024), lambda x: F.layer_norm(x, (1024,)), ROWS)
    yield from layer("Dropout", nn.Dropout(0.5), F.dropout, ROWS)


def main() -> None:
    torch.set_num_threads(THREADS)
    torch7.setnumthreads(THREADS)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, ours, theirs in workloads():
        if wanted in name:
            times = side_by_side({"ours": ours, "theirs": theirs})
            mine, other = times["ours"] * 1e6, times["theirs"] * 1e6
            print(f"{name:36} {mine:9.0f} us {other:9.0f} us   {other / mine:6.2f}")


if __name__ == "__main__":
    main()
