"""Histograms: of a tensor, and of each row of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import array_module, describe
from .checks import destination, need_elements, need_float, number


@destination()
def histc(x: Any, bins: int | None = None, low: float | None = None, high: float | None = None) -> Any:
    """The numbers of elements in ``bins`` (100) equal intervals of low..high, by default least..largest."""
    bins, low, high = _range("histc", x, bins, low, high)
    return _counts(x.reshape(-1), bins, low, high)


@destination()
def bhistc(x: Any, bins: int | None = None, low: float | None = None, high: float | None = None) -> Any:
    """:func:`histc` of each row of a matrix, a row each; the default limits are those of the whole matrix."""
    if need_float(x, "bhistc").ndim != 2:
        raise ValueError(f"bhistc takes a 2-D tensor, got {describe(x)}")
    bins, low, high = _range("bhistc", x, bins, low, high)
    return array_module(x).stack([_counts(row, bins, low, high) for row in x])


def _range(name: str, x: Any, bins: Any, low: Any, high: Any) -> tuple[int, float, float]:
    """The number of intervals and the limits; where these are equal, least and largest, or one less and one more."""
    need_elements(need_float(x, name), name)
    bins, low, high = int(100 if bins is None else bins), low or 0, high or 0
    if bins < 1:
        raise ValueError(f"{name} needs at least one interval, got {bins}")
    if low == high:
        low, high = number(x.min()), number(x.max())
    if low == high:
        low, high = low - 1, high + 1
    if not low < high:
        raise ValueError(f"{name}: the limits {low} and {high} leave nothing between them")
    return bins, low, high


def _counts(x: Any, bins: int, low: float, high: float) -> Any:
    """Torch's rule: interval (x - low) / (high - low) bins, rounded down in x's precision, the last one closed."""
    low, high = x.dtype.type(low), x.dtype.type(high)
    inside = x[(x >= low) & (x <= high)]
    place = ((inside - low) / (high - low) * x.dtype.type(bins)).astype(np.int64)
    return array_module(x).bincount(place.clip(0, bins - 1), minlength=bins).astype(x.dtype)
