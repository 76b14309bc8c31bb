"""Tensors gathered in buckets, which travel one by one, the last tensor first: its gradient is known before the others.

How tensors are divided depends on their sizes and types alone, so that all nodes divide them alike. Memory is copied
only where a bucket's tensors do not lie side by side, or hold what MPI cannot add.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from torch7 import arrays

from . import memory, tables

#: Bytes of a bucket: a sixteenth of all, so that much can travel while backward runs, within these limits.
SMALLEST, LARGEST, SHARE = 1 << 16, 1 << 22, 16
#: A bucket leaves a quarter of what there is, down to so many bytes: the gradients of the first layers are known when
#: backward is over, and nothing hides the way of the bucket that holds them.
LAST = 1 << 13

#: A part of a flat tensor: its number, the first element and the one behind the last.
Piece = tuple[int, int, int]


def suited(tensors: list) -> int:
    """The bytes of a bucket for these tensors, on all nodes alike."""
    return max(SMALLEST, min(LARGEST, sum(x.size * memory.wire(x.dtype).itemsize for x in tensors) // SHARE))


def divide(tensors: list, limit: int) -> list[list[Piece]]:
    """The pieces of each bucket, the last tensor first: whole tensors of one type, ``limit`` bytes together.

    The parts of a larger tensor are buckets of their own. Towards the end buckets become smaller.
    """
    buckets: list[list[Piece]] = []
    left = sum(x.size * memory.wire(x.dtype).itemsize for x in tensors)
    room, kind = 0, np.dtype(bool)
    for number in reversed(range(len(tensors))):
        size, dtype = tensors[number].size, memory.wire(tensors[number].dtype)
        nbytes = size * dtype.itemsize
        if nbytes > limit:
            cuts = _cuts(size, dtype.itemsize, limit, left == nbytes)
            buckets += [[(number, start, stop)] for start, stop in cuts]
            room = 0
        elif size and dtype == kind and nbytes <= room:
            buckets[-1].append((number, 0, size))
            room -= nbytes
        elif size:
            buckets.append([(number, 0, size)])
            room, kind = _share(left, limit) - nbytes, dtype
        left -= nbytes
    return buckets


def _share(left: int, limit: int) -> int:
    """The bytes of the next bucket where ``left`` are left."""
    return min(limit, left if left <= LAST else left - left // 4)


def _cuts(size: int, itemsize: int, limit: int, last: bool) -> Iterator[tuple[int, int]]:
    """The parts of a large tensor, from its end; ``last``: no tensor follows."""
    while size:
        most = _share(size * itemsize, limit) if last else limit
        start = max(0, size - max(1, most // itemsize))
        yield start, size
        size = start


class Bucket:
    """The elements of ``pieces`` as one flat array, ``flat``, while they travel.

    ``mirrors``, a dict, holds the flat copies of large tensors that cannot travel where they lie.
    """

    def __init__(self, tensors: list, pieces: list[Piece], mirrors: dict[int, Any], cudaAware: bool) -> None:
        pieces = sorted(pieces)
        self._loads: list[tuple[Any, Any]] = []
        self._stores: list[tuple[Any, Any]] = []
        parts = [tensors[number] for number, _, _ in pieces]
        direct = all(memory.is_direct(x, cudaAware) for x in parts)
        if len(pieces) > 1:
            whole = side_by_side(parts) if direct else None
            self.flat = self._gathered(parts) if whole is None else whole
        elif direct:
            _, start, stop = pieces[0]
            self.flat = parts[0].reshape(-1)[start:stop]
        else:
            self.flat = self._mirrored(parts[0], pieces[0], mirrors)
        self.spans = [_span(x, start, stop) for x, (_, start, stop) in zip(parts, pieces)]

    def _gathered(self, parts: list) -> np.ndarray:
        flat = np.empty(sum(x.size for x in parts), memory.wire(parts[0].dtype))
        offset = 0
        for x in parts:
            self._loads.append((flat[offset : offset + x.size], x))
            offset += x.size
        self._stores = self._loads
        return flat

    def _mirrored(self, x: Any, piece: Piece, mirrors: dict[int, Any]) -> np.ndarray:
        """A part of a tensor's copy; the bucket of its end, the first to go, loads it, that of its start stores it."""
        number, start, stop = piece
        if number not in mirrors:
            mirrors[number] = np.empty(x.size, memory.wire(x.dtype))
        if stop == x.size:
            self._loads = [(mirrors[number], x)]
        if start == 0:
            self._stores = [(mirrors[number], x)]
        return mirrors[number][start:stop]

    def load(self) -> None:
        """Fill ``flat`` from the tensors."""
        memory.settle(self.flat)
        for flat, x in self._loads:
            memory.load(flat, x)

    def scale(self, factor: int) -> None:
        """Multiply by ``factor``; nothing is left of numbers that count 0 times, NaN included."""
        if factor:
            self.flat *= factor
        else:
            self.flat.fill(0)
        memory.settle(self.flat)

    def store(self) -> None:
        """Bring ``flat`` back into the tensors, once the buckets before this one are back."""
        for flat, x in self._stores:
            memory.store(flat, x)


def _span(x: Any, start: int, stop: int) -> tuple[int, int]:
    """The addresses between which a piece lies; all of the tensor's where its elements are not in a row."""
    if not x.flags.c_contiguous:
        return tables.span(x)
    return arrays.address(x) + start * x.itemsize, arrays.address(x) + stop * x.itemsize


def side_by_side(parts: list) -> Any:
    """One flat view of tensors that follow one another in the memory of one array, or None."""
    end = arrays.address(parts[0])
    for x in parts:
        if arrays.address(x) != end:
            return None
        end += x.nbytes
    owner = parts[0]
    while arrays.is_array(owner.base):
        owner = owner.base
    if not owner.flags.c_contiguous or owner.dtype != parts[0].dtype:
        return None
    start = arrays.offset_of(parts[0], owner) // owner.itemsize
    stop = start + sum(x.size for x in parts)
    return owner.reshape(-1)[start:stop] if stop <= owner.size else None
