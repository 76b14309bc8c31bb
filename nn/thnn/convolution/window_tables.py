"""Tables of windows, 3 x outputs: the first place of each, the place behind its last one, what it counts."""

from __future__ import annotations

from ..cpu.runtime.jit import inner

#: Fewer windows in a row than this are not worth vectors.
MANY = 4


@inner
def regular(windows, most):
    """The longest run of windows around the middle one that have its size and follow each other at one distance.

    Returns where it begins and ends, and the distance, 1 or 2; an empty run where there is none, where the planes have
    tables of their own, or where windows have more places than ``most``.
    """
    count = windows.shape[2]
    if len(windows) > 1 or count < MANY or most == 0:
        return 0, 0, 1
    first, last, middle = windows[0, 0], windows[0, 1], count // 2
    stride, size = first[middle] - first[middle - 1], last[middle] - first[middle]
    if stride < 1 or stride > 2 or size < 1:
        return 0, 0, 1
    begin = end = middle
    while begin > 0 and first[begin] - first[begin - 1] == stride and last[begin - 1] - first[begin - 1] == size:
        begin -= 1
    while end < count and first[end] - first[middle] == (end - middle) * stride and last[end] - first[end] == size:
        end += 1
    return (begin, end, stride) if end - begin >= MANY else (0, 0, 1)


@inner
def tiles(windows, size):
    """Whether the windows of all planes lie side by side and cover an axis of this size."""
    if len(windows) > 1 or windows.shape[2] == 0:
        return False
    first, last, end = windows[0, 0], windows[0, 1], 0
    for k in range(first.size):
        if first[k] != end or last[k] < first[k]:
            return False
        end = last[k]
    return end == size


def tables(windows: list) -> tuple:
    """The tables of three axes as planes x 3 x outputs; one for all planes counts as a single plane's."""
    return tuple(w if w.ndim == 3 else w[None] for w in windows)
