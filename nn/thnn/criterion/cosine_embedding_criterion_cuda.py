"""Launches of cosine_embedding_criterion.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Result
from ..cuda.runtime import blocks, kernels
from ..cuda.sums import sum_of
from ..cuda.workspace import take

_launch = kernels(__name__)


def CosineEmbeddingCriterion_updateOutput(a: Any, b: Any, labels: Any, margin: float) -> Result:
    rows, grid = labels.size, blocks(labels.size, 8)
    parts = take("losses", np.float64, rows)
    _launch("cosines<T>", a.dtype, grid, 256, a, b, labels, parts, rows, a.size // rows, margin)
    return sum_of(parts, rows)


def CosineEmbeddingCriterion_updateGradInput(
    a: Any, b: Any, labels: Any, da: Any, db: Any, margin: float, norm: float
) -> None:
    rows, grid = labels.size, blocks(labels.size, 8)
    _launch("cosine_gradients<T>", a.dtype, grid, 256, a, b, labels, da, db, rows, a.size // rows, margin, norm)
