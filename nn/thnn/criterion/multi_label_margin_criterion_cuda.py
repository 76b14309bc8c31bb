"""Launches of multi_label_margin_criterion.cu. Whether a label is bad is asked for, which waits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Result
from ..cuda.runtime import kernels
from ..cuda.sums import sum_of
from ..cuda.workspace import take

_launch = kernels(__name__)


def MultiLabelMarginCriterion_mark(target: Any, isTarget: Any) -> int:
    bad = take("bad", np.float64, len(target))
    _launch("mark<T>", isTarget.dtype, (len(target),), 128, target, isTarget, bad, target.shape[1])
    places = bad.get()
    return int(places[places >= 0].min(initial=-1 if (places < 0).all() else np.inf))


def MultiLabelMarginCriterion_updateOutput(input: Any, target: Any, isTarget: Any) -> Result:
    parts = take("losses", np.float64, len(input))
    _launch("label_margins<T>", input.dtype, (len(input),), 128, input, target, isTarget, parts, input.shape[1])
    return sum_of(parts, len(input))


def MultiLabelMarginCriterion_updateGradInput(
    input: Any, target: Any, isTarget: Any, gradInput: Any, norm: float
) -> None:
    arrays, grid = (input, target, isTarget, gradInput), (len(input),)
    _launch("label_margin_gradients<T>", input.dtype, grid, 128, *arrays, input.shape[1], norm)
