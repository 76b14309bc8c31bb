"""Torch's random generator: a Mersenne Twister, one 32-bit word per draw, and the cached half of a normal pair."""

from __future__ import annotations

import math
import os
import struct
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

WORD = 2.0**-32
TWO_PI = 2 * math.pi
_SIZE = 624
_STATE = struct.Struct(f"<Q i i Q {_SIZE * 8}s d d d i 4x")


_generators: weakref.WeakSet[Generator] = weakref.WeakSet()
#: The locks that a thread holds while it forks.
_held: dict[int, list] = {}


def _before_fork() -> None:
    """Wait until no other thread draws: the child would wait for ever for the locks that NumPy has while it draws."""
    locks = [g._twister.lock for g in sorted(_generators, key=id)]
    for lock in locks:
        lock.acquire()
    _held[threading.get_ident()] = locks


def _after_fork() -> None:
    for lock in _held.pop(threading.get_ident(), []):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class Generator:
    """A stream of random numbers, seeded from the operating system until ``manualSeed`` is called.

    Draws take it as first argument or as ``generator=``: ``torch.uniform(g, 0, 1)``. One thread draws from it at a
    time; another thread needs another generator.
    """

    #: Whether a program chose the seed.
    seeded = False

    def __init__(self) -> None:
        self._twister = np.random.MT19937()
        _generators.add(self)
        self._legacy = np.random.RandomState(self._twister)
        self.word: Callable[[], int] = self._twister.random_raw  #: the next 32-bit word; bound here, a call less
        self.seed()

    def manualSeed(self, seed: int) -> Generator:
        """Start the stream of ``seed`` (its low 32 bits count; negative seeds wrap) and drop the cached normal."""
        self._seed = int(seed)
        self.seeded = True
        self._legacy.seed(self._seed & 0xFFFFFFFF)
        self._pair = (0.0, 0.0, 0.0)
        self._pending = False
        return self

    def seed(self) -> int:
        """Seed from the operating system and return that seed."""
        seed = int.from_bytes(os.urandom(8), "little", signed=True)
        self.manualSeed(seed)
        self.seeded = False
        return seed

    def initialSeed(self) -> int:
        """The seed as it was given."""
        return self._seed

    def words(self, n: int) -> np.ndarray:
        """The next ``n`` words as uint64."""
        return self._twister.random_raw(n)

    def normal(self) -> float:
        """The next standard normal number (Box-Muller, the second of each pair is kept)."""
        if self._pending:
            self._pending = False
            x, _, rho = self._pair
            return rho * math.sin(TWO_PI * x)
        x, y = self.word() * WORD, self.word() * WORD
        rho = math.sqrt(-2.0 * math.log(1.0 - y))
        self._pair = (x, y, rho)
        self._pending = True
        return rho * math.cos(TWO_PI * x)

    def normals(self, n: int) -> np.ndarray:
        """The next ``n`` standard normal numbers."""
        out = np.empty(n)
        start = int(self._pending and n > 0)
        if start:
            out[0] = self.normal()
        pairs = (n - start + 1) // 2
        if pairs:
            self._fill_pairs(out[start:], self.words(2 * pairs) * WORD)
        return out

    def _fill_pairs(self, out: np.ndarray, u: np.ndarray) -> None:
        x, y = u[0::2], u[1::2]
        rho = np.sqrt(-2.0 * np.log(1.0 - y))
        angle = TWO_PI * x
        np.multiply(rho, np.cos(angle), out=out[0::2])
        seconds = len(out) // 2
        np.multiply(rho[:seconds], np.sin(angle[:seconds]), out=out[1::2])
        self._pair = (float(x[-1]), float(y[-1]), float(rho[-1]))
        self._pending = bool(len(out) % 2)

    def getRNGState(self) -> np.ndarray:
        """The whole state, cached normal included, as the 5048 bytes that Torch stores."""
        state = self._twister.state["state"]
        key, drawn = state["key"], state["pos"]
        if drawn == _SIZE and int(key[0]) == self._seed & 0xFFFFFFFF:
            drawn, left = 0, 1
        else:
            left = _SIZE + 1 - drawn
        seed = self._seed & 0xFFFFFFFFFFFFFFFF
        packed = _STATE.pack(seed, left, 1, drawn, key.astype("<u8").tobytes(), *self._pair, self._pending)
        return np.frombuffer(packed, np.uint8).copy()

    def setRNGState(self, state: Any) -> None:
        """Restore what ``getRNGState`` returned (a byte array or bytes); anything else raises ``ValueError``."""
        packed = np.asarray(state).tobytes() if isinstance(state, np.ndarray) else bytes(state)
        if len(packed) != _STATE.size:
            raise ValueError(f"a generator's state is {_STATE.size} bytes, got {len(packed)}")
        seed, left, _, drawn, words, x, y, rho, pending = _STATE.unpack(packed)
        key = np.frombuffer(words, "<u8")
        if not 1 <= left <= _SIZE or (left > 1 and drawn != _SIZE + 1 - left) or key.max() >> np.uint64(32):
            raise ValueError("these bytes are not the state of a generator")
        position = _SIZE + 1 - left
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {"key": key.astype(np.uint32), "pos": position},
        }
        self._seed = seed - (1 << 64) if seed >> 63 else seed
        self._pair = (x, y, rho)
        self._pending = bool(pending)

    def __getstate__(self) -> bytes:
        return self.getRNGState().tobytes()

    def __setstate__(self, state: bytes) -> None:
        self.__init__()
        self.setRNGState(state)


class _Current(threading.local):
    generator = Generator()


_current = _Current()


def current() -> Generator:
    """The generator that draws use unless they are given one."""
    return _current.generator


def set_thread_generator(generator: Generator) -> None:
    """Make ``generator`` the one that draws of this thread use; other threads keep theirs."""
    _current.generator = generator


def manualSeed(*args: Any, generator: Generator | None = None) -> None:
    """``manualSeed(s)`` or ``manualSeed(g, s)``: start the stream of seed ``s``."""
    if len(args) == 2:
        generator, *args = args
    (generator or current()).manualSeed(*args)


def seed(generator: Generator | None = None) -> int:
    """Seed from the operating system and return that seed."""
    return (generator or current()).seed()


def initialSeed(generator: Generator | None = None) -> int:
    """The seed in force, as it was given."""
    return (generator or current()).initialSeed()


def getRNGState(generator: Generator | None = None) -> np.ndarray:
    """The generator's state as a byte array of 5048 elements."""
    return (generator or current()).getRNGState()


def setRNGState(*args: Any, generator: Generator | None = None) -> None:
    """``setRNGState(state)`` or ``setRNGState(g, state)``: restore what ``getRNGState`` returned."""
    if len(args) == 2:
        generator, *args = args
    (generator or current()).setRNGState(*args)
