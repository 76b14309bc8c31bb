"""PyTorch's random numbers on the CPU, seed for seed: its own transforms of the Mersenne Twister's words.

``manual_seed`` seeds a generator of its own, apart from Torch7's. Floats of type float32 take one word, float64 two;
decisions (``bernoulli``) take two. A normal array of 16 elements or more is made block by block, a smaller one pair by
pair, so both share no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from torch7 import gpu_random
from torch7.generator import Generator

from .cephes import log_f32, sincos_f32
from .defaults import float_dtype


class Stream(Generator):
    """A generator whose cached half of a normal pair is PyTorch's."""

    _half: float | None = None

    def manualSeed(self, seed: int) -> Stream:
        self._half = None
        super().manualSeed(seed)
        return self


_stream = Stream()
#: What draws unless a generator is given.
default_generator = _stream


def manual_seed(seed: int) -> Stream:
    """Start the stream that PyTorch has after ``torch.manual_seed(seed)``; returns the generator."""
    return _stream.manualSeed(seed)


def initial_seed() -> int:
    """The seed as it was given."""
    return _stream.initialSeed()


def _pairs_of_words(n: int, generator: Generator) -> np.ndarray:
    words = generator.words(2 * n)
    return (words[0::2] << np.uint64(32)) | words[1::2]


def _units(n: int, dtype: Any, generator: Generator) -> np.ndarray:
    """Numbers u, 0 <= u < 1, of 24 bits for float32 and of 53 for float64, as float64."""
    if np.dtype(dtype) == np.float64:
        return (_pairs_of_words(n, generator) & np.uint64(2**53 - 1)) * 2.0**-53
    return (generator.words(n) & np.uint64(0xFFFFFF)) * 2.0**-24


def _fused(u: np.ndarray, factor: Any, term: Any) -> np.ndarray:
    """``u * factor + term`` of float64 numbers, rounded once; the product is split without error (Dekker)."""
    split = 2.0**27 + 1
    product = u * factor
    u_high = u * split - (u * split - u)
    f_high = factor * split - (factor * split - factor)
    error = ((u_high * f_high - product) + u_high * (factor - f_high) + (u - u_high) * f_high) + (u - u_high) * (
        factor - f_high
    )
    total = product + term
    part = total - product
    return total + (((product - (total - part)) + (term - part)) + error)


def there(x: Any, generator: Generator | None = None) -> bool:
    """Whether ``x`` lies on a GPU that draws for itself; a generator that is given draws on the CPU."""
    return generator is None and not isinstance(x, np.ndarray) and gpu_random.own(_stream)


def _put(x: Any, values: np.ndarray) -> Any:
    """Fill ``x``, on a GPU too, with numbers in its own type; returns it."""
    x[...] = np.asarray(values.reshape(x.shape).astype(x.dtype), like=x)
    return x


