"""What the processor offers: how wide its vectors are.

``NN_GENERIC=1`` in the environment sets the width to one element, which turns every kernel into plain scalar code: the
path of processors without vector units, and the reference the tests compare the wide kernels with.
"""

from __future__ import annotations

import os

import llvmlite.binding as llvm
from numba.core import config


def _features() -> dict[str, bool]:
    """The instruction sets Numba compiles for (its NUMBA_CPU_FEATURES and NUMBA_CPU_NAME are honoured)."""
    if config.CPU_FEATURES is not None:
        return {f[1:]: f.startswith("+") for f in config.CPU_FEATURES.split(",") if f}
    if not config.ENABLE_AVX:
        return {}
    try:
        return dict(llvm.get_host_cpu_features())
    except RuntimeError:
        return {}


def _vector_bytes() -> int:
    if os.environ.get("NN_GENERIC", "0") not in ("", "0"):
        return 0
    features = _features()
    if features.get("avx512f") and features.get("avx512dq"):
        return 64
    return 32 if features.get("avx2") and features.get("fma") else 16


#: Bytes of a vector register: 64 (AVX-512), 32 (AVX2), 16 (others) or 0 (vectors of one element).
VECTOR_BYTES = _vector_bytes()


def lanes_of(itemsize: int) -> int:
    """Elements of ``itemsize`` bytes in one vector."""
    return max(1, VECTOR_BYTES // itemsize)
