"""Data sets are arrays or nested lists of arrays: the few operations on both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from torch7 import arrays


def apply(function: Callable, tree: Any, *others: Any) -> Any:
    """``function`` on every array of ``tree`` and what stands at its place in ``others`` (None, or like ``tree``)."""
    if not isinstance(tree, list | tuple):
        return function(tree, *others)
    others = [other if isinstance(other, list | tuple) else [None] * len(tree) for other in others]
    return [apply(function, *items) for items in zip(tree, *others, strict=True)]


def first(tree: Any) -> Any:
    """The first array of ``tree``."""
    while isinstance(tree, list | tuple):
        tree = tree[0]
    return tree


def rows(buffer: Any, n: int, like: Any) -> Any:
    """An array of ``n`` rows of the type of ``like``: the first rows of ``buffer`` where it fits, else a new one."""
    if type(buffer) is type(like) and buffer.dtype == like.dtype and buffer.shape[1:] == like.shape[1:]:
        if len(buffer) == n:
            return buffer
        if len(buffer) > n:
            return buffer[:n]
    return arrays.array_module(like).empty((n, *like.shape[1:]), like.dtype)


def gather(source: Any, indices: np.ndarray, buffer: Any = None) -> Any:
    """The rows of ``source`` with the 0-based ``indices``, written into ``buffer`` where it fits."""
    out = rows(buffer, len(indices), source)
    if isinstance(source, np.ndarray):
        return source.take(indices, 0, out, "clip")
    out[...] = source[arrays.array_module(source).asarray(indices)]
    return out


def sizes(tree: Any, excludedim: int | bool | None) -> list:
    """The shape of every array of ``tree``, as :func:`without` leaves it."""
    return apply(lambda x: without(x.shape, excludedim), tree)


def without(shape: Sequence[int], excludedim: int | bool | None) -> list[int]:
    """``shape`` as a list without dimension ``excludedim``: 1 unless given, False keeps all."""
    drop = 1 if excludedim is None else excludedim
    return [size for dim, size in enumerate(shape, 1) if drop is False or dim != drop]
