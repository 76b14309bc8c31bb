"""A packed block of A times one of B: what runs over the tiles of a block of C."""

from __future__ import annotations

from typing import NamedTuple

from ..runtime.jit import inner
from ..runtime.records import Int, Pointer
from ..simd import registers as simd
from .microkernel import COLUMNS, ROWS, by_columns, null, packing
from .packing import pack_columns, pack_rows

_tile, _narrow_tile, _packing_tile = by_columns(ROWS, COLUMNS), by_columns(ROWS, 1), packing(ROWS, COLUMNS)


class Block(NamedTuple):
    """A block of A, m x kc, and one of B, kc x n, packed in panels.

    ``depth``: the rows of B from a panel to the next, kc, or 0 where all take turns in one place.
    """

    a: Pointer
    b: Pointer
    kc: Int
    m: Int
    n: Int
    depth: Int


class Target(NamedTuple):
    """A block of C, and what is added to it where ``add``: the rows at ``start``, C itself or a bias with ``lds`` 0."""

    c: Pointer
    ldc: Int
    start: Pointer
    lds: Int
    add: Int


@inner
def edge(tile, width, target, at, start_at, m, n):
    """The first m x n of a tile in scratch, to elements ``at`` of the target."""
    c, start, lanes = simd.at(target.c, at), simd.at(target.start, start_at), simd.lanes(tile)
    for i in range(m):
        for j in range(0, n, lanes):
            count = min(lanes, n - j)
            v = simd.load(tile, i * width + j)
            if target.add:
                v += simd.load_first(start, i * target.lds + j, count)
            simd.store_first(c, i * target.ldc + j, v, count)


@inner
def ask_for(rows, ld, count, width):
    """Bring what is added to a tile towards the caches while its sums are made: ``count`` rows, ``ld`` apart."""
    for i in range(count):
        for j in range(0, width, simd.lanes(rows)):
            simd.prefetch(rows, i * ld + j)


@inner
def _panel(block, first, j, target, corner):
    """Rows of C from ``first`` on of the panel of columns from j on; one vector of columns has its own tile."""
    lanes, width, nothing = simd.lanes(corner), COLUMNS * simd.lanes(corner), null(corner)
    panel, n = simd.at(block.b, j * block.depth), min(width, block.n - j)
    for i in range(first, block.m, ROWS):
        a, at, start_at = simd.at(block.a, i * block.kc), i * target.ldc + j, i * target.lds + j
        whole = i + ROWS <= block.m and n % lanes == 0 and (n == width or n <= lanes)
        c, ldc = (simd.at(target.c, at), target.ldc) if whole else (corner, width)
        start = simd.at(target.start, start_at) if whole and target.add else nothing
        if whole and target.add:
            ask_for(start, target.lds, ROWS, n)
        if n <= lanes:
            _narrow_tile(a, 0, ROWS, panel, 0, width, c, ldc, start, target.lds, 1, block.kc)
        else:
            _tile(a, 0, ROWS, panel, 0, width, c, ldc, start, target.lds, 1, block.kc)
        if not whole:
            edge(corner, width, target, at, start_at, min(ROWS, block.m - i), n)


@inner
def macrokernel(block, target, corner):
    """The product of a block, tile by tile; ``corner`` is scratch for one tile."""
    for j in range(0, block.n, COLUMNS * simd.lanes(corner)):
        _panel(block, 0, j, target, corner)


@inner
def macrokernel_by_rows(b, ldb, block, target, corner):
    """The same where B, in rows of ``ldb``, is not packed yet: the first rows of C pack it."""
    width, kc = COLUMNS * simd.lanes(corner), block.kc
    for j in range(0, block.n, width):
        panel, source, first, columns = simd.at(block.b, j * block.depth), simd.at(b, j), 0, min(width, block.n - j)
        if block.m >= ROWS and columns == width:
            start = simd.at(target.start, j) if target.add else null(corner)
            _packing_tile(block.a, source, ldb, simd.at(target.c, j), target.ldc, start, target.lds, kc, panel)
            first = ROWS
        else:
            pack_rows(source, ldb, kc, columns, width, panel)
        _panel(block, first, j, target, corner)


@inner
def macrokernel_by_columns(b, ldb, block, target, corner):
    """The same where B, transposed, is not packed yet."""
    width, kc = COLUMNS * simd.lanes(corner), block.kc
    for j in range(0, block.n, width):
        pack_columns(simd.at(b, j * ldb), ldb, kc, min(width, block.n - j), width, simd.at(block.b, j * block.depth))
        _panel(block, 0, j, target, corner)
