"""Other names of functions: those that overwrite their input, and poolings that always give indices."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from . import fractional_pooling, max_pooling, parametric, rectifiers, smooth


def _overwriting(function: Callable) -> Callable:
    @wraps(function)
    def overwrite(input: Any, *args: Any, **settings: Any) -> Any:
        return function(input, *args, inplace=True, **settings)

    overwrite.__name__ = overwrite.__qualname__ = function.__name__ + "_"
    overwrite.__doc__ = f":func:`{function.__name__}` that overwrites its input."
    return overwrite


def _with_indices(function: Callable) -> Callable:
    @wraps(function)
    def pool(input: Any, *args: Any, return_indices: bool = True, **settings: Any) -> Any:
        return function(input, *args, return_indices=True, **settings)

    pool.__name__ = pool.__qualname__ = function.__name__ + "_with_indices"
    pool.__doc__ = f"Values and indices of :func:`{function.__name__}`."
    return pool


relu_, threshold_, hardtanh_ = map(_overwriting, (rectifiers.relu, rectifiers.threshold, rectifiers.hardtanh))
leaky_relu_, rrelu_ = map(_overwriting, (rectifiers.leaky_relu, parametric.rrelu))
elu_, selu_, celu_ = map(_overwriting, (smooth.elu, smooth.selu, smooth.celu))

max_pool1d_with_indices = _with_indices(max_pooling.max_pool1d)
max_pool2d_with_indices = _with_indices(max_pooling.max_pool2d)
max_pool3d_with_indices = _with_indices(max_pooling.max_pool3d)
adaptive_max_pool1d_with_indices = _with_indices(max_pooling.adaptive_max_pool1d)
adaptive_max_pool2d_with_indices = _with_indices(max_pooling.adaptive_max_pool2d)
adaptive_max_pool3d_with_indices = _with_indices(max_pooling.adaptive_max_pool3d)
fractional_max_pool2d_with_indices = _with_indices(fractional_pooling.fractional_max_pool2d)
fractional_max_pool3d_with_indices = _with_indices(fractional_pooling.fractional_max_pool3d)
