"""What travels to the body of a parallel region, and that every part of every turn runs once, in order."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import pytest

from nn.thnn.cpu.runtime import frame
from nn.thnn.cpu.runtime.frame import Layout
from nn.thnn.cpu.runtime.parallel import parallel_region, supersteps
from nn.thnn.cpu.runtime.partition import Ranged, aligned, bound, ceil_div, ranged
from nn.thnn.cpu.runtime.records import Float, Int, Pointer, Table, reader, words
from nn.thnn.cpu.runtime.workspace import LIMIT, Workspace
from nn.thnn.cpu.simd import registers as simd


class Source(NamedTuple):
    """What is read."""

    x: Pointer
    factor: Int
    flag: Int
    table: Table


@parallel_region
def _echo(out: Pointer, source: Source, f: Float, part, parts):
    value = simd.get(source.x, 1) * source.factor * source.flag + f
    simd.put(out, part, value + simd.get(source.table, part))


@parallel_region
def _has(x: Pointer, y: Pointer, n: Int, part, parts):
    simd.put(x, 0, 1.0 if n == 7 else 0.0)


@supersteps
def _count(out: Pointer, n: Int, turn, part, parts):
    simd.put(out, part, simd.get(out, part) * n + turn)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("parts", [1, 3])
def test_arrays_integers_flags_and_floats_arrive(dtype, parts):
    out, table = np.zeros(3, dtype), np.array([10, 20, 30])
    for x in (np.arange(4, dtype=dtype), np.arange(4, dtype=dtype).reshape(2, 2), np.arange(8, dtype=dtype)[::2]):
        out[:] = -1
        _echo(parts, out, Source(np.ascontiguousarray(x), 5, True, table), 0.25)
        assert out[:parts].tolist() == [5 * x.reshape(-1)[1] + 0.25 + t for t in table[:parts]]
        assert (out[parts:] == -1).all()


def test_a_strided_array_travels_as_its_address():
    out, x = np.zeros(1, np.float32), np.arange(12, dtype=np.float32).reshape(3, 4)[:, 1:]
    _echo(1, out, Source(x, 1, True, np.zeros(1, np.int64)), np.float32(0.5))
    assert out[0] == 2.5


def test_frames_hold_the_words_of_values_however_they_are_made(monkeypatch):
    layout = Layout([Pointer, Pointer, Table, Int, Int, Int, Float, Float])
    x, table = np.zeros((2, 3), np.float32)[:, 1:], np.arange(3)
    values = x, None, table, -(2**62), np.int32(-7), True, 2.5, 3
    expected = words((*values[:-1], 3.0)).tolist()
    assert layout.frame(values).tolist() == expected
    assert frame._filler() is not None, "the fast way is not taken"
    monkeypatch.setattr(frame, "_filler", lambda: None)
    assert layout.frame(values).tolist() == expected


def test_frames_of_unusual_values():
    class Own(np.ndarray):
        pass

    layout, x = Layout([Pointer, Int]), np.zeros(3)
    expected = [x.ctypes.data, 1]
    for values in ((x.view(Own), 1), (x, np.bool_(True)), (x, np.uint8(1))):
        assert layout.frame(values).tolist() == expected
    for wrong in ((2.5, 1), ([0.0], 1), (x, "one")):
        with pytest.raises((TypeError, ValueError)):
            layout.frame(wrong)


def test_an_array_may_be_missing():
    x = np.zeros(1)
    _has(1, x, None, 7)
    assert x[0] == 1


def test_a_call_is_kept_and_changed():
    out, x, y, table = np.zeros(2), np.arange(3.0), np.full(3, 4.0), np.zeros(2, np.int64)
    call = _echo.bind(out.dtype, out, Source(x, 2, True, table), 0.5)
    call()
    assert out.tolist() == [2.5, 0]
    call.point(x=y, factor=3)
    call(2)
    assert out.tolist() == [12.5, 12.5]


def test_no_part_begins_a_turn_before_all_ended_the_last():
    for parts in (1, 3):
        out = np.zeros(parts)
        _count(parts, out, 10, turns=4)
        assert out.tolist() == [123] * parts


def test_rows_of_a_table_are_read_as_records():
    class Pair(NamedTuple):
        a: Int
        x: Pointer
        b: Float

    pair_at = reader(Pair)

    @numba.njit
    def second(table, row, like):
        pair = pair_at(simd.at(table, 0), row, simd.at(like, 0))
        return pair.a, simd.get(pair.x, 2), pair.b

    x = np.arange(3, dtype=np.float32)
    table = np.concatenate([words(Pair(1, None, 0.5)), words(Pair(-7, x, 2.25))])
    assert second(table, 1, x) == (-7, 2.0, 2.25)


@ranged
def _squares(low, high, x, y):
    for i in range(low, high):
        y[i] = x[i] * x[i]


@pytest.mark.parametrize("nanoseconds", [0, 1e9])
@pytest.mark.parametrize("count", [0, 1, 2, 1001])
def test_a_ranged_kernel_meets_every_element_once(nanoseconds, count):
    x, y = np.arange(1001.0), np.full(1001, -1.0)
    assert isinstance(_squares, Ranged)
    _squares(count, nanoseconds, x, y)
    assert np.array_equal(y[:count], x[:count] ** 2) and (y[count:] == -1).all()


@pytest.mark.parametrize("n", [0, 1, 7, 64, 65, 1000])
@pytest.mark.parametrize("parts", [1, 2, 5])
def test_parts_follow_one_another(n, parts):
    for unit in (1, 16):
        cuts = [bound(n, part, parts, unit) for part in range(parts + 1)]
        assert cuts[0] == 0 and cuts[-1] == n and cuts == sorted(cuts)
        assert all(cut % unit == 0 or cut == n for cut in cuts)
    assert ceil_div(n, 7) == -(-n // 7) and aligned(n) % 64 == 0 and 0 <= aligned(n) - n < 64


def test_scratch_is_kept_by_label_and_bounded_in_all():
    space, kind = Workspace(), np.dtype(np.uint8)
    x = space.take("a", kind, 1000)
    assert x.size == 1000 and x.ctypes.data % 64 == 0
    assert np.shares_memory(space.take("a", np.dtype(np.float64), 10), x)
    for n in range(8):
        space.take(f"b{n}", kind, LIMIT // 4)
        assert sum(b.size for b in space.buffers.values()) <= LIMIT
    assert "a" not in space.buffers and "b7" in space.buffers
    assert space.take("huge", kind, LIMIT + 1).size == LIMIT + 1 and "huge" not in space.buffers
