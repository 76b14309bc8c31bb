"""Bilinear resampling of images to another size, corner to corner."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from torch7 import arrays


def resample(image: Any, output: Any) -> Any:
    """Fill ``output``, ``... x oH x oW``, with the pixels of ``image``, ``... x H x W``, at evenly spaced places."""
    rows, columns = (weights(*sizes) for sizes in zip(image.shape[-2:], output.shape[-2:]))
    xp = arrays.array_module(image)
    output[...] = xp.asarray(rows, image.dtype) @ image @ xp.asarray(columns, image.dtype).T
    return output


def add_back(gradImage: Any, gradOutput: Any) -> None:
    """Add the gradient of :func:`resample` to ``gradImage``."""
    rows, columns = (weights(*sizes) for sizes in zip(gradImage.shape[-2:], gradOutput.shape[-2:]))
    xp = arrays.array_module(gradImage)
    gradImage += xp.asarray(rows.T, gradImage.dtype) @ gradOutput @ xp.asarray(columns, gradImage.dtype)


@lru_cache(maxsize=64)
def weights(size: int, newSize: int) -> np.ndarray:
    """``newSize x size``: how much of each old pixel is in each new one; places are rounded to single precision."""
    matrix = np.zeros((newSize, size))
    for new in range(newSize):
        place = float(np.float32(new) * np.float32(size - 1) / np.float32(newSize - 1)) if newSize > 1 else 0.0
        low = min(int(place), size - 1)
        matrix[new, low] += 1 - (place - low)
        matrix[new, min(low + 1, size - 1)] += place - low
    return matrix
