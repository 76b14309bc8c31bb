"""Normalisation over rows of numbers: layer, group, instance and root-mean-square."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import differentiable
from .elementwise import check_float


def normalised_rows(x: Any, eps: float, centred: bool = True) -> tuple:
    """The normalised rows of a matrix, and 2 x rows: means and inverse deviations."""
    y, saved = np.empty(x.shape, x.dtype), np.empty((2, len(x)))
    if x.size:
        thnn.RowNormalization_updateOutput(x, y, saved, centred, eps)
    return y, saved


def rows_backward(x: Any, d: Any, saved: Any, centred: bool = True) -> Any:
    """The gradient by the rows, from that by the normalised ones."""
    gx = np.empty(x.shape, x.dtype)
    if x.size:
        thnn.RowNormalization_updateGradInput(x, thnn.contiguous(d), gx, saved, centred)
    return gx


def _rows(name: str, input: Any, normalized_shape: Any, weight: Any, bias: Any) -> Any:
    """``input`` as a matrix of what is normalised; ``ValueError`` for shapes that do not fit."""
    shape = tuple(normalized_shape)
    check_float(name, input, *(p for p in (weight, bias) if p is not None))
    if not shape or input.ndim < len(shape) or input.shape[input.ndim - len(shape) :] != shape:
        raise ValueError(f"{name}: the input {input.shape} must end with the normalized_shape {shape}")
    for p in (weight, bias):
        if p is not None and p.shape != shape:
            raise ValueError(f"{name}: weight and bias must be {shape}, got {p.shape}")
    return thnn.contiguous(input).reshape(prod(input.shape[: input.ndim - len(shape)]), prod(shape))


def _affine(y: Any, weight: Any, bias: Any) -> Any:
    if weight is not None:
        y *= weight
    if bias is not None:
        y += bias
    return y


def layer_norm_forward(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> tuple:
    """:func:`layer_norm`, and as ``saved`` the means and inverse deviations of the rows."""
    y, saved = normalised_rows(_rows("layer_norm", input, normalized_shape, weight, bias), eps)
    return _affine(y.reshape(input.shape), weight, bias), {"saved": saved}


def layer_norm_backward(
    gradOutput: Any, input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`layer_norm`."""
    return _rows_gradients("layer_norm", gradOutput, input, normalized_shape, (weight, bias), eps, needs, saved, True)


def _rows_gradients(
    name: str, gradOutput: Any, input: Any, shape: Any, affine: tuple, eps: float, needs: tuple, saved: Any,
    centred: bool,
) -> tuple:  # fmt: skip
    weight, bias = affine
    x = _rows(name, input, shape, weight, bias)
    saved = normalised_rows(x, eps, centred)[1] if saved is None else saved
    g = gradOutput.reshape(x.shape)
    gx = gw = gb = None
    if needs[0]:
        gx = rows_backward(x, g if weight is None else g * weight.reshape(-1), saved, centred).reshape(input.shape)
    if weight is not None and needs[1]:
        mean, inverse = saved.astype(x.dtype)
        gw = np.einsum("rn,rn->n", g, (x - mean[:, None]) * inverse[:, None]).reshape(weight.shape)
    if bias is not None and needs[2]:
        gb = g.sum(0).reshape(bias.shape)
    return gx, gw, gb


@differentiable(layer_norm_backward, "input", "weight", "bias", saving=layer_norm_forward)
def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last dimensions, of sizes ``normalized_shape``."""
    return layer_norm_forward(input, normalized_shape, weight, bias, eps)[0]


def _eps_of(input: Any, eps: float | None) -> float:
    return float(np.finfo(input.dtype).eps) if eps is None else eps


def rms_norm_backward(
    gradOutput: Any, input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None, *,
    needs: tuple = (True, True),
) -> tuple:  # fmt: skip
    """Gradients by input and weight of :func:`rms_norm`."""
    needs, eps = (*needs, False), _eps_of(input, eps)
    affine = (weight, None)
    return _rows_gradients("rms_norm", gradOutput, input, normalized_shape, affine, eps, needs, None, False)[:2]


@differentiable(rms_norm_backward, "input", "weight")
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """``x / sqrt(mean(x^2) + eps) * weight`` over the last dimensions; ``eps`` None is the type's own."""
    x = _rows("rms_norm", input, normalized_shape, weight, None)
    y, _ = normalised_rows(x, _eps_of(input, eps), False)
    return _affine(y.reshape(input.shape), weight, None)


def _groups(input: Any, num_groups: int, weight: Any, bias: Any) -> Any:
    """``input`` as a matrix with a row for each group of channels of each sample."""
    check_float("group_norm", input, *(p for p in (weight, bias) if p is not None))
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise ValueError(f"group_norm: the channels of an input {input.shape} must be divisible by {num_groups} groups")
    if input.size and input.size == len(input) * num_groups and len(input) == 1:
        raise ValueError(f"group_norm: Expected more than 1 value per channel, got input {input.shape}")
    for p in (weight, bias):
        if p is not None and p.shape != input.shape[1:2]:
            raise ValueError(f"group_norm: weight and bias must be {input.shape[1:2]}, got {p.shape}")
    return thnn.contiguous(input).reshape(len(input) * num_groups, prod(input.shape[1:]) // num_groups)


def _channels(p: Any, input: Any) -> Any:
    """A number for each channel, to be combined with ``input``."""
    return None if p is None else p.reshape(-1, *[1] * (input.ndim - 2))


def group_norm_forward(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> tuple:
    """:func:`group_norm`, and as ``saved`` the means and inverse deviations of the groups."""
    y, saved = normalised_rows(_groups(input, num_groups, weight, bias), eps)
    return _affine(y.reshape(input.shape), _channels(weight, input), _channels(bias, input)), {"saved": saved}


def group_norm_backward(
    gradOutput: Any, input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`group_norm`."""
    x = _groups(input, num_groups, weight, bias)
    saved = normalised_rows(x, eps)[1] if saved is None else saved
    axes = (0, *range(2, input.ndim))
    gx = gw = gb = None
    if needs[0]:
        d = gradOutput if weight is None else gradOutput * _channels(weight, input)
        gx = rows_backward(x, d.reshape(x.shape), saved).reshape(input.shape)
    if weight is not None and needs[1]:
        mean, inverse = saved.astype(x.dtype)
        gw = (((x - mean[:, None]) * inverse[:, None]).reshape(input.shape) * gradOutput).sum(axes)
    if bias is not None and needs[2]:
        gb = gradOutput.sum(axes)
    return gx, gw, gb


@differentiable(group_norm_backward, "input", "weight", "bias", saving=group_norm_forward)
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over groups of the channels of (N, C, ...)."""
    return group_norm_forward(input, num_groups, weight, bias, eps)[0]
