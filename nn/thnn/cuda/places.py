"""Gradients that go to the places where maxima were found, where windows are not known or lie anywhere.

Several gradients may go to one place; atomic additions add them, in an order that may change from run to run.
"""

from __future__ import annotations

from typing import Any

from .runtime import Kernels

TEXT = """\
#include "common.cuh"
template <class T>
__global__ void scatter(const T* dy, T* dx, const index_t* places, index_t n, index_t count, index_t size, int first) {
    for (EACH(i, n)) {
        index_t place = places[i] - first;
        if (place >= 0 && place < size) atomicAdd(dx + i / count * size + place, dy[i]);
    }
}
"""
_launch = Kernels("places", TEXT)


def scatter(dy: Any, dx: Any, places: Any, planes: int, first: int) -> None:
    """``dx = 0``, then :func:`add`."""
    dx.fill(0)
    add(dy, dx, places, planes, first)


def add(dy: Any, dx: Any, places: Any, planes: int, first: int) -> None:
    """Every element of ``dy`` added at its place in its plane, counted from ``first``; places outside are nobody's."""
    if planes:
        sizes = dy.size // planes, dx.size // planes, first
        _launch.each("scatter", dy.size, dx, dy, dx, places, dy.size, *sizes)
