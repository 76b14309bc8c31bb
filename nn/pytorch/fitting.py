"""Gradients in the shape and type of what they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays


def reduced(grad: Any, shape: tuple) -> Any:
    """``grad`` summed over the axes along which an array of ``shape`` was broadcast."""
    if grad.shape == shape:
        return grad
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and grad.shape[i] != 1)
    return grad.sum(axis=axes, keepdims=True) if axes else grad


def fitted(grad: Any, data: Any) -> Any:
    """``grad`` in the shape and type of ``data``: summed over the axes along which it was broadcast."""
    if not arrays.is_array(grad):
        grad = np.asarray(grad, like=data)
    if grad.shape != data.shape:
        grad = reduced(grad, data.shape)
    return grad if grad.dtype is data.dtype else grad.astype(data.dtype, copy=False)
