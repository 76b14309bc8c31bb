"""The gradient of class_nll_criterion.cu through LogSoftMax."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__.replace("cross_entropy", "class_nll"))


def CrossEntropyCriterion_updateGradInput(
    output: Any, target: Any, gradInput: Any, weights: Any, ignoreIndex: int, factor: tuple[Any, bool]
) -> int:
    total, average = factor
    sizes = output.size, output.size // target.size, ignoreIndex, average
    _launch.each("cross_entropy_gradient", output.size, output, output, target, gradInput, weights, total, *sizes)
    return -1
