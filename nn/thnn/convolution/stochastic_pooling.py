"""A pixel of every window, drawn with a probability that is its value, or the mean weighted by it."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged

#: Nanoseconds of a pixel of a window.
PIXEL = 1.5


@inner
def _sum(x, width, edges):
    total = x.dtype.type(0)
    for i in range(edges[0], edges[1]):
        for j in range(edges[2], edges[3]):
            total += x[i * width + j]
    return total


@inner
def _reached(x, width, edges, threshold):
    """The first place whose sum with those before it is not less than ``threshold``; -1 without one."""
    total = x.dtype.type(0)
    for i in range(edges[0], edges[1]):
        for j in range(edges[2], edges[3]):
            total += x[i * width + j]
            if total >= threshold:
                return i * width + j
    return -1


@inner
def _edges(k, geometry):
    """Where window ``k`` begins and ends: rows, then columns."""
    height, width, kH, kW, dH, dW, columns = geometry
    top, left = k // columns * dH, k % columns * dW
    return top, min(top + kH, height), left, min(left + kW, width)


@ranged
def _draw(low, high, x, draws, geometry, y, places):
    width = geometry[1]
    for plane in range(low, high):
        for k in range(y.shape[1]):
            edges = _edges(k, geometry)
            place = _reached(x[plane], width, edges, draws[plane, k] * _sum(x[plane], width, edges))
            places[plane, k] = place
            y[plane, k] = x[plane, place] if place >= 0 else 0


@inner
def _squares(x, width, edges):
    total = x.dtype.type(0)
    for i in range(edges[0], edges[1]):
        for j in range(edges[2], edges[3]):
            total += x[i * width + j] * x[i * width + j]
    return total


@ranged
def _weigh(low, high, x, least, geometry, y):
    width = geometry[1]
    for plane in range(low, high):
        for k in range(y.shape[1]):
            edges = _edges(k, geometry)
            y[plane, k] = _squares(x[plane], width, edges) / (least + _sum(x[plane], width, edges))


@ranged
def _put(low, high, g, places, dx):
    for plane in range(low, high):
        for k in range(g.shape[1]):
            if 0 <= places[plane, k] < dx.shape[1]:
                dx[plane, places[plane, k]] += g[plane, k]


@inner
def _add_shares(x, width, edges, mean, share, dx):
    two = x.dtype.type(2)
    for i in range(edges[0], edges[1]):
        for j in range(edges[2], edges[3]):
            dx[i * width + j] += (two * x[i * width + j] - mean) * share


@ranged
def _weigh_gradient(low, high, x, g, least, geometry, dx):
    width = geometry[1]
    for plane in range(low, high):
        for k in range(g.shape[1]):
            edges = _edges(k, geometry)
            total = least + _sum(x[plane], width, edges)
            mean, share = _squares(x[plane], width, edges) / total, g[plane, k] / total
            _add_shares(x[plane], width, edges, mean, share, dx[plane])


def StochasticPooling_updateOutput(x: Any, draws: Any, geometry: tuple, y: Any, places: Any) -> None:
    """``x`` are planes ``P x hw``, ``y``, ``places`` and ``draws``, from 0 to 1, ``P x HW``; ``geometry`` is height,
    width, kH, kW, dH, dW and the number of columns of y.
    """
    _draw(len(x), PIXEL * y.size * geometry[2] * geometry[3], x, draws, geometry, y, places)


def StochasticPooling_updateGradInput(gradOutput: Any, places: Any, gradInput: Any) -> None:
    """Adds every gradient to the place that was drawn."""
    _put(len(gradInput), PIXEL * gradOutput.size, gradOutput, places, gradInput)


def WeightedPooling_updateOutput(x: Any, least: float, geometry: tuple, y: Any) -> None:
    """``y = sum x^2 / (least + sum x)`` of every window."""
    _weigh(len(x), PIXEL * y.size * geometry[2] * geometry[3], x, x.dtype.type(least), geometry, y)


def WeightedPooling_updateGradInput(x: Any, gradOutput: Any, least: float, geometry: tuple, gradInput: Any) -> None:
    """Adds to ``gradInput``."""
    work = PIXEL * gradOutput.size * geometry[2] * geometry[3]
    _weigh_gradient(len(x), work, x, gradOutput, x.dtype.type(least), geometry, gradInput)
