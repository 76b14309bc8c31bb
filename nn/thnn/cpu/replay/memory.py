"""The memory of a program: its plan, an array of words, and the kernel that runs it.

A plan begins with how many rows each of its tables has and where it begins; then come the tables:

- watched arrays and slots, rows of ``RECORD`` words: what is to be found in NumPy's structure of an array;
- ranges of memory that no slot may overlap;
- moves: a word that holds an address in a slot, the slot, and the offset in it;
- entries: the address of a trampoline and its three arguments, and which expected results belong to it;
- expected results: where one is, and what it must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..runtime.jit import inner, kernel
from ..runtime.parallel import alone, launch
from .trampoline import INT64, WORDS, NotReplayable

#: Kernels that take a frame.
REGIONS = alone, launch
#: Words of a record: the array (a slot: its type), address or bytes, dimensions, flags, element type, then the sizes;
#: the last ones are the array in a slot in this run, and where its elements are.
RECORD, SIZES, MOST, ARRAY, NOW = 16, 5, 6, 11, 12
#: Words of NumPy's structure of an array: its type, the address of the elements, the number of dimensions (an int),
#: their sizes, the element type, the flags (an int).
TYPE, DATA, DIMENSIONS, SHAPE, ELEMENT, FLAGS = 1, 2, 3, 4, 7, 8
#: C-contiguous, aligned, writeable.
PLAIN = 0x1 | 0x100 | 0x400
HALF = 0xFFFFFFFF
WATCHED, SLOTS, RANGES, MOVES, ENTRIES, EXPECTED = range(0, 12, 2)


@intrinsic
def peek(typing, address, n):
    """Word ``n`` of the memory at an address."""

    def generate(context, builder, sig, args):
        return builder.load(builder.gep(builder.inttoptr(args[0], WORDS), [args[1]]))

    return types.int64(types.int64, types.int64), generate


@intrinsic
def _poke(typing, address, value):
    def generate(context, builder, sig, args):
        builder.store(args[1], builder.inttoptr(args[0], WORDS))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def _call(typing, trampoline, code, words, results):
    def generate(context, builder, sig, args):
        kind = ir.FunctionType(INT64, [INT64, WORDS, WORDS])
        function = builder.inttoptr(args[0], kind.as_pointer())
        return builder.call(function, [args[1], *(builder.inttoptr(x, WORDS) for x in args[2:])])

    return types.int64(*[types.int64] * 4), generate


@inner
def _fits(plan, row, array):
    """Whether NumPy's structure of an array has the sizes, flags and element type of a record."""
    if peek(array, DIMENSIONS) & HALF != plan[row + 2] or peek(array, FLAGS) & PLAIN != plan[row + 3]:
        return False
    if peek(array, ELEMENT) != plan[row + 4]:
        return False
    shape, same = peek(array, SHAPE), True
    for k in range(plan[row + 2]):
        same &= peek(shape, k) == plan[row + SIZES + k]
    return same


@inner
def _ready(plan):
    """Whether watched arrays and slots are fit; notes where the slots are."""
    for k in range(plan[WATCHED]):
        row = plan[WATCHED + 1] + k * RECORD
        if peek(plan[row], DATA) != plan[row + 1] or not _fits(plan, row, plan[row]):
            return False
    for k in range(plan[SLOTS]):
        row = plan[SLOTS + 1] + k * RECORD
        array = plan[row + ARRAY]
        if peek(array, TYPE) != plan[row] or not _fits(plan, row, array):
            return False
        low = peek(array, DATA)
        plan[row + NOW] = low
        for n in range(plan[RANGES]):
            at = plan[RANGES + 1] + 2 * n
            if low < plan[at + 1] and plan[at] < low + plan[row + 1]:
                return False
        for n in range(plan[SLOTS + 1], row, RECORD):
            if low < plan[n + NOW] + plan[n + 1] and plan[n + NOW] < low + plan[row + 1]:
                return False
    return True


@kernel
def replay_all(plan):
    """Run a plan on the arrays that its slots name: 0, 1 for unfit ones, 2 if it stopped."""
    if not _ready(plan):
        return 1
    for k in range(plan[MOVES]):
        at = plan[MOVES + 1] + 3 * k
        _poke(plan[at], plan[plan[SLOTS + 1] + plan[at + 1] * RECORD + NOW] + plan[at + 2])
    for k in range(plan[ENTRIES]):
        at = plan[ENTRIES + 1] + 6 * k
        if _call(plan[at], plan[at + 1], plan[at + 2], plan[at + 3]) != 0:
            return 2
        for n in range(plan[at + 5], plan[at + 5] + plan[at + 4]):
            to = plan[EXPECTED + 1] + 2 * n
            if peek(plan[to], 0) != plan[to + 1]:
                return 2
    return 0


@kernel
def replay(plan, first, second):
    """Run a plan on the arrays of at most two slots, objects at these addresses: as :func:`replay_all`."""
    if plan[SLOTS] > 0:
        plan[plan[SLOTS + 1] + ARRAY] = first
    if plan[SLOTS] > 1:
        plan[plan[SLOTS + 1] + RECORD + ARRAY] = second
    return replay_all(plan)


@kernel
def _peeked(address, n):
    return peek(address, n)


def _probe() -> bool:
    """Whether NumPy lays arrays out as this module takes it."""
    x = np.zeros((3, 5), np.float32)
    found = [_peeked(id(x), n) for n in (TYPE, DATA, ELEMENT)]
    if found != [id(np.ndarray), x.ctypes.data, id(x.dtype)] or _peeked(id(x), DIMENSIONS) & HALF != 2:
        return False
    shape = _peeked(id(x), SHAPE)
    return [_peeked(shape, n) for n in (0, 1)] == [3, 5] and _peeked(id(x), FLAGS) & PLAIN == PLAIN


AVAILABLE = _probe()


def _record(x: np.ndarray, first: int, second: int) -> list[int]:
    if type(x) is not np.ndarray or x.ndim > MOST or not x.flags.behaved:
        raise NotReplayable("an array that kernels do not take as it is")
    sizes = [*x.shape, *[0] * (RECORD - SIZES - x.ndim)]
    return [first, second, x.ndim, x.flags.num & PLAIN, id(x.dtype), *sizes]


def watch(x: np.ndarray) -> list[int]:
    """The record of a watched array, perhaps a slice of another one."""
    return _record(x, id(x), x.ctypes.data)


def slot(x: np.ndarray) -> list[int]:
    """The record of a slot."""
    if not x.flags.c_contiguous:
        raise NotReplayable("an argument whose elements are not one after the other")
    return _record(x, id(np.ndarray), x.nbytes)


def laid(watched: list, slots: list, ranges: list, moves: list, entries: list, expected: list) -> np.ndarray:
    """The plan of such tables."""
    head, body = [], []
    for table in (watched, slots, ranges, moves, entries, expected):
        head += [len(table), 12 + len(body)]
        body += [word for row in table for word in row]
    return np.array(head + body, np.int64)


def bounds(x: np.ndarray) -> tuple[int, int]:
    """Where the memory of an array begins and ends."""
    return np.lib.array_utils.byte_bounds(x)


def arrays_in(arguments: Any) -> Iterator[np.ndarray]:
    """The arrays in tuples of tuples."""
    for x in arguments:
        if isinstance(x, np.ndarray):
            yield x
        elif isinstance(x, tuple):
            yield from arrays_in(x)
