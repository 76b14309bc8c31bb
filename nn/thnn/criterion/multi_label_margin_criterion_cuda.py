"""Launches of multi_label_margin_criterion.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Fault, Result
from ..cuda.runtime import kernels
from ..cuda.sums import first_fault, sum_of
from ..cuda.workspace import take

_launch = kernels(__name__)


def _bad(samples: int) -> Any:
    """Where samples have a bad label, as the last call of mark found it."""
    return take("bad labels", np.float64, samples)


def MultiLabelMarginCriterion_mark(target: Any, isTarget: Any) -> Fault:
    samples, classes = target.shape
    bad = _bad(samples)
    _launch("mark<T>", isTarget.dtype, (samples,), 128, target, isTarget, bad, classes)
    return first_fault(bad)


def MultiLabelMarginCriterion_updateOutput(input: Any, target: Any, isTarget: Any) -> Result:
    samples, classes = input.shape
    arrays = input, target, isTarget, _bad(samples), take("losses", np.float64, samples)
    _launch("label_margins<T>", input.dtype, (samples,), 128, *arrays, classes)
    return sum_of(arrays[-1], samples)


def MultiLabelMarginCriterion_updateGradInput(
    input: Any, target: Any, isTarget: Any, gradInput: Any, norm: float
) -> None:
    arrays, grid = (input, target, isTarget, _bad(len(input)), gradInput), (len(input),)
    _launch("label_margin_gradients<T>", input.dtype, grid, 128, *arrays, input.shape[1], norm)
