"""Batch and instance normalisation."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import differentiable
from .elementwise import check_float


def _checked(name: str, input: Any, vectors: tuple) -> None:
    given = [v for v in vectors if v is not None]
    check_float(name, input, *given)
    if input.ndim < 2:
        raise ValueError(f"{name}: expected 2 or more dimensions, got {input.shape}")
    if any(v.shape != input.shape[1:2] for v in given):
        raise ValueError(f"{name}: {given[0].shape} numbers for the channels of an input {input.shape}")


def statistics(input: Any, running_mean: Any, running_var: Any) -> tuple:
    """The vectors that the kernel keeps and moves: copies of no running statistics where there are none."""
    channels = input.shape[1]
    if running_mean is None:
        return np.zeros(channels, input.dtype), np.ones(channels, input.dtype)
    return running_mean, running_var


def batch_norm_forward(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> tuple:  # fmt: skip
    """:func:`batch_norm`, and as ``saved`` the batch's means and inverse deviations."""
    _checked("batch_norm", input, (weight, bias, running_mean, running_var))
    values = prod(input.shape) // max(1, input.shape[1])
    if training and values == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if not training and running_mean is None:
        raise ValueError("batch_norm: running statistics are needed unless training")
    y, saved = np.empty(input.shape, input.dtype), tuple(np.empty((2, input.shape[1]), input.dtype))
    running = statistics(input, running_mean, running_var)
    if y.size:
        arguments = (weight, bias), running, saved, training, float(momentum), eps
        thnn.BatchNormalization_updateOutput(thnn.contiguous(input), y, *arguments)
    return y, {"saved": saved}


def batch_norm_backward(
    gradOutput: Any, input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`batch_norm`; outside training the statistics are constants."""
    if saved is None:
        copies = (None if v is None else v.copy() for v in (running_mean, running_var))
        saved = batch_norm_forward(input, *copies, weight, bias, training, momentum, eps)[1]["saved"]
    gx = np.empty(input.shape, input.dtype) if needs[0] else None
    gw = np.zeros(weight.shape, weight.dtype) if weight is not None and needs[1] else None
    gb = np.zeros(bias.shape, bias.dtype) if bias is not None and needs[2] else None
    if input.size:
        state = statistics(input, running_mean, running_var), saved
        x, g = thnn.contiguous(input), thnn.contiguous(gradOutput)
        thnn.BatchNormalization_backward(x, g, gx, (weight, gw, gb), state, training, 1, eps)
    return gx, gw, gb


@differentiable(batch_norm_backward, "input", "weight", "bias", saving=batch_norm_forward)
def batch_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel of (N, C, ...).

    In training mean and variance are the batch's, and the running ones move towards them by ``momentum``, towards the
    unbiased variance; otherwise they are the running ones. ``ValueError`` in training for one value a channel.
    """
    return batch_norm_forward(input, running_mean, running_var, weight, bias, training, momentum, eps)[0]


def _instances(input: Any) -> tuple:
    """One batch that has a channel for each sample and channel of ``input``."""
    return 1, len(input) * input.shape[1], prod(input.shape[2:])


def _repeated(v: Any, n: int) -> Any:
    return None if v is None else np.tile(v, n)


def instance_norm_forward(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> tuple:  # fmt: skip
    """:func:`instance_norm`, and as ``saved`` means and inverse deviations of each sample and channel."""
    _checked("instance_norm", input, (weight, bias, running_mean, running_var))
    if use_input_stats and prod(input.shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    n, x = len(input), thnn.contiguous(input).reshape(_instances(input))
    repeated = [_repeated(v, n) for v in (running_mean, running_var, weight, bias)]
    y, kept = batch_norm_forward(x, *repeated, use_input_stats, momentum, eps)
    if use_input_stats and running_mean is not None and n:
        for v, moved in zip((running_mean, running_var), repeated):
            v[...] = moved.reshape(n, -1).mean(0)
    return y.reshape(input.shape), kept


def instance_norm_backward(
    gradOutput: Any, input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`instance_norm`."""
    n, shape = len(input), _instances(input)
    repeated = [_repeated(v, n) for v in (running_mean, running_var, weight, bias)]
    x, g = thnn.contiguous(input).reshape(shape), gradOutput.reshape(shape)
    settings = use_input_stats, momentum, eps
    gx, gw, gb = batch_norm_backward(g, x, *repeated, *settings, needs=needs, saved=saved)
    gw, gb = (None if v is None else v.reshape(n, input.shape[1]).sum(0) for v in (gw, gb))
    return None if gx is None else gx.reshape(input.shape), gw, gb


@differentiable(instance_norm_backward, "input", "weight", "bias", saving=instance_norm_forward)
def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """:func:`batch_norm` with the statistics of each sample apart; the running ones move towards their means."""
    settings = use_input_stats, momentum, eps
    return instance_norm_forward(input, running_mean, running_var, weight, bias, *settings)[0]
