"""Transposes in registers: between planes, in which Torch keeps images, and pixels, in which kernels read them."""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from . import emit, simd
from .emit import INT64
from .jit import inner
from .micro import Address
from .vector import vector_type


def transposer(size: int | None = None):
    """``target[k][j] = source[j][k]`` for j, k < size (default: the lanes of a vector), in registers."""

    @intrinsic
    def transpose(typing, source, source_stride, target, target_stride):
        n = size or vector_type(source).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            at = Address(builder)
            rows = [emit.load(builder, at.move(args[0], args[1], j), n) for j in range(n)]
            for k, column in enumerate(emit.transpose(rows)):
                emit.store(builder, at.move(args[2], args[3], k), column)
            return context.get_dummy_value()

        return types.void(source, i, target, i), generate

    return transpose


def edge_transposer(size: int | None = None):
    """The same where only ``rows`` rows of ``columns`` elements may be read.

    All size x size elements of the target are written: missing rows repeat the last one, missing columns are zero.
    """

    @intrinsic
    def transpose(typing, source, source_stride, rows, columns, target, target_stride):
        n = size or vector_type(source).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            source, source_stride, rows, columns, target, target_stride = args
            at = Address(builder)
            last = builder.sub(rows, ir.Constant(INT64, 1))
            vectors = []
            for j in range(n):
                j = ir.Constant(INT64, j)
                row = builder.select(builder.icmp_signed("<", j, last), j, last)
                vectors.append(emit.load_first(builder, at.move(source, source_stride, row), n, columns))
            for k, column in enumerate(emit.transpose(vectors)):
                emit.store(builder, at.move(target, target_stride, k), column)
            return context.get_dummy_value()

        return types.void(source, i, i, i, target, i), generate

    return transpose


def mover(size: int):
    """Copy ``size`` elements through a register."""

    @intrinsic
    def move(typing, source, target):
        def generate(context, builder, sig, args):
            emit.store(builder, args[1], emit.load(builder, args[0], size))
            return context.get_dummy_value()

        return types.void(source, target), generate

    return move


def _rows(builder: ir.IRBuilder, source, stride, size: int) -> list[emit.Value]:
    at = Address(builder)
    return [emit.load(builder, at.move(source, stride, j), size) for j in range(size)]


def _counts(builder: ir.IRBuilder, size: int, rows: ir.Value, columns: ir.Value) -> list[ir.Value]:
    """``columns`` for each row that exists, 0 for the others."""
    zero = ir.Constant(INT64, 0)
    numbers = [ir.Constant(INT64, j) for j in range(size)]
    return [builder.select(builder.icmp_signed("<", j, rows), columns, zero) for j in numbers]


@intrinsic
def _spread(typing, planes, plane_stride, pixels, table, scale):
    """pixels[table[k] * scale + j] = planes[j][k] for a full square."""
    lanes = vector_type(planes).lanes
    i = types.int64

    def generate(context, builder, sig, args):
        planes, plane_stride, pixels, table, scale = args
        at = Address(builder)
        for k, pixel in enumerate(emit.transpose(_rows(builder, planes, plane_stride, lanes))):
            place = builder.load(at.move(table, k))
            emit.store(builder, at.move(pixels, place, scale), pixel)
        return context.get_dummy_value()

    return types.void(planes, i, pixels, table, i), generate


@intrinsic
def _spread_edge(typing, planes, plane_stride, pixels, table, scale, channels, count):
    """The same for ``channels`` planes and ``count`` pixels, fewer than a vector has lanes or more."""
    lanes = vector_type(planes).lanes
    i = types.int64

    def generate(context, builder, sig, args):
        planes, plane_stride, pixels, table, scale, channels, count = args
        at = Address(builder)
        places = [at.move(planes, plane_stride, j) for j in range(lanes)]
        seen = _counts(builder, lanes, channels, count)
        rows = [emit.load_first(builder, place, lanes, n) for place, n in zip(places, seen)]
        written = _counts(builder, lanes, count, channels)
        for k, (pixel, n) in enumerate(zip(emit.transpose(rows), written)):
            place = builder.load(at.move(table, k))
            emit.store_first(builder, at.move(pixels, place, scale), pixel, n)
        return context.get_dummy_value()

    return types.void(planes, i, pixels, table, i, i, i), generate


@intrinsic
def _collect_edge(typing, pixels, pixel_stride, planes, plane_stride, channels, count):
    """planes[j][k] = pixels[k][j] for j < channels, k < count; the whole square of pixels is read."""
    lanes = vector_type(planes).lanes
    i = types.int64

    def generate(context, builder, sig, args):
        pixels, pixel_stride, planes, plane_stride, channels, count = args
        at = Address(builder)
        columns = emit.transpose(_rows(builder, pixels, pixel_stride, lanes))
        for j, (plane, n) in enumerate(zip(columns, _counts(builder, lanes, channels, count))):
            emit.store_first(builder, at.move(planes, plane_stride, j), plane, n)
        return context.get_dummy_value()

    return types.void(pixels, i, planes, i, i, i), generate


_collect = transposer()


@inner
def to_pixels(planes, plane_stride, channels, count, pixels, table, scale):
    """pixels[table[k] * scale + j] = planes[j][k] for j < channels, k < count; the table goes on a vector's length."""
    lanes = simd.lanes(planes)
    for j in range(0, channels, lanes):
        plane, target = simd.at(planes, j * plane_stride), simd.at(pixels, j)
        few = channels - j if channels - j <= 4 < lanes else 0
        for q in range(few):
            for k in range(count):
                simd.put(target, simd.get(table, k) * scale + q, simd.get(plane, q * plane_stride + k))
        for k in range(0, 0 if few else count, lanes):
            if j + lanes <= channels and k + lanes <= count:
                _spread(simd.at(plane, k), plane_stride, target, simd.at(table, k), scale)
            else:
                _spread_edge(simd.at(plane, k), plane_stride, target, simd.at(table, k), scale, channels - j, count - k)


@inner
def to_planes(pixels, pixel_stride, channels, count, planes, plane_stride):
    """planes[j][k] = pixels[k][j] for j < channels, k < count; pixels may be read a vector's length beyond the last."""
    lanes = simd.lanes(planes)
    for j in range(0, channels, lanes):
        for k in range(0, count, lanes):
            source, target = simd.at(pixels, k * pixel_stride + j), simd.at(planes, j * plane_stride + k)
            if j + lanes <= channels and k + lanes <= count:
                _collect(source, pixel_stride, target, plane_stride)
            else:
                _collect_edge(source, pixel_stride, target, plane_stride, channels - j, count - k)


@inner
def clear(x, count):
    """Zero ``count`` elements."""
    lanes = simd.lanes(x)
    for i in range(0, count, lanes):
        simd.store_first(x, i, simd.splat(x, 0), count - i)
