"""Launches of class_nll_criterion.cu. Loss, total weight and a bad label's place stay on the GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..cuda.results import Result
from ..cuda.runtime import blocks, kernels
from ..cuda.sums import number
from ..cuda.workspace import take

_launch = kernels(__name__)
#: Labels of a block.
SHARE = 4096


def ClassNLLCriterion_updateOutput(
    input: Any, target: Any, weights: Any, ignoreIndex: int, average: bool, sums: tuple, refuse: Callable[[int], None]
) -> Result:
    """The loss; ``sums`` are one-element arrays for it and the total weight. ``refuse`` is called with the place of a
    bad label when the loss is asked for."""
    sizes = target.size, input.shape[1], input.shape[2], ignoreIndex, average
    (count,) = grid = blocks(target.size, SHARE, 512)
    parts = take("losses", np.float64, 3, count) if count > 1 else None

    def write(slot: Any) -> None:
        _launch("nll<T>", input.dtype, grid, 256, input, target, weights, parts, slot, *sums, *sizes)
        if count > 1:
            _launch("nll_of_parts<T>", input.dtype, (1,), 256, parts, slot, *sums, count, average)

    return number(write, refuse)


def ClassNLLCriterion_updateGradInput(
    gradInput: Any, target: Any, weights: Any, ignoreIndex: int, factor: tuple[Any, bool]
) -> int:
    """``factor``: the array of the total weight, and whether it divides."""
    total, average = factor
    sizes = gradInput.size, gradInput.shape[1], gradInput.shape[2], ignoreIndex, average
    _launch.each("nll_gradient", gradInput.size, gradInput, gradInput, target, weights, total, *sizes)
    return -1
