"""Minimum of an interpolating polynomial."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import Any

import numpy as np


def polyinterp(points: Any, xmin: float | None = None, xmax: float | None = None) -> tuple[float, float]:
    """Where the polynomial through ``points`` is least between ``xmin`` and ``xmax``, and its value there.

    ``points`` is N x 3: rows (x, f, f'). Two points without bounds have a closed form, the minimum of the cubic; else
    the polynomial of order 2N - 1 is fitted by least squares and its real critical points and the bounds (by default
    the smallest and largest x) are compared. The middle is returned where nothing better is found.

    Errors: ValueError unless points is N x 3 with N of at least 1. Source: the line search of minFunc; Nocedal and
    Wright, "Numerical optimization", section 3.5.
    """
    points = np.asarray(points, np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or len(points) == 0:
        raise ValueError(f"optim.polyinterp: points must be N x 3, not {'x'.join(map(str, points.shape))}")
    if len(points) == 2 and xmin is None and xmax is None:
        return _cubic(points)
    lo = float(points[:, 0].min() if xmin is None else xmin)
    hi = float(points[:, 0].max() if xmax is None else xmax)
    best, least = (lo + hi) / 2, np.inf
    if not np.isfinite(points).all():
        return best, least
    polynomial = _fit(points)
    for x in [lo, hi, *_real(np.polynomial.polynomial.polyroots(np.polynomial.polynomial.polyder(polynomial)))]:
        value = float(np.polynomial.polynomial.polyval(x, polynomial))
        if lo <= x <= hi and value < least:
            best, least = float(x), value
    return best, least


def _cubic(points: np.ndarray) -> tuple[float, float]:
    (x1, f1, g1), (x2, f2, g2) = map(tuple, points[points[:, 0].argsort(kind="stable")].tolist())
    if x1 == x2:
        return x1, min(f1, f2)
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1 * d1 - g1 * g2
    t = (x1 + x2) / 2
    if square >= 0 and isfinite(square):
        d2 = sqrt(square)
        width = g2 - g1 + 2 * d2
        t = min(max(x2 - (x2 - x1) * (g2 + d2 - d1) / width, x1), x2) if width else t
    return t, _hermite(t, x1, f1, g1, x2, f2, g2)


def _hermite(t: float, x1: float, f1: float, g1: float, x2: float, f2: float, g2: float) -> float:
    h = x2 - x1
    u = (t - x1) / h
    ends = f1 + (f2 - f1) * u * u * (3 - 2 * u)
    return ends + h * u * (1 - u) * (g1 * (1 - u) - g2 * u)


def _fit(points: np.ndarray) -> np.ndarray:
    """Coefficients, constant first, of the polynomial that has the values and slopes of ``points``."""
    x, order = points[:, :1], np.arange(2 * len(points))
    values = x**order
    slopes = order * x ** np.maximum(order - 1, 0)
    return np.linalg.lstsq(np.vstack([values, slopes]), points[:, 1:].T.reshape(-1), rcond=None)[0]


def _real(roots: np.ndarray) -> list[float]:
    return [root.real for root in roots if root.imag == 0]
