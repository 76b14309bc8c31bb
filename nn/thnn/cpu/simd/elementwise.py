"""Kernels of every element, made from the formula of one.

A formula takes :mod:`registers` vectors, the elements of so many arrays at one place, and then numbers::

    @elementwise(0.2, inputs=2)
    def LeakyReLU_updateGradInput(x, dy, slope):
        return simd.select(x > 0, dy, slope * dy)

    LeakyReLU_updateGradInput(input, gradOutput, gradInput, slope)      # inputs, output, numbers

    @reduction(0.2, inputs=2)
    def MSECriterion_updateOutput(x, t):
        return (x - t) * (x - t)

    MSECriterion_updateOutput(input, target)                            # the sum over all elements

The first argument of the decorators is the work for one element in nanoseconds. Arrays are C-contiguous, of one size
and one dtype; the output may be one of the inputs. Little work is done by the caller in one compiled call, more in a
parallel region.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..runtime.frame import Layout
from ..runtime.jit import instance, kernel, part
from ..runtime.parallel import Region
from ..runtime.partition import LAUNCH, SUM_PARTS, bound
from ..runtime.records import Float, Int, Pointer
from ..runtime.workspace import take
from . import llvm
from . import registers as simd
from .sums import sequential_sum
from .vector import pointer, vector_type

#: What the templates below name; every instance has its own.
formula = loop = written = None

#: In a step that is recorded threads are worth this part of the work that they are worth elsewhere: when it runs again
#: they are awake, and have what they write in their caches for the kernel behind it.
AWAKE = 4
#: Arrays of more bytes than this, together, leave nothing in the caches: their output is written past them.
CACHES = 32 << 20


def elementwise(nanoseconds: float, inputs: int = 1) -> Callable[[Callable], Elementwise]:
    """Decorator: the kernel that writes the formula's values to the output."""
    return lambda formula: Elementwise(formula, nanoseconds, inputs)


def reduction(nanoseconds: float, inputs: int = 1) -> Callable[[Callable], Reduction]:
    """Decorator: the kernel that returns the sum of the formula's values."""
    return lambda formula: Reduction(formula, nanoseconds, inputs)


class Elementwise:
    """A kernel of inputs, output and numbers."""

    def __init__(self, formula: Callable, nanoseconds: float, inputs: int) -> None:
        functools.update_wrapper(self, formula)
        self.inputs = inputs
        self.limit = LAUNCH / nanoseconds
        names = _names(formula, inputs)
        names["loop"] = part(instance(_map_loop, formula, names))
        self.alone = kernel(instance(_map_alone, formula, names))
        self.region = Region(instance(_map_part, formula, names), (Int, Int, _arguments(formula, inputs, 1)))

    def __call__(self, *arguments: Any) -> None:
        output = arguments[self.inputs]
        if output.size < (self.limit if Layout.note is None else self.limit / AWAKE):
            self.alone(*arguments)
        else:
            past = output.nbytes * (self.inputs + 1) > CACHES
            self.region(numba.get_num_threads(), output.size, past, *_floats(arguments))


def _map_loop(first, last, past, arguments):
    """Elements first ... last - 1; full vectors go to whole lines of the cache."""
    output = arguments[written]
    width = simd.lanes(output)
    start = min(last, first + _misfit(output, first))
    end = last - (last - start) % width
    if start > first:
        simd.store_first(output, first, formula(*_few(arguments, written, first, start - first)), start - first)
    if past:
        for i in range(start, end, width):
            _store_past(output, i, formula(*_vectors(arguments, written, i)))
        _fence()
    else:
        for i in range(start, end, width):
            simd.store(output, i, formula(*_vectors(arguments, written, i)))
    if end < last:
        simd.store_first(output, end, formula(*_few(arguments, written, end, last - end)), last - end)


def _map_alone(*arguments):
    loop(0, arguments[0].size, False, _addresses(arguments))


def _map_part(n, past, arguments, part, parts):
    loop(bound(n, part, parts, 1024), bound(n, part + 1, parts, 1024), past != 0, arguments)


class Reduction:
    """A kernel of inputs and numbers."""

    def __init__(self, formula: Callable, nanoseconds: float, inputs: int) -> None:
        functools.update_wrapper(self, formula)
        self.limit = LAUNCH / nanoseconds
        names = _names(formula, -1)
        names["loop"] = part(instance(_sum_loop, formula, names))
        self.alone = kernel(instance(_sum_alone, formula, names))
        self.region = Region(instance(_sum_part, formula, names), (Int, Pointer, _arguments(formula, inputs, 0)))

    def __call__(self, *arguments: Any) -> float:
        x = arguments[0]
        if x.size < self.limit:
            return self.alone(*arguments)
        sums = take("sums", x.dtype, SUM_PARTS)
        self.region(numba.get_num_threads(), x.size, sums, *_floats(arguments))
        return sequential_sum(sums)


