"""Launches of batch_normalization.cu: one where a channel has few elements.

Of many, one for statistics in shares of a channel, one for the numbers of the channels, one for the map.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import blocks, kernels
from ..cuda.workspace import take

_launch = kernels(__name__)
#: Elements of a channel in a share, at least, and shares at most: as many blocks as fill a GPU.
SHARE, MOST = 2048, 64


def _sizes(x: Any, channels: int) -> tuple[int, int, int]:
    """Elements of a channel, of a plane, and shares of a channel."""
    count = x.size // channels
    return count, count // len(x), max(1, min(MOST, count // SHARE))


def _normaliser(running: tuple, saved: tuple, training: bool, eps: float) -> tuple[Any, Any]:
    """Mean and inverse deviation of every channel."""
    if training:
        return saved
    inverse = take("inverse", running[1].dtype, running[1].size)
    _launch.each("bn_running", inverse.size, inverse, running[1], inverse, inverse.size, eps)
    return running[0], inverse


def _at_once(whole: str, columns: str, arrays: tuple, sizes: tuple[int, int, int], *numbers: Any) -> None:
    """One launch for all: a block a channel, or, of the columns of a matrix, a block 32 of them."""
    count, channels, size = sizes
    if size == 1:
        _launch(
            f"{columns}<T>", arrays[0].dtype, blocks(channels, 32, channels), 256, *arrays, count, channels, *numbers
        )
    else:
        _launch(f"{whole}<T>", arrays[0].dtype, (channels,), 256, *arrays, *sizes, *numbers)


def BatchNormalization_updateOutput(
    input: Any, output: Any, affine: tuple, running: tuple, saved: tuple, training: bool, momentum: float, eps: float
) -> None:
    channels = running[0].size
    count, size, splits = _sizes(input, channels)
    if training and splits == 1:
        arrays = input, output, *affine, *saved, *running
        _at_once("bn_whole", "bn_columns", arrays, (count, channels, size), momentum, eps)
        return
    if training:
        parts = take("moments", np.float64, splits, 3, channels)
        _launch("bn_moments<T>", input.dtype, (channels, splits), 256, input, parts, count, channels, size, splits)
        _launch.each("bn_finish", channels, input, parts, *saved, *running, channels, splits, momentum, eps)
    mean, inverse = _normaliser(running, saved, training, eps)
    _launch.each("bn_apply", input.size, input, input, output, mean, inverse, *affine, input.size, channels, size)


def BatchNormalization_backward(
    input: Any, gradOutput: Any, gradInput: Any, affine: tuple, state: tuple, training: bool, scale: float, eps: float
) -> None:
    weight, gradWeight, gradBias = affine
    channels = state[0][0].size
    count, size, splits = _sizes(input, channels)
    mean, inverse = _normaliser(*state, training, eps)
    if splits == 1:
        arrays = input, gradOutput, gradInput, mean, inverse, weight, gradWeight, gradBias
        names = "bn_whole_gradient", "bn_columns_gradient"
        _at_once(*names, arrays, (count, channels, size), training, scale)
        return
    parts, sums = take("sums", np.float64, splits, 2, channels), take("slopes", np.float64, 2, channels)
    grid, sizes = (channels, splits), (count, channels, size, splits)
    _launch("bn_sums<T>", input.dtype, grid, 256, input, gradOutput, mean, parts, *sizes)
    gradients = parts, sums, inverse, gradWeight, gradBias, count, channels, splits, training, scale
    _launch("bn_gradients<T>", input.dtype, blocks(channels), 256, *gradients)
    if gradInput is not None:
        arrays = input, gradOutput, gradInput, mean, inverse, weight, sums
        _launch.each("bn_input_gradient", input.size, input, *arrays, input.size, channels, size)
