"""Products of few rows or terms by the threads, or by the caller alone; each form is compiled when it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..runtime.jit import inlined, kernel
from ..runtime.parallel import Region, parallel_region
from ..runtime.records import Int, Pointer
from ..simd import registers as simd
from .few_rows import dots_of_rows, outer_sums, sums_of_rows
from .product import Product, part_of_product


@parallel_region
def _dots(p: Product, work: Pointer, share: Int, part, parts):
    dots_of_rows(part_of_product(p, part, parts), simd.at(work, part * share))


@parallel_region
def _sums(p: Product, work: Pointer, share: Int, part, parts):
    sums_of_rows(part_of_product(p, part, parts), simd.at(work, part * share))


@parallel_region
def _outer(p: Product, work: Pointer, share: Int, part, parts):
    outer_sums(part_of_product(p, part, parts), simd.at(work, part * share))


@inlined
def _whole(a, b, c, transposed, factors, bias):
    """The product of contiguous matrices; ``factors``: alpha, whether C is added to, or the bias."""
    (ta, tb), (alpha, add, has_bias), (m, n) = transposed, factors, c.shape
    K, start = a.shape[0 if ta else 1], simd.at(bias, 0)
    a, b, c, lda, ldb = simd.at(a, 0), simd.at(b, 0), simd.at(c, 0), a.shape[1], b.shape[1]
    return Product(a, lda, ta, b, ldb, tb, c, n, m, n, K, alpha, add, start, has_bias)


@kernel
def _dots_alone(a, b, c, factors, bias, work):
    dots_of_rows(_whole(a, b, c, (0, 1), factors, bias), simd.at(work, 0))


@kernel
def _sums_alone(a, b, c, factors, bias, work):
    sums_of_rows(_whole(a, b, c, (0, 0), factors, bias), simd.at(work, 0))


@kernel
def _outer_alone(a, b, c, factors, bias, work):
    outer_sums(_whole(a, b, c, (1, 0), factors, bias), simd.at(work, 0))


class Form(NamedTuple):
    """One of the forms of :mod:`few_rows`."""

    region: Region
    alone: Callable


#: By which of the matrices are transposed.
FEW = {
    (False, False): Form(_sums, _sums_alone),
    (False, True): Form(_dots, _dots_alone),
    (True, False): Form(_outer, _outer_alone),
}
