"""Random numbers drawn on the GPU: one generator a device, in its memory, which the kernels themselves move on.

Nothing is copied, nobody waits, and a launch that is captured draws other numbers each time it runs. The numbers depend
on the seed, on how many were drawn before, and on nothing else.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from torch7 import arrays

from ..runtime import Kernels, blocks

TEXT = """\
#include "common.cuh"
#include "philox.cuh"
"""
FILL = """\
template <class T>
__global__ void __launch_bounds__(256) fill_{name}(T* x, index_t n, T a, T b, unsigned long long* generator) {{
    const int V = 16 / sizeof(T);
    unsigned long long key = generator[0], counter = generator[1];
    for (EACH_PACK(T, i, n)) {{
        Pack<T> u = Units<T>::of(counter + i, key);
{formula}
        if ((i + 1) * V <= n && (unsigned long long)x % 16 == 0)
            ((Pack<T>*)x)[i] = u;
        else
            for (int k = 0; k < V; k++)
                if (i * V + k < n) x[i * V + k] = u.v[k];
    }}
    drawn<T>(generator, n);
}}
"""
EACH = "#pragma unroll\n        for (int k = 0; k < V; k++) u.v[k] = {};"
PAIRS = """\
#pragma unroll
        for (int k = 0; k < V; k += 2) {{
            T radius = sqrt(-2 * log1p(-u.v[k + 1])), turn = 2 * u.v[k];
            T z0 = a + b * (radius * cospi(turn)), z1 = a + b * (radius * sinpi(turn));
            u.v[k] = {0}(z0), u.v[k + 1] = {0}(z1);
        }}"""
#: What an element becomes, of u and the parameters a and b. sinpi needs no memory for large angles, as sin does.
FORMULAS = {
    "uniform": EACH.format("u.v[k] * (b - a) + a"),
    "exponential": EACH.format("-log1p(-u.v[k]) / a"),
    "cauchy": EACH.format("a - b * cospi(u.v[k]) / max(sinpi(u.v[k]), T(1e-16))"),
    "geometric": EACH.format("floor(log1p(-u.v[k]) / log(a)) + 1"),
    "bernoulli": EACH.format("u.v[k] < a ? b : T(0)"),
    "random": EACH.format("a + floor(u.v[k] * b)"),
    "normal": PAIRS.format(""),
    "log_normal": PAIRS.format("exp"),
}
_launch = Kernels("random", TEXT + "".join(FILL.format(name=n, formula=f) for n, f in FORMULAS.items()))
#: Kinds whose numbers take all of a double's bits, whatever the array holds.
WIDE = ("random", "geometric")
#: Device -> seed, counter, blocks that have finished; the memory stays where it is, as graphs know it.
_generators: dict[int, Any] = {}
_seeds: dict[int, int] = {}


def _device() -> int:
    return arrays.cupy().cuda.runtime.getDevice()


def generator() -> Any:
    """The generator of the current device, seeded from the operating system unless a program did."""
    device = _device()
    if device not in _generators:
        _generators[device] = arrays.cupy().asarray(_start(initialSeed(device)))
    return _generators[device]


def _start(seed: int) -> np.ndarray:
    return np.array([seed & 0xFFFFFFFFFFFFFFFF, 0, 0], np.uint64)


def manualSeed(seed: int, device: int) -> None:
    """Start the stream of a seed on a device, the current one; its low 64 bits count."""
    _seeds[device] = int(seed)
    if device in _generators:
        _generators[device].set(_start(int(seed)))


def initialSeed(device: int) -> int:
    """The seed of a device."""
    return _seeds.setdefault(device, int.from_bytes(os.urandom(6), "little"))


def state() -> np.ndarray:
    """Seed and counter of the current device, as the 16 bytes of two whole numbers; waits for the GPU."""
    return generator().get()[:2].view(np.uint8).copy()


def restore(state: Any) -> None:
    """What :func:`state` returned; ``ValueError`` for anything else."""
    numbers = np.frombuffer(np.ascontiguousarray(state, np.uint8).tobytes(), np.uint8)
    if numbers.size != 16:
        raise ValueError(f"the state of a GPU's generator is 16 bytes, got {numbers.size}")
    seed, counter = numbers.view(np.uint64)
    _seeds[_device()] = int(seed)
    generator().set(np.array([seed, counter, 0], np.uint64))


def held() -> list[Any]:
    """The generators that there are."""
    return list(_generators.values())


def fill(kind: str, x: Any, a: float, b: float = 0) -> Any:
    """Fill ``x`` with numbers of a kind and its parameters; returns it."""
    if not x.size:
        return x
    fits = x.dtype.char in "fd" and x.flags.c_contiguous
    to = x if fits and (x.dtype == np.float64 or kind not in WIDE) else _like(x, kind)
    each = 16 // to.itemsize
    _launch(f"fill_{kind}<T>", to.dtype, blocks(-(-to.size // each)), 256, to, to.size, a, b, generator())
    if to is not x:
        x[...] = to
    return x


def _like(x: Any, kind: str) -> Any:
    wide = kind in WIDE or x.dtype.char not in "fd"
    return arrays.cupy().empty(x.shape, np.float64 if wide else x.dtype)
