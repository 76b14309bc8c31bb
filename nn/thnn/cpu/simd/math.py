"""Exponential, logarithm and hyperbolic functions of vectors and floats inside Numba kernels.

``exp``, ``expm1``, ``log``, ``log1p``, ``tanh``, ``sigmoid`` and ``softplus``, log(1 + e^x), take a vector of
:mod:`registers` or a plain float and give the same bits for both. They are within 2 units in the last place of the true
value (sigmoid: 2.4) in float32 and float64, and right for infinities, NaN, signed zeros and denormals. The names with
an underscore, ``exp_`` and so on, are the same functions of :class:`llvm.Value`, for code that generates kernels.

Method. exp: x = n ln 2 + r with |r| <= ln(2) / 2, the Taylor polynomial of e^r, scaled by 2^n. log: x = 2^n m with m
between sqrt(1/2) and sqrt(2), log m = 2 artanh(s) with s = (m - 1) / (m + 1) by its series.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from llvmlite import ir

from .llvm import Value, absolute, copysign, fma, select
from .vector import unary


class _Format(NamedTuple):
    """Constants of a float format."""

    mantissa: int
    bias: int
    lowest: float
    highest: float
    exp_degree: int
    log_terms: int
    ln2_high: float
    tanh_limit: float
    tiny: float
    softplus_terms: int


_FORMATS = {
    32: _Format(23, 127, -104.0, 89.0, 7, 5, 0.693359375, 9.1, 2.0**-126, 7),
    64: _Format(52, 1023, -746.0, 710.0, 13, 11, float.fromhex("0x1.62e42fefap-1"), 19.1, 2.0**-1022, 16),
}
# ln 2 to 40 digits, to split it into a short high part (n times it is exact) and the rest.
_LN2 = Fraction(6931471805599453094172321214581765680755, 10**40)


def _reduce(x: Value, limits: _Format) -> tuple[Value, Value, Value]:
    """n, n as the low bits of an integer, and r of x = n ln 2 + r."""
    round_to_integer = 1.5 * 2.0**limits.mantissa
    shifted = fma(x, 1 / math.log(2), round_to_integer)
    n = shifted - round_to_integer
    r = fma(n, -limits.ln2_high, x)
    r = fma(n, -float(_LN2 - Fraction(limits.ln2_high)), r)
    return n, shifted.as_bits() - x.constant(round_to_integer).as_bits(), r


def _power_of_two(n: Value, limits: _Format) -> Value:
    """2^n for n in the normal range."""
    return ((n + limits.bias) << limits.mantissa).as_float()


def _scaled(y: Value, n: Value) -> Value:
    """``y 2^n`` for vectors of 512 bits, rounded once also where it is denormal: an instruction of AVX-512."""
    kind, mask, rounding = y.type, ir.IntType(max(8, y.lanes)), ir.IntType(32)
    name = f"llvm.x86.avx512.mask.scalef.{'ps' if y.bits == 32 else 'pd'}.512"
    function = y.builder.module.declare_intrinsic(name, (), ir.FunctionType(kind, [kind, kind, kind, mask, rounding]))
    every, current = ir.Constant(mask, -1), ir.Constant(rounding, 4)
    return Value(y.builder, y.builder.call(function, [y.ir, n.ir, ir.Constant(kind, ir.Undefined), every, current]))


def _expm1_reduced(r: Value, degree: int) -> Value:
    """e^r - 1 for |r| <= ln(2) / 2."""
    p = r.constant(1 / math.factorial(degree))
    for k in range(degree - 1, 1, -1):
        p = fma(p, r, 1 / math.factorial(k))
    return fma(p * r, r, r)


def _clamp(x: Value, low: float, high: float) -> Value:
    """x between the limits; NaN stays."""
    x = select(x > high, high, x)
    return select(x < low, low, x)


def exp_(x: Value) -> Value:
    return _exp(select(x > _FORMATS[x.bits].highest, _FORMATS[x.bits].highest, x))


def decay_(x: Value) -> Value:
    """e^x for x <= 0."""
    return _exp(x)


def _exp(x: Value) -> Value:
    """e^x for x up to the largest whose exponential is finite, or a little more."""
    limits = _FORMATS[x.bits]
    whole, n, r = _reduce(select(x < limits.lowest, limits.lowest, x), limits)
    y = _expm1_reduced(r, limits.exp_degree) + 1
    if y.lanes * y.bits == 512:
        return _scaled(y, whole)
    half = n >> 1
    return y * _power_of_two(half, limits) * _power_of_two(n - half, limits)


def expm1_(x: Value) -> Value:
    limits = _FORMATS[x.bits]
    _, n, r = _reduce(_clamp(x, -limits.mantissa * 1.0, limits.highest), limits)
    half = n >> 1
    first, second = _power_of_two(half, limits), _power_of_two(n - half, limits)
    y = fma(_expm1_reduced(r, limits.exp_degree), first, first - 1 / second) * second
    return select(x.equals(0), x, y)


def tanh_(x: Value) -> Value:
    limits = _FORMATS[x.bits]
    a = absolute(x)
    a = select(a > limits.tanh_limit, limits.tanh_limit, a)
    _, n, r = _reduce(a + a, limits)
    scale = _power_of_two(n, limits)
    e = fma(_expm1_reduced(r, limits.exp_degree), scale, scale - 1)
    # e / (e + 2), then one correction of both roundings; 1 / (e + 2) is about 1/2 - e/8 where that matters.
    d = e + 2
    q = e / d
    rest = fma(-q, d, e) - q * (e - (d - 2))
    near = x.constant(0.5) - e * 0.125
    q = fma(rest, select(near > 0, near, 0), q)
    return copysign(q, x)


def sigmoid_(x: Value) -> Value:
    e = decay_(-absolute(x))
    return select(x > 0, x.constant(1), e) / (e + 1)


def _frexp(x: Value, limits: _Format) -> tuple[Value, Value]:
    """n (as a float) and m of x = 2^n m, sqrt(1/2) <= m < sqrt(2), for positive finite x."""
    tiny = x < limits.tiny
    bits = select(tiny, x * 2.0**limits.mantissa, x).as_bits()
    base = x.constant(math.sqrt(0.5)).as_bits()
    n = (bits - base) >> limits.mantissa
    m = (bits - (n << limits.mantissa)).as_float()
    return n.to_float() - select(tiny, x.constant(limits.mantissa), x.constant(0)), m


def log_(x: Value) -> Value:
    limits = _FORMATS[x.bits]
    n, m = _frexp(x, limits)
    f = m - 1
    s = f / (m + 1)
    z = s * s
    p = x.constant(2 / (2 * limits.log_terms + 1))
    for k in range(limits.log_terms - 1, 0, -1):
        p = fma(p, z, 2 / (2 * k + 1))
    # log m = f - s (f - z p), with n ln 2 added from the small parts up.
    tail = fma(n, float(_LN2 - Fraction(limits.ln2_high)), -(s * (f - z * p)))
    y = fma(n, limits.ln2_high, f + tail)
    y = select(x.equals(math.inf), x, y)
    y = select(x.equals(0), -math.inf, y)
    return select(x >= 0, y, math.nan)


def log1p_(x: Value) -> Value:
    u = x + 1
    correction = (x - (u - 1)) / u
    y = log_(u)
    y = select(u.equals(math.inf), y, y + correction)
    y = select(u.equals(0), -math.inf, y)
    return select(absolute(x) < 2.0 ** -_FORMATS[x.bits].mantissa / 4, x, y)


def softplus_(x: Value) -> Value:
    """log(1 + e^x), from log(1 + f) = f - s (f - 2 artanh series) for f = e^-|x| and s = f / (f + 2)."""
    f = decay_(-absolute(x))
    s = f / (f + 2)
    z = s * s
    terms = _FORMATS[x.bits].softplus_terms
    p = x.constant(2 / (2 * terms + 1))
    for k in range(terms - 1, 0, -1):
        p = fma(p, z, 2 / (2 * k + 1))
    return select(x > 0, x, 0) + (f - s * (f - z * p))


exp = unary(exp_)
expm1 = unary(expm1_)
tanh = unary(tanh_)
sigmoid = unary(sigmoid_)
log = unary(log_)
log1p = unary(log1p_)
softplus = unary(softplus_)
