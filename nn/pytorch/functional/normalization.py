"""Normalisation over rows of numbers: layer, group, instance and root-mean-square."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits, fresh


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


def normalised(
    x: Any, input: Any, affine: tuple, rows: tuple, eps: float, centred: bool, buffer: Callable,
    keep: dict | None = None,
) -> tuple[Any, dict]:  # fmt: skip
    """The rows of the matrix ``x`` normalised, in the shape of ``input``, and their statistics.

    ``keep`` gets what runs the same on another input, ``run``.
    """
    y, saved = buffer("output", input.shape, input.dtype, input), buffer("saved", (2, len(x)), np.float64, x)
    if x.size:
        affine = tuple(None if p is None else thnn.contiguous(p) for p in affine)
        run = thnn.RowNormalization_ready(y, saved, affine, rows, centred, eps)
        run(x)
        if keep is not None:
            keep["run"] = run
    return y, {"saved": saved}


def gradients(
    x: Any, gradOutput: Any, affine: tuple, rows: tuple, needs: tuple, saved: Any, centred: bool, buffer: Callable
) -> tuple:
    """Gradients by the input, weight and bias of :func:`normalised`; those not needed are None."""
    weight = affine[0]
    gx = buffer("gradInput", gradOutput.shape, x.dtype, x)
    gw, gb = (
        buffer(name, p.shape, x.dtype, x) if p is not None and wanted else None
        for name, p, wanted in zip(("gradWeight", "gradBias"), affine, needs[1:])
    )
    if x.size:
        parameters = None if weight is None else thnn.contiguous(weight), gw, gb
        thnn.RowNormalization_backward((x, thnn.contiguous(gradOutput), gx), saved, parameters, rows, centred)
    else:
        for g in (gw, gb):
            if g is not None:
                g.fill(0)
    return gx if needs[0] else None, gw, gb


def layer_norm_forward(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, *,
    buffer: Callable = fresh, keep: dict | None = None,
) -> tuple:  # fmt: skip
    """:func:`layer_norm`, and as ``saved`` the means and inverse deviations of the rows."""
    x = _rows("layer_norm", input, normalized_shape, weight, bias)
    return normalised(x, input, (weight, bias), (1, x.shape[1], 1), eps, True, buffer, keep)


def layer_norm_backward(
    gradOutput: Any, input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`layer_norm`."""
    x = _rows("layer_norm", input, normalized_shape, weight, bias)
    fits("layer_norm", gradOutput, input.shape)
    if saved is None:
        saved = layer_norm_forward(input, normalized_shape, weight, bias, eps)[1]["saved"]
    return gradients(x, gradOutput, (weight, bias), (1, x.shape[1], 1), needs, saved, True, buffer)


@differentiable(layer_norm_backward, "input", "weight", "bias", saving=layer_norm_forward)
def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last dimensions, of sizes ``normalized_shape``."""
    return layer_norm_forward(input, normalized_shape, weight, bias, eps)[0]


def _eps_of(input: Any, eps: float | None) -> float:
    return float(np.finfo(input.dtype).eps) if eps is None else eps


def rms_norm_forward(
    input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None, *, buffer: Callable = fresh,
    keep: dict | None = None,
) -> tuple:  # fmt: skip
    """:func:`rms_norm`, and as ``saved`` the inverse root mean squares of the rows."""
    x = _rows("rms_norm", input, normalized_shape, weight, None)
    return normalised(x, input, (weight, None), (1, x.shape[1], 1), _eps_of(input, eps), False, buffer, keep)


def rms_norm_backward(
    gradOutput: Any, input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None, *,
    needs: tuple = (True, True), saved: Any = None, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """Gradients by input and weight of :func:`rms_norm`."""
    x = _rows("rms_norm", input, normalized_shape, weight, None)
    fits("rms_norm", gradOutput, input.shape)
    if saved is None:
        saved = rms_norm_forward(input, normalized_shape, weight, eps)[1]["saved"]
    sizes, needs = (1, x.shape[1], 1), (*needs, False)
    return gradients(x, gradOutput, (weight, None), sizes, needs, saved, False, buffer)[:2]


@differentiable(rms_norm_backward, "input", "weight", saving=rms_norm_forward)
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """``x / sqrt(mean(x^2) + eps) * weight`` over the last dimensions; ``eps`` None is the type's own."""
    return rms_norm_forward(input, normalized_shape, weight, eps)[0]


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


def _sizes(input: Any, num_groups: int) -> tuple:
    """Groups, channels of a group, numbers of a channel."""
    return num_groups, input.shape[1] // num_groups, prod(input.shape[2:])


def group_norm_forward(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, *, buffer: Callable = fresh,
    keep: dict | None = None,
) -> tuple:  # fmt: skip
    """:func:`group_norm`, and as ``saved`` the means and inverse deviations of the groups."""
    x = _groups(input, num_groups, weight, bias)
    return normalised(x, input, (weight, bias), _sizes(input, num_groups), eps, True, buffer, keep)


def group_norm_backward(
    gradOutput: Any, input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`group_norm`."""
    x = _groups(input, num_groups, weight, bias)
    fits("group_norm", gradOutput, input.shape)
    saved = group_norm_forward(input, num_groups, weight, bias, eps)[1]["saved"] if saved is None else saved
    return gradients(x, gradOutput, (weight, bias), _sizes(input, num_groups), needs, saved, True, buffer)


@differentiable(group_norm_backward, "input", "weight", "bias", saving=group_norm_forward)
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over groups of the channels of (N, C, ...)."""
    return group_norm_forward(input, num_groups, weight, bias, eps)[0]
