"""MM by cuBLAS."""

from __future__ import annotations

from typing import Any

from torch7 import arrays


def MM_product(a: Any, transA: bool, b: Any, transB: bool, c: Any) -> None:
    a, b = (x.swapaxes(-1, -2) if trans else x for x, trans in ((a, transA), (b, transB)))
    arrays.cupy().matmul(a, b, out=c)
