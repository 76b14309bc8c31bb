"""Norms, and the distances and likeness made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import thnn
from ..fitting import reduced
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits, fresh, room


def sign(x: Any) -> Any:
    """-1, 0 or 1; 0 for NaN, as in PyTorch."""
    return np.subtract(x > 0, x < 0, dtype=x.dtype)


def norm(x: Any, p: float, axis: Any = -1) -> Any:
    """The p-norms along ``axis``, which stays as one of size 1; any p, also 0 (how many are not 0) and infinite."""
    size = np.abs(x)
    if p == 2:
        return np.sqrt((size * size).sum(axis, keepdims=True))
    if p == 1:
        return size.sum(axis, keepdims=True)
    if p == 0:
        return (x != 0).sum(axis, keepdims=True).astype(x.dtype)
    if np.isinf(p):
        return size.max(axis, keepdims=True) if p > 0 else size.min(axis, keepdims=True)
    with np.errstate(divide="ignore"):
        return (size**p).sum(axis, keepdims=True) ** x.dtype.type(1 / p)


def norm_slope(x: Any, norm: Any, p: float, axis: Any = -1) -> Any:
    """The gradient of :func:`norm`, 0 where a norm is 0; ties of the largest share it."""
    if p == 0:
        return np.zeros_like(x)
    if np.isinf(p):
        most = (np.abs(x) == norm) | (np.isnan(x) & np.isnan(norm))
        return sign(x) * most / most.sum(axis, keepdims=True).astype(x.dtype)
    if p == 1:
        return sign(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = x / norm if p == 2 else sign(x) * (np.abs(x) / norm) ** x.dtype.type(p - 1)
    return np.where((norm == 0) | ((x == 0) & (p < 1)), x.dtype.type(0), slope)


def _pair(name: str, x1: Any, x2: Any) -> None:
    check_float(name, x1, x2)
    try:
        np.broadcast_shapes(x1.shape, x2.shape)
    except ValueError:
        raise ValueError(f"{name}: shapes {x1.shape} and {x2.shape} do not fit") from None


def _last(x: Any, dim: int) -> Any:
    """``x`` as kernels take it, with dimension ``dim`` as the last one."""
    return thnn.contiguous(x if dim == x.ndim - 1 else np.moveaxis(x, dim, -1))


def _pair_of_rows(x1: Any, x2: Any, dim: int) -> tuple:
    """Both arrays broadcast to one shape, and the dimension from 0; ``IndexError`` where there is none."""
    _pair("cosine_similarity", x1, x2)
    if x1.shape != x2.shape:
        shape = np.broadcast_shapes(x1.shape, x2.shape)
        x1, x2 = np.broadcast_to(x1, shape), np.broadcast_to(x2, shape)
    if not -x1.ndim <= dim < x1.ndim:
        raise IndexError(f"cosine_similarity: dimension {dim} of {x1.shape}")
    return x1, x2, dim % x1.ndim


def cosine_similarity_backward(
    gradOutput: Any, x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8, *, buffer: Callable = fresh
) -> tuple:
    """Gradients by both arrays of :func:`cosine_similarity`."""
    shapes = x1.shape, x2.shape
    x1, x2, dim = _pair_of_rows(x1, x2, dim)
    rows = _last(x1, dim), _last(x2, dim)
    fits("cosine_similarity", gradOutput, x1.shape[:dim] + x1.shape[dim + 1 :])
    grads = [buffer(name, rows[0].shape, x1.dtype, x1) for name in ("gradInput1", "gradInput2")]
    if grads[0].size:
        thnn.CosineRows_updateGradInput(rows, thnn.contiguous(gradOutput), *grads, eps)
    given = (g if dim == x1.ndim - 1 else np.moveaxis(g, -1, dim) for g in grads)
    return tuple(map(reduced, given, shapes))


@differentiable(cosine_similarity_backward, "x1", "x2")
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8, *, out: Any = None) -> Any:
    """``x1 . x2 / (max(|x1|, eps) max(|x2|, eps))`` along ``dim``, which goes; the other sizes are broadcast."""
    x1, x2, dim = _pair_of_rows(x1, x2, dim)
    y = room(out, x1.shape[:dim] + x1.shape[dim + 1 :], x1.dtype, x1)
    if x1.size:
        thnn.CosineRows_updateOutput(_last(x1, dim), _last(x2, dim), y, eps)
    else:
        y.fill(0)
    return y


def pairwise_distance_backward(
    gradOutput: Any, x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> tuple:
    """Gradients by both arrays of :func:`pairwise_distance`."""
    d = x1 - x2 + x1.dtype.type(eps)
    fits("pairwise_distance", gradOutput, (*d.shape[:-1], 1) if keepdim else d.shape[:-1])
    slope = (gradOutput if keepdim else gradOutput[..., None]) * norm_slope(d, norm(d, p), p)
    return reduced(slope, x1.shape), -reduced(slope, x2.shape)


@differentiable(pairwise_distance_backward, "x1", "x2")
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norm of ``x1 - x2 + eps`` along the last dimension: (N, D) or (D) each; output (N) or (N, 1)."""
    _pair("pairwise_distance", x1, x2)
    if max(x1.ndim, x2.ndim) == 0:
        raise ValueError("pairwise_distance: arrays of at least one dimension expected")
    distance = norm(x1 - x2 + x1.dtype.type(eps), p)
    return distance if keepdim else distance[..., 0]


def pdist_backward(gradOutput: Any, input: Any, p: float = 2.0) -> tuple:
    """The gradient of :func:`pdist`; each of several largest differences gets it whole."""
    i, j = (np.asarray(places, like=input) for places in np.triu_indices(len(input), 1))
    d = input[i] - input[j]
    fits("pdist", gradOutput, d.shape[:1])
    distance = norm(d, p) if d.size else np.zeros((len(d), 1), input.dtype, like=input)
    slope = sign(d) * (np.abs(d) == distance) if np.isinf(p) else norm_slope(d, distance, p)
    grad = np.zeros_like(input)
    np.add.at(grad, i, gradOutput[:, None] * slope)
    np.subtract.at(grad, j, gradOutput[:, None] * slope)
    return (grad,)


@differentiable(pdist_backward)
def pdist(input: Any, p: float = 2.0) -> Any:
    """The p-norms of the differences of all pairs of rows of (N, M), each pair once: (N (N - 1) / 2)."""
    check_float("pdist", input)
    if input.ndim != 2 or p < 0:
        raise ValueError(f"pdist: two dimensions and p from 0 expected, got {input.shape} and {p}")
    i, j = (np.asarray(places, like=input) for places in np.triu_indices(len(input), 1))
    d = input[i] - input[j]
    return norm(d, p)[:, 0] if d.size else np.zeros(len(d), input.dtype, like=input)


def normalize_backward(gradOutput: Any, input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> tuple:
    """The gradient of :func:`normalize`."""
    fits("normalize", gradOutput, input.shape)
    n, low = norm(input, p, dim), input.dtype.type(eps)
    length = np.maximum(n, low)
    by_length = -(gradOutput * input / (length * length)).sum(dim, keepdims=True) * (n >= low)
    grad = gradOutput / length
    return (grad if p == 0 else grad + by_length * norm_slope(input, n, p, dim),)


@differentiable(normalize_backward)
def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, *, out: Any = None) -> Any:
    """``input`` divided by its p-norms along ``dim``, or by ``eps`` where they are smaller."""
    check_float("normalize", input)
    return np.divide(input, np.maximum(norm(input, p, dim), input.dtype.type(eps)), out=out)
