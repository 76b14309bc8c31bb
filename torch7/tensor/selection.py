"""Where the k-th smallest element of a row lies, by the selection that Torch ran (median of three, Hoare's partition).

The value alone would leave open which one of equal elements is meant, and what becomes of NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import array_module


def kth_places(rows: Any, k: int) -> Any:
    """The positions (int64, on the device of ``rows``) of the k-th smallest, from 0, of each row of a matrix."""
    xp = array_module(rows)
    values = rows if isinstance(rows, np.ndarray) else rows.get()
    chosen = np.partition(values, k, axis=1)[:, k, None]
    hits = values == chosen
    places = hits.argmax(1).astype(np.int64)
    for i in np.flatnonzero((hits.sum(1) != 1) | (values != values).any(1)):
        places[i] = _select(values[i], k)
    return xp.asarray(places)


def _select(row: np.ndarray, k: int) -> int:
    """The original position of what stands at place ``k`` when the partitions have closed in on it."""
    row, order = row.copy(), np.arange(len(row))
    left, right = 0, len(row) - 1

    def swap(i: Any, j: Any) -> None:
        for x in (row, order):
            x[[i, j]] = x[[j, i]]

    while right > left + 1:
        swap((left + right) // 2, left + 1)
        for i, j in ((left + 1, right), (left, right), (left + 1, left)):
            if row[i] > row[j]:
                swap(i, j)
        beyond, middle = _partition(row, swap, left, right)
        swap(left, middle)
        if middle <= k:
            left = beyond
        if middle >= k:
            right = middle - 1
    if right == left + 1 and row[left] > row[right]:
        swap(left, right)
    return int(order[k])


def _partition(row: np.ndarray, swap: Any, left: int, right: int) -> tuple[int, int]:
    """Exchange elements not below the pivot, from the left, with those not above it, from the right, until they meet.

    The pivot stands at ``left``. Returns where the two searches, which go past what they exchanged, stop for good.
    """
    pivot = row[left]
    high = left + 2 + np.flatnonzero(~(row[left + 2 : right + 1] < pivot))
    low = left + np.flatnonzero(~(row[left:right] > pivot))[::-1]
    n = min(len(high), len(low))
    n = int((high[:n] <= low[:n]).sum())
    swap(high[:n], low[:n])
    if n == 0:
        return int(high[0]), int(low[0])
    last_high, last_low = high[max(n - 2, 0) : n], low[max(n - 2, 0) : n]
    beyond = [*high[n : n + 1], *last_low[last_low > high[n - 1]]]
    middle = [*low[n : n + 1], *last_high[last_high < low[n - 1]]]
    return int(min(beyond)), int(max(middle))
