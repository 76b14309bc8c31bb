"""MM: products of two matrices or of two batches of them, each transposed where asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.gemm.gemm import gemm


def MM_product(a: Any, transA: bool, b: Any, transB: bool, c: Any) -> None:
    """``c = op(a) op(b)``, for matrices or for three-dimensional arrays of them."""
    if c.ndim == 2:
        a, b, c = a[np.newaxis], b[np.newaxis], c[np.newaxis]
    for i in range(len(c)):
        gemm(c[i], a[i], b[i], transA, transB)