def _sum_loop(first, last, arguments):
    x = arguments[0]
    width = simd.lanes(x)
    end = last - (last - first) % width
    sums = simd.splat(x, 0)
    for i in range(first, end, width):
        sums += formula(*_vectors(arguments, written, i))
    if end < last:
        v = formula(*_few(arguments, written, end, last - end))
        sums += simd.select(simd.steps(x, 0) < last - end, v, simd.splat(x, 0))
    return simd.total(sums)


def _sum_alone(*arguments):
    return np.float64(loop(0, arguments[0].size, _addresses(arguments)))


def _sum_part(n, sums, arguments, part, parts):
    """Fixed parts, whatever the number of threads."""
    for k in range(SUM_PARTS * part // parts, SUM_PARTS * (part + 1) // parts):
        sums[k] = loop(bound(n, k, SUM_PARTS, 1024), bound(n, k + 1, SUM_PARTS, 1024), arguments)


def tiled(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The weights of the columns for every row of ``x``, until the next call."""
    rows = take("weights", x.dtype, x.size)
    rows.reshape(-1, weights.size)[...] = weights
    return rows


def _floats(arguments: tuple) -> list:
    """The numbers as floats."""
    return [x if isinstance(x, np.ndarray) else float(x) for x in arguments]


def _names(formula: Callable, written: int) -> dict[str, Any]:
    """What an instance's text refers to."""
    return {"formula": part(formula), "written": written}


def _arguments(formula: Callable, inputs: int, outputs: int) -> tuple:
    """What a formula's arguments are in a frame: arrays, then numbers."""
    return (Pointer,) * (inputs + outputs) + (Float,) * (formula.__code__.co_argcount - inputs)


def _loads(arguments, written, extra, load):
    """Typing and code of an intrinsic: vectors for the arrays of a tuple, but for the one that is written."""
    if not isinstance(written, types.IntegerLiteral):
        return None
    sources = [(n, x) for n, x in enumerate(arguments.types) if n != written.literal_value]
    arrays = types.Array | types.CPointer
    result = types.Tuple([vector_type(x) if isinstance(x, arrays) else x for _, x in sources])

    def generate(context, builder, sig, args):
        values = []
        for (n, source), kind in zip(sources, result.types):
            value = builder.extract_value(args[0], n)
            if isinstance(source, arrays):
                value = load(builder, pointer(context, builder, source, value, args[2]), kind.lanes, *args[3:]).ir
            values.append(value)
        return context.make_tuple(builder, result, values)

    return result(arguments, written, *extra), generate


@intrinsic
def _addresses(typing, arguments):
    """The same with the addresses of arrays, whose dimensions do not matter: one loop is compiled for all."""
    kinds = [types.CPointer(x.dtype) if isinstance(x, types.Array) else types.unliteral(x) for x in arguments.types]
    result = types.Tuple(kinds)

    def generate(context, builder, sig, args):
        values = []
        for n, (given, kind) in enumerate(zip(arguments.types, kinds)):
            x = builder.extract_value(args[0], n)
            first = ir.Constant(llvm.INT64, 0)
            values.append(pointer(context, builder, given, x, first) if given != kind else x)
        return context.make_tuple(builder, result, values)

    return result(arguments), generate


@intrinsic
def _vectors(typing, arguments, written, i):
    return _loads(arguments, written, (types.int64,), llvm.load)


@intrinsic
def _few(typing, arguments, written, i, n):
    return _loads(arguments, written, (types.int64, types.int64), llvm.load_first)


@intrinsic
def _misfit(typing, memory, i):
    """Elements from element i to the next one whose address is a multiple of a vector's size."""
    vector = vector_type(memory)
    size = memory.dtype.bitwidth // 8

    def generate(context, builder, sig, args):
        address = builder.ptrtoint(pointer(context, builder, memory, *args), llvm.INT64)
        over = builder.and_(builder.neg(address), ir.Constant(llvm.INT64, vector.lanes * size - 1))
        return builder.udiv(over, ir.Constant(llvm.INT64, size))

    return types.int64(memory, types.int64), generate


@intrinsic
def _store_past(typing, memory, i, value):
    """Write a vector, at a multiple of its size, to memory without keeping it in the caches."""

    def generate(context, builder, sig, args):
        address = builder.bitcast(pointer(context, builder, memory, *args[:2]), args[2].type.as_pointer())
        written = builder.store(args[2], address, align=value.lanes * memory.dtype.bitwidth // 8)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(memory, types.int64, value), generate


@intrinsic
def _fence(typing):
    """What was written past the caches is seen by other threads before what is written later."""

    def generate(context, builder, sig, args):
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate
