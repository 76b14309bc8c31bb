"""Memory for values that are not needed at the same time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LINE = 64


class Span(NamedTuple):
    """A value of so many bytes, needed from one step to another, both included."""

    size: int
    first: int
    last: int


def planned(spans: list[Span]) -> tuple[list[int], int]:
    """Where each value begins, and the bytes of all: no two that are needed at one step overlap.

    The largest come first, each to the lowest place where it fits (greedy by size, Pisarchyk and Lee 2020).
    """
    places = [0] * len(spans)
    laid: list[int] = []
    for n in sorted(range(len(spans)), key=lambda n: -spans[n].size):
        span, at = spans[n], 0
        for m in sorted(laid, key=lambda m: places[m]):
            other = spans[m]
            if other.first <= span.last and span.first <= other.last and places[m] < at + span.size:
                at = max(at, places[m] + _lines(other.size))
        places[n] = at
        laid.append(n)
    return places, max((places[n] + _lines(s.size) for n, s in enumerate(spans)), default=0)


def _lines(size: int) -> int:
    return -(-size // LINE) * LINE


def memory(size: int) -> np.ndarray:
    """So many bytes that begin at a line of the cache."""
    raw = np.empty(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size]


def view(arena: np.ndarray, at: int, like: np.ndarray) -> np.ndarray:
    """An array as ``like`` at a place of the arena."""
    return arena[at : at + like.nbytes].view(like.dtype).reshape(like.shape)
