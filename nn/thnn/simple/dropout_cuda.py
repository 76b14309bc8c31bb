"""Launches of dropout.cu: drawn on the GPU, unless a program has seeded the CPU's generator alone."""

from __future__ import annotations

from math import prod
from typing import Any

from torch7 import arrays, gpu_random
from torch7.generator import Generator, current

from .. import contiguous
from ..cuda.random import generator as gpu
from ..cuda.runtime import blocks, kernels
from . import dropout

_launch = kernels(__name__)


def Dropout_updateOutput(
    input: Any, output: Any, noise: Any, keep: float, divisor: float = 1, generator: Generator | None = None
) -> None:
    if not gpu_random.own(generator or current()):
        dropout.Dropout_updateOutput(input, output, noise, keep, divisor, generator)
        return
    value = noise.dtype.type(1) / noise.dtype.type(divisor)
    shared = _shared(input.shape, noise.shape)
    if shared is None or not all(x.flags.c_contiguous for x in (input, output, noise)):
        gpu.fill("bernoulli", noise, keep, value)
        arrays.cupy().multiply(input, noise, out=output)
    elif not input.size:
        return
    elif noise.size == input.size:
        grid = blocks(-(-input.nbytes // 16))
        given = input, output, noise, input.size, keep, value, gpu.generator()
        _launch("drop<T>", input.dtype, grid, 256, *given)
    else:
        given = input, output, noise, input.size, *shared, keep, value, gpu.generator()
        _launch("drop_shared<T>", input.dtype, blocks(input.size), 256, *given)


def Dropout_region(input: Any, output: Any, noise: Any, p: float, last: Any = None) -> Any:
    """The side as an array of one element, unless the CPU draws."""
    if not gpu_random.own(current()):
        return dropout.Dropout_region(input, output, noise, p)
    input, (H, W) = contiguous(input), input.shape[-2:]
    region = last if type(last) is type(input) else arrays.cupy().empty(1, "int64")
    given = input, output, noise, region, input.size, H, W, int(H * p), int(W * p), 1 / (1 - p), gpu.generator()
    _launch("drop_region<T>", input.dtype, blocks(input.size), 256, *given)
    return region


def _shared(shape: tuple, noise: tuple) -> tuple[int, int] | None:
    """For how many neighbours one number is, and how many there are; None where it is for others."""
    own = [n for n, size in enumerate(noise) if size != 1] or [0]
    first, last = own[0], own[-1] + 1
    if len(shape) != len(noise) or shape[first:last] != noise[first:last]:
        return None
    return prod(shape[last:]), prod(noise)
