"""Torch's random numbers, seed for seed.

Every distribution is called in three ways: ``f(a, b)`` returns a Python number, ``f(x, a, b)`` fills the array ``x``
element by element in row-major order, whatever its strides, and returns it, and both take a ``Generator`` as first
argument or as ``generator=``. A number is drawn from u, one 32-bit word times 2**-32, so that 0 <= u < 1. A float32
array rounds the parameters to float32, computes in double precision and rounds the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import arrays, gpu_random
from . import random_formulas as formulas
from .generator import WORD, Generator, current

_CHUNK = 8192
_RANGES = {"u1": 2**8, "i1": 2**7, "i2": 2**15, "i4": 2**31, "i8": 2**63, "f2": 2**11 + 1, "f4": 2**24 + 1, "b1": 2}


def uniform(*args: Any, generator: Generator | None = None) -> Any:
    """u (b - a) + a for ``uniform(a=0, b=1)``; arrays must hold floats."""
    if not args and generator is None:
        return current().word() * WORD
    return _from_uniform(formulas.uniform, args, generator, 0.0, 1.0)


def normal(*args: Any, generator: Generator | None = None) -> Any:
    """Box-Muller numbers for ``normal(mean=0, stdv=1)``, stdv > 0; arrays must hold floats."""
    return _from_normal(formulas.normal, args, generator, 0.0, 1.0)


def logNormal(*args: Any, generator: Generator | None = None) -> Any:
    """exp(normal(mean, stdv)) for ``logNormal(mean=1, stdv=2)``, stdv > 0; arrays must hold floats."""
    return _from_normal(formulas.log_normal, args, generator, 1.0, 2.0)


def exponential(*args: Any, generator: Generator | None = None) -> Any:
    """-1 / rate * ln(1 - u) for ``exponential(rate)``; arrays must hold floats."""
    return _from_uniform(formulas.exponential, args, generator, None)


def cauchy(*args: Any, generator: Generator | None = None) -> Any:
    """median + sigma tan(pi (u - 1/2)) for ``cauchy(median=0, sigma=1)``; arrays must hold floats."""
    return _from_uniform(formulas.cauchy, args, generator, 0.0, 1.0)


def geometric(*args: Any, generator: Generator | None = None) -> Any:
    """trunc(ln(1 - u) / ln(p)) + 1 for ``geometric(p)``, 0 < p < 1."""
    generator, x, args = _split(args, generator)
    (p,) = _parameters(args, (None,))
    if not 0 < p < 1:
        raise ValueError(f"geometric expects 0 < p < 1, got {p}")
    if _there(x, generator):
        return gpu_random.fill("geometric", x, p)
    return _draw(generator, x, lambda m, u: _integer(m.log(1.0 - u) / math.log(p)) + 1)


def bernoulli(*args: Any, generator: Generator | None = None) -> Any:
    """1 if u <= p, else 0, for ``bernoulli(p=0.5)``; for an array ``p`` may be an array with as many elements."""
    generator, x, args = _split(args, generator)
    if x is not None and args and arrays.is_array(args[0]):
        return _bernoulli_each(generator, x, args[0])
    (p,) = _parameters(args, (0.5,))
    _check_probability(p, p)
    if _there(x, generator):
        return gpu_random.fill("bernoulli", x, p, 1)
    return _draw(generator, x, lambda m, u: (u <= p) * 1)


def random(*args: Any, generator: Generator | None = None) -> Any:
    """Whole numbers: ``random()`` a word, ``random(b)`` in 1..b, ``random(a, b)`` in a..b.

    An array without a range gets words modulo what its type holds: 256 for bytes, 2**24 + 1 for float32.
    """
    generator, x, args = _split(args, generator)
    if len(args) > 2:
        raise TypeError(f"random takes at most a range of two numbers, got {len(args)}")
    if not args:
        a, count = 0, 2**53 + 1 if x is None else _RANGES.get(x.dtype.str[1:], 2**53 + 1)
    else:
        a, b = (1, int(args[0])) if len(args) == 1 else map(int, args)
        if b < a:
            raise ValueError(f"random expects a range {a} <= b, got {b}")
        count = b - a + 1
    if x is None:
        return generator.word() % count + a
    if _there(x, generator):
        return gpu_random.fill("random", x, a, count)
    return _fill(x, lambda n: (generator.words(n) % np.uint64(count)).astype(np.int64) + a)


def rand(*sizes: Any, generator: Generator | None = None) -> Any:
    """A tensor of the default type with ``uniform(0, 1)`` elements: ``rand(2, 3)`` or ``rand([2, 3])``.

    ``rand(res, 2, 3)`` fills ``res``, which must have as many elements.
    """
    return _filled(uniform, sizes, generator)


def randn(*sizes: Any, generator: Generator | None = None) -> Any:
    """A tensor of the default type with ``normal(0, 1)`` elements; called as :func:`rand`."""
    return _filled(normal, sizes, generator)


def randperm(*args: Any, generator: Generator | None = None) -> Any:
    """``randperm(n)``: the numbers 1..n in random order, as int64; ``randperm(res, n)`` writes them into ``res``."""
    generator, res, args = _split(args, generator)
    n = int(args[0])
    if n < 1 or (res is not None and res.size != n):
        raise ValueError(f"randperm expects a positive number{'' if n < 1 else ' of elements as in res'}, got {n}")
    steps = generator.words(n - 1) % np.arange(n, 1, -1, dtype=np.uint64)
    order = list(range(1, n + 1))
    for i, step in enumerate(steps.tolist()):
        order[i], order[i + step] = order[i + step], order[i]
    if res is None:
        return np.array(order, np.int64)
    view = _shaped(res, (n,))
    view[...] = arrays.array_module(res).asarray(order)
    return view


def _in_place(distribution: Callable) -> Callable:
    """The method ``x:f(...)``: ``f`` with the array to fill, which must be given."""

    def fill(x: Any, *args: Any, generator: Generator | None = None) -> Any:
        if not arrays.is_array(x):
            raise TypeError(f"{fill.__name__} fills an array, got {arrays.describe(x)}")
        return distribution(x, *args, generator=generator)

    fill.__name__ = fill.__qualname__ = f"{distribution.__name__}_"
    fill.__doc__ = f"``x:{distribution.__name__}(...)``: :func:`{distribution.__name__}` into ``x``; returns ``x``."
    return fill


uniform_, normal_, logNormal_, exponential_ = map(_in_place, (uniform, normal, logNormal, exponential))
cauchy_, geometric_, bernoulli_, random_ = map(_in_place, (cauchy, geometric, bernoulli, random))


def _integer(x: Any) -> Any:
    return x.astype(np.int64) if isinstance(x, np.ndarray) else int(x)


def _split(args: tuple, generator: Generator | None) -> tuple[Generator, Any, tuple]:
    """Generator, array to fill (or None) and parameters of a call ``f([g], [x], [g], ...)``."""
    x = None
    if not args or type(args[0]) in (int, float):
        return generator or current(), x, args
    if isinstance(args[0], Generator):
        generator, *args = args
    if args and arrays.is_array(args[0]):
        x, *args = args
    if args and isinstance(args[0], Generator):
        generator, *args = args
    while args and args[-1] is None:
        args = args[:-1]
    return generator or current(), x, args


def _parameters(args: tuple, defaults: tuple) -> tuple[float, ...]:
    if len(args) > len(defaults):
        raise TypeError(f"expected at most {len(defaults)} parameters, got {len(args)}")
    if None in args:
        args = [default if value is None else value for value, default in zip(args, defaults)]
    values = (*args, *defaults[len(args) :])
    if None in values:
        raise TypeError("this distribution has no default parameter: give one")
    return values


def _float_parameters(x: Any, args: tuple, defaults: tuple) -> tuple[float, ...]:
    values = _parameters(args, defaults)
    if x is None:
        return values
    if x.dtype.kind != "f":
        raise TypeError(f"this distribution fills arrays of floats, got {x.dtype}")
    return tuple(float(x.dtype.type(value)) for value in values)


def _from_uniform(formula: Callable, args: tuple, generator: Generator | None, *defaults: float | None) -> Any:
    generator, x, args = _split(args, generator)
    values = _float_parameters(x, args, defaults)
    if _there(x, generator):
        return gpu_random.fill(formula.__name__, x, *values)
    return _draw(generator, x, lambda m, u: formula(m, u, *values))


def _from_normal(formula: Callable, args: tuple, generator: Generator | None, *defaults: float) -> Any:
    generator, x, args = _split(args, generator)
    mean, stdv = _float_parameters(x, args, defaults)
    if not stdv > 0:
        raise ValueError(f"standard deviation must be strictly positive, got {stdv}")
    if x is None:
        return formula(math, generator.normal(), mean, stdv)
    if _there(x, generator):
        return gpu_random.fill(formula.__name__, x, mean, stdv)
    return _fill(x, lambda n: formula(np, generator.normals(n), mean, stdv))


def _draw(generator: Generator, x: Any, formula: Callable) -> Any:
    if x is None:
        return formula(math, generator.word() * WORD)
    return _fill(x, lambda n: formula(np, generator.words(n) * WORD))


def _there(x: Any, generator: Generator) -> bool:
    """Whether ``x`` lies on a GPU that draws for itself; a generator that is given draws on the CPU."""
    if x is None or isinstance(x, np.ndarray):
        return False
    return generator is current() and gpu_random.own(generator)


def _fill(x: Any, draw: Callable[[int], np.ndarray]) -> Any:
    if not isinstance(x, np.ndarray):
        x[...] = arrays.array_module(x).asarray(_fill(np.empty(x.shape, x.dtype), draw))
        return x
    if not x.flags.writeable:
        raise ValueError("the array to fill is read-only")
    flat = x.reshape(-1) if x.flags.c_contiguous else x.flat
    for start in range(0, x.size, _CHUNK):
        stop = min(start + _CHUNK, x.size)
        flat[start:stop] = draw(stop - start)
    return x


def _bernoulli_each(generator: Generator, x: Any, p: Any) -> Any:
    if not isinstance(p, np.ndarray) and p.size == x.size and _there(x, generator):
        _check_probability(float(p.min(initial=0.0)), float(p.max(initial=1.0)))
        u = gpu_random.fill("uniform", arrays.cupy().empty(p.shape, float), 0, 1)
        x[...] = (u < p).reshape(x.shape)
        return x
    p = p if isinstance(p, np.ndarray) else p.get()
    if p.size != x.size:
        raise ValueError(f"probabilities of shape {p.shape} do not fit an array of shape {x.shape}")
    _check_probability(p.min(initial=0.0), p.max(initial=1.0))
    each = iter(np.split(p.reshape(-1), range(_CHUNK, p.size, _CHUNK)))
    return _fill(x, lambda n: generator.words(n) * WORD <= next(each))


def _check_probability(low: float, high: float) -> None:
    if not (low >= 0 and high <= 1):
        raise ValueError(f"a probability must lie in 0..1, got {low if not low >= 0 else high}")


def _filled(distribution: Callable, sizes: tuple, generator: Generator | None) -> Any:
    generator, res, sizes = _split(sizes, generator)
    if len(sizes) == 1 and not isinstance(sizes[0], int | float | np.integer):
        sizes = sizes[0]
    shape = tuple(int(size) for size in sizes)
    if res is not None:
        return distribution(_shaped(res, shape), generator=generator)
    name = arrays.getdefaulttensortype()
    return arrays.cast(distribution(np.empty(shape, arrays.dtype_of(name)), generator=generator), name)


def _shaped(res: Any, shape: tuple[int, ...]) -> Any:
    """The memory of ``res`` in ``shape``, which must have as many elements: arrays do not resize."""
    if res.shape == shape:
        return res
    if math.prod(shape) != res.size or not res.flags.c_contiguous:
        raise ValueError(f"{arrays.describe(res)} cannot take the sizes {'x'.join(map(str, shape))}")
    return res.reshape(shape)