def uniform_(x: np.ndarray, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> np.ndarray:
    """Fill ``x`` with numbers from U(a, b) and return it; ``ValueError`` unless a <= b."""
    if not a <= b:
        raise ValueError(f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}")
    if there(x, generator):
        return gpu_random.fill("uniform", x, a, b)
    u = _units(x.size, x.dtype, generator or _stream)
    if x.dtype == np.float64:
        values = _fused(u, b - a, a)
    else:
        low = np.float32(a)
        values = u * np.float64(np.float32(b) - low) + np.float64(low)
    return _put(x, values)


def normal_(x: np.ndarray, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> np.ndarray:
    """Fill ``x`` with numbers from N(mean, std^2) and return it; ``RuntimeError`` for a negative ``std``."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    if there(x, generator):
        return gpu_random.fill("normal", x, mean, std)
    generator = generator or _stream
    n = x.size
    if n < 16 or not x.flags.c_contiguous:
        values = _fused(np.array([_normal(generator) for _ in range(n)]), std, mean)
    else:
        values = _blocks(n, x.dtype, mean, std, generator)
    return _put(x, values)


def _normal(generator: Any) -> float:
    """One standard normal number; the second of a pair is kept for the next call."""
    kept = getattr(generator, "_half", None)
    if kept is not None:
        generator._half = None
        return kept
    u1, u2 = _units(2, np.float64, generator).tolist()
    radius, angle = math.sqrt(-2 * math.log1p(-u2)), 2 * math.pi * u1
    generator._half = radius * math.sin(angle)
    return radius * math.cos(angle)


def _blocks(n: int, dtype: Any, mean: float, std: float, generator: Generator) -> np.ndarray:
    """Normal numbers in blocks of 16, the last 16 drawn anew where they do not fill a block."""
    kind = np.float64 if dtype == np.float64 else np.float32
    values = _units(n, kind, generator).astype(kind)
    whole = n // 16 * 16
    values[:whole] = _box_muller(values[:whole].reshape(-1, 16), mean, std).ravel()
    if n % 16:
        values[-16:] = _box_muller(_units(16, kind, generator).astype(kind).reshape(1, 16), mean, std)
    return values


def _box_muller(u: np.ndarray, mean: float, std: float) -> np.ndarray:
    u1, u2 = 1 - u[:, :8], u[:, 8:]
    if u.dtype == np.float64:
        radius, angle = np.sqrt(-2 * np.log(u1)), 2 * math.pi * u2
        return _fused(np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], 1), std, mean)
    radius = np.sqrt(np.float32(-2) * log_f32(u1))
    sine, cosine = sincos_f32(np.float32(2 * math.pi) * u2)
    standard = np.concatenate([radius * cosine, radius * sine], 1).astype(np.float64)
    return (standard * np.float64(np.float32(std)) + np.float64(np.float32(mean))).astype(np.float32)


def _probability(p: float) -> float:
    if not 0 <= p <= 1:
        raise ValueError(f"bernoulli expects p to be in [0, 1], but got p={p}")
    return p


def decide(p: float, shape: Any, generator: Generator | None = None) -> np.ndarray:
    """Booleans of ``shape``, True with probability ``p``: a float64 number below p, two words each."""
    _probability(p)
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    words = (generator or _stream).words(2 * math.prod(shape))
    high, low = divmod(math.ceil(float(p) * 2**53), 2**32)  # the number is k 2^-53: k < p 2^53, its first 21 bits first
    first = words[0::2] & np.uint64(0x1FFFFF)
    decided = first < np.uint64(high)
    alike = np.flatnonzero(first == np.uint64(high))
    decided[alike] = words[1::2][alike] < np.uint64(low)
    return decided.reshape(shape)


def decide_like(p: float, x: np.ndarray) -> np.ndarray:
    """Booleans for the elements of ``x``, drawn in the order in which they lie in memory, as PyTorch does."""
    if x.flags.c_contiguous:
        return decide(p, x.shape)
    order = np.argsort([-stride for stride in np.empty_like(x).strides], kind="stable")
    return decide(p, [x.shape[i] for i in order]).transpose(np.argsort(order))


def kept(p: float, shape: Any, like: Any) -> Any:
    """Ones of probability ``p`` and zeros where ``like`` is, booleans unless a GPU draws; of its shape for None."""
    if there(like):
        return bernoulli_(np.empty(like.shape if shape is None else shape, like.dtype, like=like), p)
    drawn = decide_like(p, like) if shape is None else decide(p, shape)
    return np.asarray(drawn, like=like)


def bernoulli_(x: np.ndarray, p: float = 0.5, generator: Generator | None = None) -> np.ndarray:
    """Fill ``x`` with ones of probability ``p`` and zeros; returns it."""
    if there(x, generator):
        return gpu_random.fill("bernoulli", x, _probability(p), 1)
    return _put(x, decide(p, x.shape, generator))


def bernoulli(p: np.ndarray, generator: Generator | None = None) -> np.ndarray:
    """Ones and zeros of the probabilities in the array ``p``, one number of its type each."""
    if there(p, generator):
        return (gpu_random.fill("uniform", np.empty_like(p), 0, 1) < p).astype(p.dtype)
    u = _units(p.size, p.dtype, generator or _stream).reshape(p.shape)
    return (np.asarray(u, like=p) < p).astype(p.dtype)


def exponential_(x: np.ndarray, rate: float = 1.0, generator: Generator | None = None) -> np.ndarray:
    """Fill ``x`` with exponential numbers of ``rate``; returns it."""
    if there(x, generator):
        return gpu_random.fill("exponential", x, rate)
    return _put(x, -np.log1p(-_units(x.size, np.float64, generator or _stream)) / rate)


def random_(x: np.ndarray, low: int = 0, high: int | None = None, generator: Generator | None = None) -> np.ndarray:
    """Fill ``x`` with whole numbers, low <= k < high; ``random_(x, n)`` with 0 <= k < n. Returns ``x``."""
    generator = generator or _stream
    if high is None and low:
        low, high = 0, low
    if high is None:
        high = {"f": 2 ** (np.finfo(x.dtype).nmant + 1) + 1 if x.dtype.kind == "f" else 0}.get(
            x.dtype.kind, np.iinfo(x.dtype).max + 1 if x.dtype.kind in "iu" else 2
        )
    return _put(x, _whole(x.size, low, high, generator))


def _whole(n: int, low: int, high: int, generator: Generator) -> np.ndarray:
    count = high - low
    if count <= 0:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    words = generator.words(n) if count < 2**32 else _pairs_of_words(n, generator)
    return (words % np.uint64(count)).astype(np.int64) + low


# -- new arrays


def _sizes(sizes: tuple) -> tuple:
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes


def rand(*sizes: Any, dtype: Any = None, generator: Generator | None = None) -> np.ndarray:
    """An array of numbers from U(0, 1): ``rand(2, 3)``, of the default type."""
    return uniform_(np.empty(_sizes(sizes), float_dtype(dtype)), generator=generator)


def randn(*sizes: Any, dtype: Any = None, generator: Generator | None = None) -> np.ndarray:
    """An array of standard normal numbers."""
    return normal_(np.empty(_sizes(sizes), float_dtype(dtype)), generator=generator)


def randint(low: int, high: Any, size: Any = None, generator: Generator | None = None) -> np.ndarray:
    """Whole numbers, low <= k < high: ``randint(low, high, (2, 3))`` or ``randint(high, (2, 3))``."""
    if size is None:
        low, high, size = 0, low, high
    size = (size,) if isinstance(size, int) else tuple(size)
    return _whole(math.prod(size), low, high, generator or _stream).reshape(size)


def randperm(n: int, generator: Generator | None = None) -> np.ndarray:
    """The numbers 0..n-1 in random order."""
    steps = (generator or _stream).words(max(n - 1, 0)) % np.arange(n, 1, -1, dtype=np.uint64)
    order = list(range(n))
    for i, step in enumerate(steps.tolist()):
        order[i], order[i + step] = order[i + step], order[i]
    return np.array(order, np.int64)


@contextmanager
def preserved() -> Iterator[None]:
    """What is drawn inside leaves the stream as it was."""
    state, half, seeded = _stream.getRNGState(), _stream._half, _stream.seeded
    try:
        yield
    finally:
        _stream.setRNGState(state)
        _stream._half, _stream.seeded = half, seeded
