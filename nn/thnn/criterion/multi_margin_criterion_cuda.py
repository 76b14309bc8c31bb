"""Launches of multi_margin_criterion.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Fault, Result
from ..cuda.runtime import blocks, kernels
from ..cuda.sums import sum_of
from ..cuda.workspace import take
from .labels_cuda import Labels_outside

_launch = kernels(__name__)


def MultiMarginCriterion_updateOutput(
    input: Any, target: Any, p: int, weights: Any, margin: float
) -> tuple[Result, Fault]:
    bad = Labels_outside(target, input.shape[1])
    parts, grid = take("losses", np.float64, len(input)), blocks(len(input), 8)
    _launch("margins<T>", input.dtype, grid, 256, input, target, weights, parts, *input.shape, p, margin)
    return sum_of(parts, len(input)), bad


def MultiMarginCriterion_updateGradInput(
    input: Any, target: Any, gradInput: Any, p: int, weights: Any, margin: float, norm: float
) -> None:
    arrays, grid = (input, target, weights, gradInput), blocks(len(input), 8)
    _launch("margin_gradients<T>", input.dtype, grid, 256, *arrays, *input.shape, p, margin, norm)
