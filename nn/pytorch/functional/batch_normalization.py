"""Batch normalisation."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits, fresh, new_sum, sum_for, wanted


def checked(name: str, input: Any, vectors: tuple) -> None:
    given = [v for v in vectors if v is not None]
    check_float(name, input, *given)
    if input.ndim < 2:
        raise ValueError(f"{name}: expected 2 or more dimensions, got {input.shape}")
    if any(v.shape != input.shape[1:2] for v in given):
        raise ValueError(f"{name}: {given[0].shape} numbers for the channels of an input {input.shape}")


def statistics(input: Any, running_mean: Any, running_var: Any) -> tuple:
    """The vectors that the kernel keeps and moves: the running ones, copies where kernels need them, or new ones."""
    channels = input.shape[1]
    if running_mean is None:
        return np.zeros(channels, input.dtype, like=input), np.ones(channels, input.dtype, like=input)
    return thnn.contiguous(running_mean), thnn.contiguous(running_var)


def _writable(x: Any) -> bool:
    return getattr(x.flags, "writeable", True)


def moved(given: tuple, running: tuple) -> None:
    """Bring what a kernel moved back to the arrays that were given."""
    for own, copy in zip(given, running):
        if own is not None:
            thnn.copy_back(copy, own)


def batch_norm_forward(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5, *, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """:func:`batch_norm`, and as ``saved`` the batch's means and inverse deviations."""
    checked("batch_norm", input, (weight, bias, running_mean, running_var))
    values = prod(input.shape) // max(1, input.shape[1])
    if training and values == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if not training and running_mean is None:
        raise ValueError("batch_norm: running statistics are needed unless training")
    if training and running_mean is not None and not (_writable(running_mean) and _writable(running_var)):
        raise ValueError("batch_norm: running statistics that training moves must be writable")
    y = buffer("output", input.shape, input.dtype, input)
    saved = tuple(buffer("saved", (2, input.shape[1]), input.dtype, input))
    running = statistics(input, running_mean, running_var)
    if y.size:
        affine = thnn.contiguous(weight), thnn.contiguous(bias)
        arguments = affine, running, saved, training, float(momentum), eps
        thnn.BatchNormalization_updateOutput(thnn.contiguous(input), y, *arguments)
        if training:
            moved((running_mean, running_var), running)
    return y, {"saved": saved}


def batch_norm_backward(
    gradOutput: Any, input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`batch_norm`; outside training the statistics are constants.

    ``needs`` may have arrays that gradients are added to.
    """
    fits("batch_norm", gradOutput, input.shape)
    checked("batch_norm", input, (weight, bias, running_mean, running_var))
    if saved is None:
        copies = (None if v is None else v.copy() for v in (running_mean, running_var))
        saved = batch_norm_forward(input, *copies, weight, bias, training, momentum, eps)[1]["saved"]
    gx = buffer("gradInput", input.shape, input.dtype, input) if needs[0] else None
    gw = sum_for(needs[1], weight.shape, input) if weight is not None and wanted(needs[1]) else None
    gb = sum_for(needs[2], bias.shape, input) if bias is not None and wanted(needs[2]) else None
    if input.size:
        state = statistics(input, running_mean, running_var), saved
        x, g = thnn.contiguous(input), thnn.contiguous(gradOutput)
        thnn.BatchNormalization_backward(x, g, gx, (thnn.contiguous(weight), gw, gb), state, training, 1, eps)
    return gx, new_sum(gw, needs[1]), new_sum(gb, needs[2])


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
