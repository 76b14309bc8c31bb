"""Pixel and channel shuffles: what lies in channels and what in planes, exchanged."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from ..checks import is_float
from .differentiable import differentiable
from .geometry import fits, room


def _shuffled(name: str, x: Any, r: int, up: bool, out: Any) -> Any:
    """Channels of ``x`` spread over ``r x r`` pixels, or back; ``ValueError`` where sizes cannot be divided."""
    if x.ndim < 3 or r < 1:
        raise ValueError(f"{name}: expected 3 or more dimensions and a positive factor, got {x.shape} and {r}")
    *outer, c, h, w = x.shape
    if c % (r * r) if up else h % r or w % r:
        raise ValueError(f"{name}: an input {x.shape} cannot be divided by {r}")
    shape = (*outer, c // (r * r), h * r, w * r) if up else (*outer, c * r * r, h // r, w // r)
    y = room(out, shape, x.dtype, x)
    if y.size and is_float(x):
        kernel = thnn.PixelShuffle_updateOutput if up else thnn.PixelShuffle_updateGradInput
        kernel(thnn.contiguous(x), y, r)
    else:
        wide, narrow = (y, x) if up else (x, y)
        pixels = wide.reshape(*wide.shape[:-2], narrow.shape[-2], r, narrow.shape[-1], r)
        parts = np.moveaxis(pixels, (-3, -1), (-4, -3))  # a view, channel after channel
        squares = narrow.reshape(*outer, -1 if wide.size else wide.shape[-3], r, r, *narrow.shape[-2:])
        (parts if up else squares)[...] = squares if up else parts
    return y


def pixel_shuffle_backward(gradOutput: Any, input: Any, upscale_factor: int, *, out: Any = None) -> tuple:
    """:func:`pixel_unshuffle` of the gradient."""
    gx = _shuffled("pixel_shuffle", gradOutput, upscale_factor, False, out)
    fits("pixel_shuffle", gx, input.shape)
    return (gx,)


@differentiable(pixel_shuffle_backward)
def pixel_shuffle(input: Any, upscale_factor: int, *, out: Any = None) -> Any:
    """(..., C r^2, H, W) to (..., C, H r, W r): ``out[c, h r + i, w r + j] = in[c r^2 + i r + j, h, w]``."""
    return _shuffled("pixel_shuffle", input, upscale_factor, True, out)


def pixel_unshuffle_backward(gradOutput: Any, input: Any, downscale_factor: int, *, out: Any = None) -> tuple:
    """:func:`pixel_shuffle` of the gradient."""
    gx = _shuffled("pixel_unshuffle", gradOutput, downscale_factor, True, out)
    fits("pixel_unshuffle", gx, input.shape)
    return (gx,)


@differentiable(pixel_unshuffle_backward)
def pixel_unshuffle(input: Any, downscale_factor: int, *, out: Any = None) -> Any:
    """The inverse of :func:`pixel_shuffle`."""
    return _shuffled("pixel_unshuffle", input, downscale_factor, False, out)


def _channels(name: str, x: Any, groups: int, swapped: bool) -> Any:
    """Channel ``g n + i`` of ``groups`` runs of n goes to ``i groups + g``, or back."""
    if x.ndim < 3 or groups < 1 or x.shape[1] % groups:
        raise ValueError(f"{name}: {groups} groups do not divide the channels, dimension 1, of {x.shape}")
    size = x.shape[1] // groups
    parts = x.reshape(len(x), *((size, groups) if swapped else (groups, size)), *x.shape[2:])
    return arrays.dense(parts.swapaxes(1, 2)).reshape(x.shape)


def channel_shuffle_backward(gradOutput: Any, input: Any, groups: int) -> tuple:
    """The channels of the gradient, back in their places."""
    fits("channel_shuffle", gradOutput, input.shape)
    return (_channels("channel_shuffle", gradOutput, groups, True),)


@differentiable(channel_shuffle_backward)
def channel_shuffle(input: Any, groups: int) -> Any:
    """Channels of (N, C, ...) in ``groups`` runs, dealt out one from each in turn."""
    return _channels("channel_shuffle", input, groups, False)


native_channel_shuffle, native_channel_shuffle_backward = channel_shuffle, channel_shuffle_backward
