"""Launches of class_nll_criterion.cu. Loss, total weight and a bad label's place stay on the GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..cuda.results import Result
from ..cuda.runtime import kernels
from ..cuda.sums import number

_launch = kernels(__name__)


def ClassNLLCriterion_updateOutput(
    input: Any, target: Any, weights: Any, ignoreIndex: int, average: bool, sums: tuple, refuse: Callable[[int], None]
) -> Result:
    """The loss; ``sums`` are one-element arrays for it and the total weight. ``refuse`` is called with the place of a
    bad label when the loss is asked for."""
    sizes = target.size, input.shape[1], input.shape[2], ignoreIndex, average
    launch = "nll<T>", input.dtype, (1,), 256, input, target, weights
    return number(lambda slot: _launch(*launch, slot, *sums, *sizes), refuse)


def ClassNLLCriterion_updateGradInput(
    gradInput: Any, target: Any, weights: Any, ignoreIndex: int, factor: tuple[Any, bool]
) -> int:
    """``factor``: the array of the total weight, and whether it divides."""
    total, average = factor
    sizes = gradInput.size, gradInput.shape[1], gradInput.shape[2], ignoreIndex, average
    _launch.each("nll_gradient", gradInput.size, gradInput, gradInput, target, weights, total, *sizes)
    return -1
