"""Pixel and channel shuffles: what lies in channels and what in planes, exchanged."""

from __future__ import annotations

from typing import Any

import numpy as np

from .differentiable import differentiable


def _shuffled(name: str, x: Any, r: int, up: bool) -> Any:
    """Channels of ``x`` spread over ``r x r`` pixels, or back; ``ValueError`` where sizes cannot be divided."""
    if x.ndim < 3 or r < 1:
        raise ValueError(f"{name}: expected 3 or more dimensions and a positive factor, got {x.shape} and {r}")
    *outer, c, h, w = x.shape
    if c % (r * r) if up else h % r or w % r:
        raise ValueError(f"{name}: an input {x.shape} cannot be divided by {r}")
    n = len(outer)
    if up:
        parts = x.reshape(*outer, c // (r * r), r, r, h, w)
        order, shape = (n, n + 3, n + 1, n + 4, n + 2), (*outer, c // (r * r), h * r, w * r)
    else:
        parts = x.reshape(*outer, c, h // r, r, w // r, r)
        order, shape = (n, n + 2, n + 4, n + 1, n + 3), (*outer, c * r * r, h // r, w // r)
    return np.ascontiguousarray(parts.transpose(*range(n), *order)).reshape(shape)


def pixel_shuffle_backward(gradOutput: Any, input: Any, upscale_factor: int) -> tuple:
    """:func:`pixel_unshuffle` of the gradient."""
    return (_shuffled("pixel_shuffle", gradOutput, upscale_factor, False),)


@differentiable(pixel_shuffle_backward)
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(..., C r^2, H, W) to (..., C, H r, W r): ``out[c, h r + i, w r + j] = in[c r^2 + i r + j, h, w]``."""
    return _shuffled("pixel_shuffle", input, upscale_factor, True)


def pixel_unshuffle_backward(gradOutput: Any, input: Any, downscale_factor: int) -> tuple:
    """:func:`pixel_shuffle` of the gradient."""
    return (_shuffled("pixel_unshuffle", gradOutput, downscale_factor, True),)


@differentiable(pixel_unshuffle_backward)
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """The inverse of :func:`pixel_shuffle`."""
    return _shuffled("pixel_unshuffle", input, downscale_factor, False)


def _channels(name: str, x: Any, groups: int, swapped: bool) -> Any:
    """Channel ``g n + i`` of ``groups`` runs of n goes to ``i groups + g``, or back."""
    if x.ndim < 3 or groups < 1 or x.shape[1] % groups:
        raise ValueError(f"{name}: {groups} groups do not divide the channels, dimension 1, of {x.shape}")
    size = x.shape[1] // groups
    parts = x.reshape(len(x), *((size, groups) if swapped else (groups, size)), *x.shape[2:])
    return np.ascontiguousarray(parts.swapaxes(1, 2)).reshape(x.shape)


def channel_shuffle_backward(gradOutput: Any, input: Any, groups: int) -> tuple:
    """The channels of the gradient, back in their places."""
    return (_channels("channel_shuffle", gradOutput, groups, True),)


@differentiable(channel_shuffle_backward)
def channel_shuffle(input: Any, groups: int) -> Any:
    """Channels of (N, C, ...) in ``groups`` runs, dealt out one from each in turn."""
    return _channels("channel_shuffle", input, groups, False)


native_channel_shuffle, native_channel_shuffle_backward = channel_shuffle, channel_shuffle_backward
