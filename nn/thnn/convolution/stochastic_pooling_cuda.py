"""Launches of stochastic_pooling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.places import add
from ..cuda.runtime import kernels
from ..cuda.workspace import take

_launch = kernels(__name__)


def _sizes(count: int, geometry: tuple) -> tuple:
    """Windows of a plane, then columns and the rest of the geometry as the kernels take them."""
    return count, geometry[6], *geometry[:6]


def StochasticPooling_updateOutput(x: Any, draws: Any, geometry: tuple, y: Any, places: Any) -> None:
    _launch.each("draw_pixels", y.size, y, x, draws, y, places, y.size, *_sizes(y.shape[1], geometry))


def StochasticPooling_updateGradInput(gradOutput: Any, places: Any, gradInput: Any) -> None:
    add(gradOutput, gradInput, places, len(gradInput), 0)


def WeightedPooling_updateOutput(x: Any, least: float, geometry: tuple, y: Any) -> None:
    _launch.each("weigh_pixels", y.size, y, x, y, None, y.size, *_sizes(y.shape[1], geometry), least)


def WeightedPooling_updateGradInput(x: Any, gradOutput: Any, least: float, geometry: tuple, gradInput: Any) -> None:
    count, columns = gradOutput.shape[1], geometry[6]
    means, totals = (take(name, x.dtype, gradOutput.size) for name in ("means", "totals"))
    _launch.each("weigh_pixels", gradOutput.size, x, x, means, totals, means.size, *_sizes(count, geometry), least)
    sizes = x.size, count // max(1, columns), columns, *geometry[:6]
    _launch.each("weigh_gradient", x.size, x, x, gradOutput, means, totals, gradInput, *sizes)
