"""Bilinear resampling of images to another size, corner to corner; places are computed in single precision."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from torch7 import arrays


def resample(image: Any, output: Any) -> Any:
    """Fill ``output``, ``... x oH x oW``, with the pixels of ``image``, ``... x H x W``, at evenly spaced places."""
    output.fill(0)
    for rows, columns, share in neighbours(image, output):
        output += image[..., rows, columns] * share
    return output


def add_back(gradImage: Any, gradOutput: Any) -> None:
    """Add the gradient of :func:`resample` to ``gradImage``."""
    for rows, columns, share in neighbours(gradImage, gradOutput):
        arrays.array_module(gradImage).add.at(gradImage, (..., rows, columns), gradOutput * share)


def neighbours(image: Any, output: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The four old pixels around each new one: rows, columns and their shares, which broadcast to ``oH x oW``."""
    xp = arrays.array_module(image)
    vertical, horizontal = (sides(*sizes) for sizes in zip(image.shape[-2:], output.shape[-2:]))
    for rows, above in vertical:
        for columns, left in horizontal:
            share = (above[:, None] * left).astype(image.dtype)
            yield xp.asarray(rows)[:, None], xp.asarray(columns), xp.asarray(share)


@lru_cache(maxsize=64)
def sides(size: int, newSize: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Along one axis: the old pixel before each new one with its share, and the one behind with its share."""
    places = np.arange(newSize, dtype=np.float32) * np.float32(size - 1) / np.float32(max(newSize - 1, 1))
    first = np.floor(places)
    indices = first.astype(np.int64)
    return (indices, first + 1 - places), (np.minimum(indices + 1, size - 1), places - first)
