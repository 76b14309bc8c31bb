"""Launches of ctc.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu
from ..cuda.workspace import take

_launch = kernels(__name__)


def CTC_updateOutput(logProbabilities: Any, lattice: tuple, alpha: Any) -> None:
    classes, skips, steps, _ = map(on_gpu, lattice)
    samples, sizes = len(alpha), (*logProbabilities.shape[1:], alpha.shape[1], classes.shape[1])
    arrays = logProbabilities, classes, skips, steps, alpha
    _launch("ctc_alpha<T>", logProbabilities.dtype, (samples,), 128, *arrays, *sizes)


def CTC_updateGradInput(
    logProbabilities: Any, gradInput: Any, lattice: tuple, alpha: Any, totals: Any, factors: Any
) -> None:
    tables, samples = list(map(on_gpu, lattice)), len(alpha)
    L = tables[0].shape[1]
    scratch = take("ctc", np.float64, samples, 2 * (L + 2)), take("ctc shares", np.float64, samples, L)
    sizes = *logProbabilities.shape[1:], alpha.shape[1], L
    arrays = logProbabilities, gradInput, *tables, alpha, totals, factors, *scratch
    _launch("ctc_gradient<T>", logProbabilities.dtype, (samples,), 128, *arrays, *sizes)
