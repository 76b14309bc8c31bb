"""The cosine of pairs of rows, as a loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged, ranged_sum
from ..cpu.simd import registers as simd

EPSILON = 1e-12


@inner
def _products(a, b, start, n):
    """``a.b``, ``1 / (a.a + e)`` and ``1 / (b.b + e)`` of a row."""
    width = simd.lanes(a)
    ab, aa, bb = simd.splat(a, 0), simd.splat(a, 0), simd.splat(a, 0)
    for i in range(start, start + n, width):
        m = min(width, start + n - i)
        u, v = simd.load_first(a, i, m), simd.load_first(b, i, m)
        ab += u * v
        aa += u * u
        bb += v * v
    one, epsilon = a.dtype.type(1), a.dtype.type(EPSILON)
    return simd.total(ab), one / (simd.total(aa) + epsilon), one / (simd.total(bb) + epsilon)


@inner
def _row_loss(cosine, label, margin):
    return max(0.0, cosine - margin) if label == -1 else 1.0 - cosine if label == 1 else cosine


@ranged_sum
def _loss(first, last, a, b, labels, n, margin):
    loss = 0.0
    for row in range(first, last):
        ab, u, v = _products(a, b, row * n, n)
        loss += _row_loss(ab * np.sqrt(u * v), labels[row], margin)
    return loss


def CosineEmbeddingCriterion_updateOutput(a: Any, b: Any, labels: Any, margin: float) -> float:
    """The sum over rows of ``1 - cos`` for label 1, ``max(0, cos - margin)`` for -1, ``cos`` for others."""
    n = a.size // labels.size
    return _loss(labels.size, 0.4 * a.size, a.reshape(-1), b.reshape(-1), labels, n, margin)


@ranged
def _gradient(first, last, a, b, labels, da, db, settings):
    margin, norm = settings
    n = a.size // labels.size
    for row in range(first, last):
        part = slice(row * n, row * n + n)
        ab, u, v = _products(a, b, row * n, n)
        root = np.sqrt(u * v)
        x, y, dx, dy = a[part], b[part], da[part], db[part]
        if not _row_loss(ab * root, labels[row], margin) > 0:
            dx[:] = dy[:] = 0
            continue
        factor = a.dtype.type((-norm if labels[row] == 1 else norm) * root)
        for i in range(n):
            dx[i] = factor * (y[i] - ab * u * x[i])
            dy[i] = factor * (x[i] - ab * v * y[i])


def CosineEmbeddingCriterion_updateGradInput(
    a: Any, b: Any, labels: Any, da: Any, db: Any, margin: float, norm: float
) -> None:
    """The derivatives of the loss with respect to both rows times ``norm``; 0 where the loss of a row is."""
    vectors = (x.reshape(-1) for x in (a, b, labels, da, db))
    _gradient(labels.size, 0.8 * a.size, *vectors, (float(margin), float(norm)))
