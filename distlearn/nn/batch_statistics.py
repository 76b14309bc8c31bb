"""Batch normalisation over the samples of all nodes, on arrays: what the layers of nn and of nn.pytorch stand on.

``x``: ``N x C x sizes``, contiguous; N may be 0 and differ between the nodes.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from nn import thnn
from torch7 import arrays

from ..statistics import moments, sums
from ..tree import Tree


class Moments(NamedTuple):
    """Of all nodes' samples: their number, the mean of each feature, the sum of squared differences from it."""

    count: int
    mean: np.ndarray
    squares: np.ndarray


def of_all(tree: Tree, x: Any, y: Any, eps: float) -> Moments:
    """The moments of ``x``, the same bits on all nodes; ``y``, of its shape, is overwritten."""
    n = len(x) * prod(x.shape[2:])
    mean, var, *saved = arrays.array_module(x).zeros((4, x.shape[1]), x.dtype)
    if n:
        thnn.BatchNormalization_updateOutput(x, y, (None, None), (mean, var), tuple(saved), True, 1, eps)
    mean, var = (arrays.moved(s, np, np.dtype(np.float64)) for s in (mean, var))
    return Moments(*moments(tree, n, mean, var * (n - 1) if n > 1 else np.zeros_like(var)))


def move(running: tuple, of: Moments, momentum: float) -> None:
    """Move the running mean and variance towards those of the batch."""
    for statistic, value in zip(running, (of.mean, of.squares / (of.count - 1))):
        statistic *= 1 - momentum
        statistic += like(momentum * value, statistic)


def normalize(of: Moments, x: Any, y: Any, affine: tuple, eps: float) -> tuple[Any, Any]:
    """``y = (x - mean) / sqrt(var + eps) * weight + bias``; returns mean and ``1 / sqrt(var + eps)``."""
    var = of.squares / of.count + eps
    inverse = np.divide(1, np.sqrt(var), out=np.zeros_like(var), where=var != 0)
    saved = like(of.mean, x), like(inverse, x)
    _scaled(x, y, saved, _scale(saved, affine[0]), affine[1])
    return saved


def products(x: Any, dy: Any, saved: tuple, eps: float) -> tuple[Any, Any]:
    """The sums of ``(x - mean) / deviation * dy`` and of ``dy`` over this node's samples: the parameters' gradients."""
    found = arrays.array_module(x).zeros((2, x.shape[1]), x.dtype)
    if x.size:
        thnn.BatchNormalization_backward(x, dy, None, (None, *found), (_unit(saved[0]), saved), True, 1, eps)
    return tuple(found)


def differentiate(
    tree: Tree, x: Any, dy: Any, dx: Any, weight: Any, saved: tuple, own: tuple, count: int, room: Any
) -> None:
    """``dx = (dy - mean of dy - normalised x * mean of their product) * weight / deviation``

    ``own``: what :func:`products` found here; ``count``: samples of all nodes; ``room``: scratch of x's shape.
    """
    whole = sums(tree, np.stack([arrays.moved(s, np, np.dtype(np.float64)) for s in own])) / count
    dot, total = (like(s, x) for s in whole)
    scale = _scale(saved, weight)
    _scaled(x, room, saved, scale * saved[1] * dot, scale * total)
    if x.size:
        state = _unit(saved[0]), saved
        thnn.BatchNormalization_backward(x, dy, dx, (scale, None, None), state, False, 1, 0)
    dx -= room.reshape(dx.shape)


def like(numbers: np.ndarray, x: Any) -> Any:
    """Float64 numbers as a tensor of the type of ``x``, where that lies."""
    return arrays.moved(numbers, arrays.array_module(x), x.dtype)


def _scale(saved: tuple, weight: Any) -> Any:
    """``weight / deviation``"""
    return saved[1] if weight is None else saved[1] * weight


def _scaled(x: Any, y: Any, saved: tuple, scale: Any, shift: Any) -> None:
    """``y = (x - mean) * scale + shift``"""
    if x.size:
        thnn.BatchNormalization_updateOutput(x, y, (scale, shift), _unit(saved[0]), saved, False, 0, 0)


def _unit(mean: Any) -> tuple[Any, Any]:
    """Statistics that only subtract the mean."""
    return mean, arrays.array_module(mean).ones_like(mean)
