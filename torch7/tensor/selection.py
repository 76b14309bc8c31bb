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
        places[i] = _select(values[i].tolist(), k)
    return xp.asarray(places)


def _select(row: list, k: int) -> int:
    """The original position of what stands at place ``k`` when the partitions have closed in on it."""
    order = list(range(len(row)))
    left, right = 0, len(row) - 1

    def swap(i: int, j: int) -> None:
        row[i], row[j] = row[j], row[i]
        order[i], order[j] = order[j], order[i]

    while right > left + 1:
        swap((left + right) // 2, left + 1)
        for i, j in ((left + 1, right), (left, right), (left + 1, left)):
            if row[i] > row[j]:
                swap(i, j)
        beyond, middle = _partition(row, swap, left, right)
        if middle <= k:
            left = beyond
        if middle >= k:
            right = middle - 1
    if right == left + 1 and row[left] > row[right]:
        swap(left, right)
    return order[k]


def _partition(row: list, swap: Any, left: int, right: int) -> tuple[int, int]:
    """Smaller elements left of the pivot, which stands at ``left``, larger ones right: where they begin, its place."""
    pivot, i, j = row[left], left + 1, right
    while True:
        i += 1
        while row[i] < pivot:
            i += 1
        j -= 1
        while row[j] > pivot:
            j -= 1
        if j < i:
            break
        swap(i, j)
    swap(left, j)
    return i, j
