"""Sizes of windows: arguments that are one number or one for each dimension, and how many windows fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from torch7 import arrays

from ..checks import writable


def sizes(name: str, value: Any, dims: int) -> tuple[int, ...]:
    """``value`` as ``dims`` integers; ``ValueError`` for another number of them, ``TypeError`` for no integers."""
    found = tuple(value) if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str) else (value,)
    found = found * dims if len(found) == 1 else found
    if len(found) != dims:
        raise ValueError(f"{name} must be one number or {dims}, got {value}")
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in found):
        raise TypeError(f"{name} must be made of integers, got {value!r}")
    return tuple(map(int, found))


def batched(name: str, x: Any, dims: int) -> Any:
    """``x`` with a batch dimension; ``ValueError`` unless there are ``dims`` sizes behind channels."""
    if x.ndim not in (dims + 1, dims + 2):
        raise ValueError(f"{name}: expected {dims + 1} (unbatched) or {dims + 2} dimensions, got {x.shape}")
    return x if x.ndim == dims + 2 else x[None]


def at_least(name: str, values: Sequence[int], least: int) -> None:
    """``ValueError`` unless no value is below ``least``."""
    if min(values) < least:
        raise ValueError(f"{name} must be at least {least}, got {tuple(values)}")


def fresh(name: str, shape: tuple, dtype: Any, like: Any = None) -> Any:
    """A new array where ``like`` is: what functions take for their results where no module's buffers are given."""
    return np.empty(shape, dtype, like=like)


def wanted(need: Any) -> bool:
    """Whether a gradient is: True, or an array that it is to be added to."""
    return need is not None and need is not False


def sum_for(need: Any, shape: tuple, like: Any) -> Any:
    """Where kernels add a gradient up: the array to which it is to be added, or zeros."""
    return need if arrays.is_array(need) else np.zeros(shape, like.dtype, like=like)


def new_sum(total: Any, need: Any) -> Any:
    """What is left to be added to a gradient: nothing where that was done, or is not wanted."""
    return total if need is True else None


def room(out: Any, shape: tuple, dtype: Any, like: Any) -> Any:
    """A contiguous array for a result where ``like`` is: ``out``, or what it gives if it is a function; else fresh."""
    if out is None:
        return np.empty(shape, dtype, like=like)
    if callable(out):
        return out(shape, dtype, like)
    if not isinstance(out, np.ndarray) and not arrays.is_array(out):
        raise TypeError(f"out must be an array, got {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype or not writable(out):
        raise ValueError(f"out must be a contiguous, writable array {shape} of {dtype}, got {out.shape} of {out.dtype}")
    return out


def fits(name: str, gradOutput: Any, shape: tuple) -> None:
    """``ValueError`` unless a gradient has the shape of the output that it is of."""
    if gradOutput.shape != shape:
        raise ValueError(f"{name}: gradOutput is {gradOutput.shape}, the output {shape}")


def matrix(x: Any) -> Any:
    """``x`` as rows of its last dimension, even where it has no elements."""
    return x.reshape(prod(x.shape[:-1]), x.shape[-1])
