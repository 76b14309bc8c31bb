"""log, sin and cos in float32 by the Cephes library's polynomials, as PyTorch's vector code computes them.

NumPy's own functions differ from these in the last bit. A product and the sum that follows are rounded together, which
float64 does for float32 numbers. Source: Moshier, Cephes Mathematical Library, single precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

F = np.float32
_LOG = [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1]
_LOG += [-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1]
_SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
_COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
_QUARTER = [0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8]  # pi / 4 in three parts


def _fma(a: Any, b: Any, c: Any) -> Any:
    return (np.multiply(a, b, dtype=np.float64) + c).astype(F)


def _polynomial(coefficients: list[float], x: Any) -> Any:
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y = _fma(y, x, np.float64(F(c)))
    return y


def log_f32(x: np.ndarray) -> np.ndarray:
    """The natural logarithm of positive float32 numbers."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < F(0.707106781186547524)
    e = (exponent - small).astype(F)
    x = mantissa + np.where(small, mantissa, F(0)) - F(1)
    z = x * x
    y = _polynomial(_LOG, x) * x
    y = _fma(y, z, np.multiply(e, F(-2.12194440e-4)))
    y = _fma(z, F(-0.5), y)
    return _fma(e, F(0.693359375), x + y)


def sincos_f32(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of float32 numbers, not negative."""
    octant = (x * F(1.27323954473516)).astype(np.int32)
    octant = (octant + 1) & ~1
    y = octant.astype(F)
    for part in _QUARTER:
        x = _fma(y, F(-part), x)
    z = x * x
    cosine = _polynomial(_COS, z) * z
    cosine = _fma(cosine, z, z * F(-0.5)) + F(1)
    sine = _polynomial(_SIN, z) * z
    sine = _fma(sine, x, x)
    swapped = (octant & 2) != 0
    sine_sign = np.where(octant & 4, F(-1), F(1))
    cosine_sign = np.where((octant + 2) & 4, F(-1), F(1))
    return sine_sign * np.where(swapped, cosine, sine), cosine_sign * np.where(swapped, sine, cosine)
