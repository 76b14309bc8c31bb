"""Updates in place in one pass over memory, by the kernels of the array's device.

``update("adam", x, m, v, gradient, ...)`` runs the kernel of that name from :mod:`optim.kernels` (NumPy arrays) or
``kernels.cu`` (CuPy arrays). Arrays may differ in shape, never in number of elements; numbers take ``x``'s type.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.arrays import array_module, is_array


def update(name: str, x: Any, *operands: Any) -> None:
    """Run kernel ``name`` on ``x`` and ``operands``; which of them it writes is the kernel's affair."""
    number = x.dtype.type
    if isinstance(x, np.ndarray):
        dense = np.ascontiguousarray
        values = [dense(o).reshape(-1) if isinstance(o, np.ndarray) else number(o) for o in operands]
        kernel = _kernel(name, True)
    else:
        dense = array_module(x).ascontiguousarray
        values = [dense(o).reshape(-1) if is_array(o) else number(o) for o in operands]
        kernel = _kernel(name, False)
    flat = x.reshape(-1)
    kernel(flat, *values)
    if not x.flags.c_contiguous:
        x[...] = flat.reshape(x.shape)


def _kernel(name: str, on_cpu: bool) -> Any:
    if on_cpu:
        from . import kernels

        return getattr(kernels, name)
    from . import cuda

    return cuda.kernel(name)


def dot(x: Any, y: Any) -> float:
    """The inner product, added up in one fixed order."""
    if isinstance(x, np.ndarray):
        from . import kernels

        return kernels.dot(np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1))
    return float(array_module(x).vdot(x, y))


def asum(x: Any) -> float:
    """The sum of absolute values."""
    if isinstance(x, np.ndarray):
        from . import kernels

        return kernels.asum(np.ascontiguousarray(x).reshape(-1))
    return float(abs(x).sum())
