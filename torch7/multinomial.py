"""Drawing categories: multinomial by binary search, and by the alias method."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arrays
from .generator import WORD, Generator, current
from .lua import is_number
from .tensor.checks import store


def multinomial(*args: Any, generator: Generator | None = None) -> Any:
    """``multinomial(p, n, replacement=False)``: ``n`` categories drawn with probabilities proportional to ``p``.

    ``p`` is K (result n) or rows x K (result rows x n), float; the result holds 1..K as int64. Without replacement
    no category repeats. ``multinomial(res, p, n, replacement)`` writes into ``res``, a LongTensor.

    Errors: ``ValueError`` if a row has no positive sum, a negative entry, or, without replacement, fewer than ``n``
    categories that can be drawn.
    """
    generator, args = _split(args, generator)
    res, args = (args[0], args[1:]) if len(args) > 2 and not is_number(args[1]) else (None, args)
    if args and isinstance(args[0], Generator):
        generator, *args = args
    p, n, *replacement = args
    replacement = bool(replacement and replacement[0])
    host = p if isinstance(p, np.ndarray) else p.get() if arrays.is_array(p) else np.array(p, np.float64)
    if host.ndim not in (1, 2) or host.dtype.kind != "f":
        raise TypeError(f"multinomial expects 1 or 2 dimensions of floats, got {arrays.describe(host)}")
    rows = np.atleast_2d(host).astype(np.float64)
    _check(rows, int(n), replacement)
    sample = _with_replacement if replacement else _without_replacement
    drawn = [sample(np.cumsum(row) / row.cumsum()[-1], int(n), generator) for row in rows]
    result = np.array(drawn, np.int64).reshape(len(rows), int(n)) + 1
    found = arrays.array_module(p).asarray(result.reshape(*host.shape[:-1], int(n)))
    return found if res is None else store(res, found)


def multinomialAliasSetup(p: Any) -> tuple[np.ndarray, np.ndarray]:
    """The tables (J, q) of the alias method for the probabilities ``p`` (K, any positive sum).

    Slot k keeps category k with probability q[k] and otherwise stands for category J[k], counted from 1.
    """
    p = np.asarray(p, np.float64)
    if p.ndim != 1:
        raise ValueError(f"multinomialAliasSetup expects one dimension, got {p.ndim}")
    _check(p[None], 1, True)
    q = p * (len(p) / p.sum())
    alias = np.arange(len(p))
    small, large = np.flatnonzero(q < 1).tolist(), np.flatnonzero(q >= 1).tolist()
    while small and large:
        i, j = small.pop(), large[-1]
        alias[i] = j
        q[j] -= 1 - q[i]
        if q[j] < 1:
            small.append(large.pop())
    q[small + large] = 1
    return alias + 1, q


def multinomialAlias(*args: Any, generator: Generator | None = None) -> np.ndarray:
    """``multinomialAlias(output, (J, q))``: fill the int64 array ``output`` with categories, counted from 1."""
    generator, (output, (alias, q)) = _split(args, generator)
    u = generator.words(2 * output.size).reshape(-1, 2) * WORD
    slot = (u[:, 0] * len(q)).astype(np.int64)
    output[...] = np.where(u[:, 1] <= q[slot], slot + 1, alias[slot]).reshape(output.shape)
    return output


def _split(args: tuple, generator: Generator | None) -> tuple[Generator, tuple]:
    if args and isinstance(args[0], Generator):
        generator, *args = args
    return generator or current(), args


def _check(rows: np.ndarray, n: int, replacement: bool) -> None:
    if n < 1:
        raise ValueError(f"cannot sample {n} categories")
    if not ((rows >= 0).all() and (rows.sum(1) > 0).all() and np.isfinite(rows).all()):
        raise ValueError("probabilities must be finite, not negative, and have a positive sum")
    if not replacement and n > np.count_nonzero(rows, 1).min(initial=rows.shape[1]):
        raise ValueError(f"cannot draw {n} different categories: fewer have a positive probability")


def _with_replacement(cumulative: np.ndarray, n: int, generator: Generator) -> np.ndarray:
    cumulative[-1] = 1
    return np.searchsorted(cumulative, generator.words(n) * WORD)


def _without_replacement(cumulative: np.ndarray, n: int, generator: Generator) -> np.ndarray:
    drawn = np.empty(n, np.int64)
    for i in range(n):
        cumulative[-1] = 1
        j = drawn[i] = np.searchsorted(cumulative, generator.word() * WORD)
        mass = cumulative[j] - (cumulative[j - 1] if j else 0.0)
        cumulative[j:] -= mass
        if i + 1 < n:
            cumulative /= 1 - mass
    return drawn
