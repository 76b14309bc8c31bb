from __future__ import annotations

from functools import lru_cache
from typing import Any, Self

import numpy as np

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..module import Module
from ..numbers import Whole
from .places import Places
from .sizes import as_batch, batch_of, check_indices, indices_for

SIZES = Whole(W=1, H=1)


class AdaptivePooling(Module):
    """Base of poolings to a fixed output size of ``W`` columns and ``H`` rows, whatever the input's size."""

    def __init__(self, W: int, H: int) -> None:
        super().__init__()
        if not all(isinstance(size, int | np.integer) and size > 0 for size in (W, H)):
            raise TypeError(f"output width and height must be positive integers, got {W!r} and {H!r}")
        self.W, self.H = W, H

    def windows(self, batch: Any) -> tuple[np.ndarray, np.ndarray]:
        """First and last (exclusive) rows, then columns, of all windows over a batch."""
        width, height = SIZES(self)
        if not batch.shape[2] or not batch.shape[3]:
            raise ValueError(f"{self}: {arrays.describe(batch)} has no pixels")
        return self.bounds(batch.shape[2], height), self.bounds(batch.shape[3], width)

    @staticmethod
    def bounds(size: int, out: int) -> np.ndarray:
        raise NotImplementedError

    def empty(self) -> AdaptivePooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()


@register
class SpatialAdaptiveMaxPooling(Places, AdaptivePooling):
    """Max pooling to ``W`` columns and ``H`` rows.

    Input: ``C x h x w`` or ``N x C x h x w``; output ``C x H x W``. Window i of o over n pixels runs from ``floor((i /
    o) n)`` to ``ceil(((i + 1) / o) n)``, counted from 0 and rounded to float32 at every step. ``indices[0]`` and
    ``indices[1]`` hold row and column of each maximum in its window, from 1; the first of several wins. ``ValueError``
    for an input without 3 or 4 dimensions, ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    @staticmethod
    @lru_cache(64)
    def bounds(size: int, out: int) -> np.ndarray:
        steps = np.arange(out + 1, dtype=np.float32) / np.float32(out) * np.float32(size)
        return np.stack([np.floor(steps[:-1]), np.minimum(np.ceil(steps[1:]), size)]).astype(np.int64)

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 2)
        windows = self.windows(batch)
        shape = (*input.shape[:-2], self.H, self.W)
        output = self.resizeOutput(input, shape)
        indices = self.resizeIndices((2, *shape), input).reshape(2, *as_batch(output).shape)
        thnn.SpatialAdaptiveMaxPooling_updateOutput(thnn.contiguous(batch), as_batch(output), indices, *windows)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        windows = self.windows(batch_of(self, input, None, 2))
        shape = (*input.shape[:-2], self.H, self.W)
        gradOutput = as_batch(thnn.contiguous(self.gradOutputAs(gradOutput, shape)))
        indices = indices_for(self, (2, *shape))
        gradInput = self.resizeGradInput(input, gradOutput)
        indices = indices.reshape(2, *gradOutput.shape)
        outside = thnn.SpatialAdaptiveMaxPooling_updateGradInput(gradOutput, as_batch(gradInput), indices, *windows)
        check_indices(self, outside, input)
        return gradInput

    def clearState(self) -> Self:
        vars(self).pop("indices", None)
        return super().clearState()


@register
class SpatialAdaptiveAveragePooling(AdaptivePooling):
    """Average pooling to ``W`` columns and ``H`` rows.

    Input: ``C x h x w`` or ``N x C x h x w``; output ``C x H x W``. Window i of o over n pixels runs from ``floor(i n /
    o)`` to ``ceil((i + 1) n / o)``, counted from 0. ``ValueError`` for an input without 3 or 4 dimensions,
    ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    @staticmethod
    @lru_cache(64)
    def bounds(size: int, out: int) -> np.ndarray:
        steps = (np.arange(out + 1) * size).astype(np.float32) / np.float32(out)
        return np.stack([np.floor(steps[:-1]), np.minimum(np.ceil(steps[1:]), size)]).astype(np.int64)

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 2)
        windows = self.windows(batch)
        output = self.resizeOutput(input, (*input.shape[:-2], self.H, self.W))
        thnn.SpatialAdaptiveAveragePooling_updateOutput(thnn.contiguous(batch), as_batch(output), *windows)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        windows = self.windows(batch_of(self, input, None, 2))
        gradOutput = as_batch(thnn.contiguous(self.gradOutputAs(gradOutput, (*input.shape[:-2], self.H, self.W))))
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.SpatialAdaptiveAveragePooling_updateGradInput(gradOutput, as_batch(gradInput), *windows)
        return gradInput
