"""Fused updates on the CPU: each a loop over ``start..stop``, run by the caller or in one chunk for each thread.

Every element is updated by itself and chunks begin at multiples of 1024, so results do not depend on the number of
threads. ``g`` is the gradient; ``decay`` (weight decay) and ``rate`` may be numbers or one number for each element.
The same updates for the GPU stand in ``kernels.cu``.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba import get_num_threads, prange
from numba.core import types
from numba.extending import overload

from torch7 import threads
from torch7.kernel_cache import compiled as _serial
from torch7.threading_layer import compiled_parallel as _parallel

threads.apply()

#: Arrays up to this size are updated by the calling thread: waking others would take longer.
SERIAL = 16384
# Loops count in unsigned numbers, which can not be negative: no test for indices from the end in the loop.
_index = np.uintp
#: What :func:`_chunks` calls; every update has its own.
loop = None


class Update:
    """Decorator of a loop ``(start, stop, x, ...)``: called as ``update(x, ...)``, over all of ``x``."""

    def __init__(self, loop: Callable) -> None:
        self.loop = _serial(loop)
        names = globals() | {"loop": self.loop}
        # A name of its own, by which the code is found on disk.
        chunks = FunctionType(_chunks.__code__, names, f"{loop.__name__}_chunks")
        chunks.__qualname__ = chunks.__name__
        self.chunks = _parallel(chunks)

    def __call__(self, x: np.ndarray, *values: Any) -> None:
        if x.size <= SERIAL:
            self.loop(_index(0), _index(x.size), x, *values)
        else:
            self.chunks(get_num_threads(), x, *values)


def _chunks(count, x, *values):
    for t in prange(count):
        loop(_bound(t, count, x.size), _bound(t + 1, count, x.size), x, *values)


@_serial
def _bound(chunk, chunks, size):
    step = (size + chunks - 1) // chunks
    return np.uintp(min((step + 1023) // 1024 * 1024 * chunk, size))


def at(values, i):
    """``values[i]``, or ``values`` itself where it is one number for all."""
    return values[i] if np.ndim(values) else values


@overload(at, inline="always")
def _at(values, i):
    if isinstance(values, types.Array):
        return lambda values, i: values[i]
    return lambda values, i: values


@Update
def axpy(start, stop, x, d, a):
    for i in range(start, stop):
        x[i] += a * d[i]


@Update
def sgd(start, stop, x, g, lr, rate, decay):
    for i in range(start, stop):
        x[i] -= lr * at(rate, i) * (g[i] + at(decay, i) * x[i])


@Update
def momentum(start, stop, x, v, g, lr, rate, decay, keep, take, ahead):
    for i in range(start, stop):
        d = g[i] + at(decay, i) * x[i]
        w = keep * v[i] + take * d
        v[i] = w
        if ahead > 0:
            w = d + ahead * w
        x[i] -= lr * at(rate, i) * w


@Update
def nag(start, stop, x, v, g, lr, rate, decay, keep):
    for i in range(start, stop):
        d = lr * at(rate, i) * (g[i] + decay * x[i])
        x[i] -= d
        v[i] = keep * v[i] - d


@Update
def asgd(start, stop, x, mean, g, shrink, eta, mu):
    for i in range(start, stop):
        y = shrink * x[i] - eta * g[i]
        x[i] = y
        if mu != 1:
            y = mean[i] + mu * (y - mean[i])
        mean[i] = y


@Update
def adam(start, stop, x, m, v, g, step, decay, beta1, take1, beta2, take2, epsilon):
    for i in range(start, stop):
        d = g[i] + decay * x[i]
        a = beta1 * m[i] + take1 * d
        b = beta2 * v[i] + take2 * d * d
        m[i] = a
        v[i] = b
        x[i] -= step * a / (np.sqrt(b) + epsilon)


@Update
def adamax(start, stop, x, m, u, g, step, decay, beta1, take1, beta2, epsilon):
    for i in range(start, stop):
        d = g[i] + decay * x[i]
        a = beta1 * m[i] + take1 * d
        old, new = beta2 * u[i], abs(d) + epsilon
        b = old if old > new else new
        m[i] = a
        u[i] = b
        x[i] -= step * a / b


@Update
def adagrad(start, stop, x, v, g, lr, decay, epsilon):
    for i in range(start, stop):
        d = g[i] + decay * x[i]
        b = v[i] + d * d
        v[i] = b
        x[i] -= lr * d / (np.sqrt(b) + epsilon)


@Update
def adadelta(start, stop, x, v, a, g, decay, rho, take, epsilon):
    for i in range(start, stop):
        d = g[i] + decay * x[i]
        b = rho * v[i] + take * d * d
        v[i] = b
        d *= np.sqrt(a[i] + epsilon) / np.sqrt(b + epsilon)
        x[i] -= d
        a[i] = rho * a[i] + take * d * d


@Update
def rmsprop(start, stop, x, m, g, lr, decay, alpha, take, epsilon):
    for i in range(start, stop):
        d = g[i] + decay * x[i]
        b = alpha * m[i] + take * d * d
        m[i] = b
        x[i] -= lr * d / (np.sqrt(b) + epsilon)


@Update
def rprop(start, stop, x, last, step, g, plus, minus, largest, smallest):
    for i in range(start, stop):
        d = g[i]
        same = d * last[i]
        h = step[i]
        if same > 0:
            h *= plus
        elif same < 0:
            h *= minus
            d = x.dtype.type(0)
        h = min(max(h, smallest), largest)
        step[i] = h
        last[i] = d
        if d > 0:
            x[i] -= h
        elif d < 0:
            x[i] += h


@_serial
def dot(x, y):
    a = b = c = d = 0.0
    whole = x.size // 4 * 4
    for i in range(0, whole, 4):
        a += np.float64(x[i]) * y[i]
        b += np.float64(x[i + 1]) * y[i + 1]
        c += np.float64(x[i + 2]) * y[i + 2]
        d += np.float64(x[i + 3]) * y[i + 3]
    for i in range(whole, x.size):
        a += np.float64(x[i]) * y[i]
    return (a + b) + (c + d)


@_serial
def asum(x):
    a = b = c = d = 0.0
    whole = x.size // 4 * 4
    for i in range(0, whole, 4):
        a += abs(np.float64(x[i]))
        b += abs(np.float64(x[i + 1]))
        c += abs(np.float64(x[i + 2]))
        d += abs(np.float64(x[i + 3]))
    for i in range(whole, x.size):
        a += abs(np.float64(x[i]))
    return (a + b) + (c + d)
