"""Gradients checked by differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.arrays import array_module

from .common import OpFunc, check_point, evaluate


def checkgrad(opfunc: OpFunc, x: Any, eps: float | None = None) -> tuple[float, Any, Any]:
    """Compare the gradient of ``opfunc`` at ``x`` with central differences of width ``2 eps`` (eps 1e-7).

    Returns ``|dC - estimate| / |dC + estimate|``, the gradient dC and the estimate, both of x's shape. Each element of
    ``x`` is put back after its turn. Use float64: float32 can not resolve such differences.
    """
    check_point("checkgrad", x)
    eps = 1e-7 if eps is None else eps
    gradient = evaluate("checkgrad", opfunc, x)[1].reshape(x.shape).copy()
    estimate = array_module(x).zeros(x.shape, x.dtype)
    for i in np.ndindex(x.shape):
        kept = x[i].copy()
        try:
            x[i] = kept + eps
            above = float(opfunc(x)[0])
            x[i] = kept - eps
            below = float(opfunc(x)[0])
        finally:
            x[i] = kept
        estimate[i] = (above - below) / (2 * eps)
    norm = array_module(x).linalg.norm
    total = float(norm((gradient + estimate).reshape(-1)))
    difference = float(norm((gradient - estimate).reshape(-1)))
    return (difference / total if total else float(difference > 0)), gradient, estimate
