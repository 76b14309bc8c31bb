"""Lua's own ``math.random``, which some ported code draws from; ``manualSeed`` does not touch it."""

from __future__ import annotations

import math
import struct
import threading

_MASK = 2**64 - 1
_STEPS = ((63, 31, 18), (58, 19, 28), (55, 24, 7), (47, 21, 8))
_DOUBLE, _WORD = struct.Struct("<d"), struct.Struct("<Q")


class LuaRandom:
    """The generator of LuaJIT: a combined Tausworthe generator with a period of 2**223.

    ``random()`` is a float in [0, 1), ``random(n)`` a whole number in 1..n, ``random(a, b)`` one in a..b.
    """

    def __init__(self, seed: float = 0.0) -> None:
        self.randomseed(seed)

    def randomseed(self, seed: float) -> None:
        """Start the stream of the number ``seed``."""
        value, shifts, self._words = float(seed), 0x11090601, []
        for _ in _STEPS:
            value = value * 3.14159265358979323846 + 2.7182818284590452354
            least = 1 << (shifts & 255)
            shifts >>= 8
            (word,) = _WORD.unpack(_DOUBLE.pack(value))
            self._words.append(word + least if word < least else word)
        for _ in range(10):
            self._next()

    def random(self, *limits: int) -> float | int:
        """A number in [0, 1), or a whole one between the limits, both included."""
        (value,) = _DOUBLE.unpack(_WORD.pack(self._next() & 0x000FFFFFFFFFFFFF | 0x3FF0000000000000))
        if not limits:
            return value - 1.0
        low, high = (1, limits[0]) if len(limits) == 1 else limits
        if high < low:
            raise ValueError(f"random expects a range that is not empty, got {low}..{high}")
        return int((value - 1.0) * (high - low + 1) // 1) + low

    def _next(self) -> int:
        result = 0
        for i, (k, q, s) in enumerate(_STEPS):
            z = self._words[i]
            kept = z & (_MASK << (64 - k)) & _MASK
            z = ((((z << q) & _MASK) ^ z) >> (k - s)) ^ ((kept << s) & _MASK)
            self._words[i] = z
            result ^= z
        return result


def modf(x: float) -> tuple[float, float]:
    """The whole part of a number, towards 0, and what remains."""
    rest, whole = math.modf(x)
    return (whole, 0.0) if math.isinf(x) else (whole, rest)


class _Current(threading.local):
    generator = LuaRandom()


_current = _Current()


def set_thread_generator(generator: LuaRandom) -> None:
    """Make ``generator`` the one that draws of this thread use; other threads keep theirs."""
    _current.generator = generator


def random(*limits: int) -> float | int:
    """``math.random``: a float in [0, 1), or a whole number in 1..n or a..b."""
    return _current.generator.random(*limits)


def randomseed(seed: float) -> None:
    """``math.randomseed``: start the stream of the number ``seed``."""
    _current.generator.randomseed(seed)
