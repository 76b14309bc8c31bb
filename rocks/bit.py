"""``bit``, LuaJIT's operations on 32 bits: results are whole numbers with a sign."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_, xor

_MASK = 0xFFFFFFFF


def tobit(x: float) -> int:
    """The lowest 32 bits of a number, with their sign."""
    n = round(x) & _MASK
    return n - (n >> 31 << 32)


def bnot(x: float) -> int:
    """Every bit turned over."""
    return tobit(~round(x))


def band(x: float, *others: float) -> int:
    """The bits that all have."""
    return tobit(reduce(and_, map(round, (x, *others))))


def bor(x: float, *others: float) -> int:
    """The bits that one has."""
    return tobit(reduce(or_, map(round, (x, *others))))


def bxor(x: float, *others: float) -> int:
    """The bits that an odd number of them has."""
    return tobit(reduce(xor, map(round, (x, *others))))


def lshift(x: float, n: float) -> int:
    """``n`` (its lowest 5 bits) places to the left."""
    return tobit((round(x) & _MASK) << (round(n) & 31))


def rshift(x: float, n: float) -> int:
    """To the right, with zeros from the left."""
    return tobit((round(x) & _MASK) >> (round(n) & 31))


def arshift(x: float, n: float) -> int:
    """To the right, with the sign from the left."""
    return tobit(tobit(x) >> (round(n) & 31))


def rol(x: float, n: float) -> int:
    """Turned to the left."""
    bits, n = round(x) & _MASK, round(n) & 31
    return tobit(bits << n | bits >> (32 - n))


def ror(x: float, n: float) -> int:
    """Turned to the right."""
    return rol(x, -round(n))


def bswap(x: float) -> int:
    """The four bytes in the other order."""
    return tobit(int.from_bytes((round(x) & _MASK).to_bytes(4, "little"), "big"))


def tohex(x: float, n: float = 8) -> str:
    """``n`` hexadecimal digits, capital ones for a negative ``n``."""
    digits = f"{round(x) & _MASK:08x}"[-abs(int(n)) :] if n else ""
    return digits.upper() if n < 0 else digits
