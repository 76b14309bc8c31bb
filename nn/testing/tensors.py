"""Small helpers on nested tables of tensors that the checks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays
from torch7.random import uniform

from .. import utils


def leaves(x: Any) -> list:
    """The tensors in a nested table, in order."""
    if arrays.is_array(x):
        return [x]
    if utils.is_table(x):
        return [leaf for k in utils.keys(x) for leaf in leaves(x[k])]
    return []


def mapped(function: Callable[[Any], Any], x: Any) -> Any:
    """A nested table of the same shape with ``function`` applied to every tensor."""
    if arrays.is_array(x):
        return function(x)
    if isinstance(x, dict):
        return {k: mapped(function, v) for k, v in x.items()}
    return type(x)(mapped(function, v) for v in x) if utils.is_table(x) else x


def floats(x: Any) -> list:
    """The tensors of ``x`` that hold floating-point numbers: what can be differentiated by."""
    return [leaf for leaf in leaves(x) if leaf.dtype.kind == "f"]


def copied(x: Any) -> Any:
    """A deep copy of the tensors of ``x``."""
    return mapped(lambda t: t.copy(), x)


def flat(x: Any) -> np.ndarray:
    """All elements of ``x``'s tensors in one float64 vector."""
    parts = [np.asarray(leaf, np.float64).ravel() for leaf in leaves(x)]
    return np.concatenate(parts) if parts else np.empty(0)


def randomise(x: Any, minval: float, maxval: float) -> None:
    """Fill the tensors of ``x`` with numbers of U(minval, maxval), of which integers keep the whole part."""
    for leaf in leaves(x):
        numbers = leaf if leaf.dtype.kind == "f" else np.empty(leaf.shape)
        uniform(numbers, 0, 1)
        numbers *= maxval - minval
        numbers += minval
        if numbers is not leaf:
            leaf[...] = numbers.astype(leaf.dtype)


def one_hot(output: Any, position: int) -> Any:
    """A table of the shape of ``output``, zero but for a 1 at ``position`` of all its elements."""
    gradOutput = mapped(lambda y: np.zeros(y.shape, y.dtype), output)
    for leaf in leaves(gradOutput):
        if position < leaf.size:
            leaf.reshape(-1)[position] = 1
            break
        position -= leaf.size
    return gradOutput


def difference(a: Any, b: Any) -> float:
    """The largest absolute difference between two nested tables; infinite where they do not fit."""
    a, b = flat(a), flat(b)
    if a.size != b.size:
        return float("inf")
    return float(np.abs(a - b).max(initial=0))


def spread(x: np.ndarray) -> np.ndarray:
    """The elements of ``x`` with a gap after each."""
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    return wide[..., 0]


def reversed_view(x: np.ndarray) -> np.ndarray:
    """``x`` over memory that runs backwards."""
    return x[::-1].copy()[::-1] if x.ndim else x


def read_only(x: np.ndarray) -> np.ndarray:
    """A copy of ``x`` that cannot be written."""
    x = x.copy()
    x.flags.writeable = False
    return x
