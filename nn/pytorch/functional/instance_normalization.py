"""Instance normalisation: each channel of each sample by its own statistics, or by running ones."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ... import thnn
from .batch_normalization import batch_norm_backward, batch_norm_forward, checked
from .differentiable import differentiable
from .geometry import fits, fresh
from .normalization import gradients, normalised


def _instances(input: Any) -> Any:
    """``input`` as a matrix with a row for each channel of each sample."""
    return thnn.contiguous(input).reshape(len(input) * input.shape[1], prod(input.shape[2:]))


def _by_running(input: Any, vectors: tuple) -> tuple:
    """One batch that has a channel for each sample and channel, and vectors for all of them."""
    x = thnn.contiguous(input).reshape(1, len(input) * input.shape[1], prod(input.shape[2:]))
    return x, *(None if v is None else np.tile(v, len(input)) for v in vectors)


def _move(running_mean: Any, running_var: Any, saved: Any, values: int, settings: tuple) -> None:
    """Let the running statistics go towards the mean over the batch of the instances' own."""
    momentum, eps = settings
    means = saved[0].reshape(-1, running_mean.size)
    unbiased = (1 / np.square(saved[1]) - eps).reshape(means.shape) * (values / (values - 1))
    for v, now in ((running_mean, means), (running_var, unbiased)):
        v[...] = (1 - momentum) * v + momentum * now.mean(0)


def instance_norm_forward(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5, *, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """:func:`instance_norm`, and as ``saved`` means and inverse deviations of each sample and channel."""
    checked("instance_norm", input, (weight, bias, running_mean, running_var))
    values = prod(input.shape[2:])
    if not use_input_stats:
        arguments = _by_running(input, (running_mean, running_var, weight, bias))
        y, kept = batch_norm_forward(*arguments, False, momentum, eps, buffer=buffer)
        return y.reshape(input.shape), kept
    if values == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    sizes = input.shape[1], 1, values
    y, kept = normalised(_instances(input), input, (weight, bias), sizes, eps, True, buffer)
    if running_mean is not None and input.size:
        _move(running_mean, running_var, kept["saved"], values, (momentum, eps))
    return y, kept


def instance_norm_backward(
    gradOutput: Any, input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5, *,
    needs: tuple = (True, True, True), saved: Any = None, buffer: Callable = fresh,
) -> tuple:  # fmt: skip
    """Gradients by input, weight and bias of :func:`instance_norm`."""
    fits("instance_norm", gradOutput, input.shape)
    checked("instance_norm", input, (weight, bias, running_mean, running_var))
    if use_input_stats:
        if saved is None:
            settings = weight, bias, True, momentum, eps
            saved = instance_norm_forward(input, None, None, *settings)[1]["saved"]
        sizes = input.shape[1], 1, prod(input.shape[2:])
        return gradients(_instances(input), gradOutput, (weight, bias), sizes, needs, saved, True, buffer)
    x, *vectors = _by_running(input, (running_mean, running_var, weight, bias))
    found = batch_norm_backward(
        gradOutput.reshape(x.shape), x, *vectors, False, momentum, eps, needs=needs, saved=saved, buffer=buffer
    )
    gw, gb = (None if v is None else v.reshape(len(input), input.shape[1]).sum(0) for v in found[1:])
    return None if found[0] is None else found[0].reshape(input.shape), gw, gb


@differentiable(instance_norm_backward, "input", "weight", "bias", saving=instance_norm_forward)
def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """:func:`batch_norm` with the statistics of each sample apart; the running ones move towards their means."""
    settings = use_input_stats, momentum, eps
    return instance_norm_forward(input, running_mean, running_var, weight, bias, *settings)[0]
