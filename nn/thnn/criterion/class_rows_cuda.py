"""Launches of class_rows.cu. How many targets count, and where one is no class, stays on the GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..cuda.results import Result
from ..cuda.runtime import blocks, kernels
from ..cuda.sums import number, sum_of
from ..cuda.workspace import take

_launch = kernels(__name__)


def ClassRows_count(target: Any, weights: Any, classes: int, ignore: int, refuse: Callable[[int], None]) -> Result:
    launch = "count_classes<T>", np.dtype(np.float64) if weights is None else weights.dtype, (1,), 256, target, weights
    return number(lambda slot: _launch(*launch, slot, target.size, classes, ignore), refuse)


def ClassEntropy_updateOutput(
    input: Any, target: Any, weights: Any, settings: tuple, losses: Any, logarithms: Any
) -> None:
    rows, arrays = target.size, (input, target, weights, losses, logarithms)
    _launch("class_entropies<T>", input.dtype, blocks(rows, 1), 128, *arrays, rows, input.size // rows, *settings)


def ClassEntropy_total(
    input: Any, target: Any, weights: Any, settings: tuple, written: tuple, refuse: Callable[[int], None]
) -> tuple:
    kept = ClassRows_count(target, weights, input.size // target.size, settings[1], refuse)
    ClassEntropy_updateOutput(input, target, weights, settings, *written)
    return sum_of(written[0], target.size), kept


def ClassEntropy_updateGradInput(
    input: Any, target: Any, weights: Any, settings: tuple, gradLosses: Any, logarithms: Any, gradInput: Any
) -> None:
    arrays, sizes = (input, target, weights, gradLosses, logarithms, gradInput), (input.size, input.size // target.size)
    _launch.each("entropy_gradients", input.size, input, *arrays, *sizes, *settings)


def ClassLikelihood_updateOutput(input: Any, target: Any, weights: Any, ignore: int, losses: Any) -> None:
    sizes = target.size, input.size // target.size, ignore
    _launch.each("class_likelihoods", target.size, input, input, target, weights, losses, *sizes)


def ClassLikelihood_total(input: Any, target: Any, weights: Any, ignore: int, refuse: Callable[[int], None]) -> tuple:
    kept = ClassRows_count(target, weights, input.size // target.size, ignore, refuse)
    losses = take("losses", input.dtype, target.size)
    ClassLikelihood_updateOutput(input, target, weights, ignore, losses)
    return sum_of(losses, target.size), kept


def ClassLikelihood_updateGradInput(target: Any, weights: Any, ignore: int, gradLosses: Any, gradInput: Any) -> None:
    sizes = gradInput.size, gradInput.size // target.size, ignore
    _launch.each("likelihood_gradients", gradInput.size, gradInput, target, weights, gradLosses, gradInput, *sizes)
