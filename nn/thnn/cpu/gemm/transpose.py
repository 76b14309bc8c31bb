"""Transposes in registers: between planes, in which Torch keeps images, and pixels, in which kernels read them."""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..runtime.jit import compact, inner
from ..runtime.workspace import LINE
from ..simd import llvm
from ..simd import registers as simd
from ..simd.llvm import INT64
from ..simd.vector import vector_type
from .microkernel import Address


def transposer(size: int | None = None):
    """``target[k][j] = source[j][k]`` for j, k < size (default: the lanes of a vector), in registers."""

    @intrinsic
    def transpose(typing, source, source_stride, target, target_stride):
        n = size or vector_type(source).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            at = Address(builder)
            rows = [llvm.load(builder, at.move(args[0], args[1], j), n) for j in range(n)]
            for k, column in enumerate(llvm.transpose(rows)):
                llvm.store(builder, at.move(args[2], args[3], k), column)
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
                vectors.append(llvm.load_first(builder, at.move(source, source_stride, row), n, columns))
            for k, column in enumerate(llvm.transpose(vectors)):
                llvm.store(builder, at.move(target, target_stride, k), column)
            return context.get_dummy_value()

        return types.void(source, i, i, i, target, i), generate

    return transpose


def mover(size: int):
    """Copy ``size`` elements through a register."""

    @intrinsic
    def move(typing, source, target):
        def generate(context, builder, sig, args):
            llvm.store(builder, args[1], llvm.load(builder, args[0], size))
            return context.get_dummy_value()

        return types.void(source, target), generate

    return move


def _rows(builder: ir.IRBuilder, source, stride, count: int, size: int) -> list[llvm.Value]:
    at = Address(builder)
    return [llvm.load(builder, at.move(source, stride, j), size) for j in range(count)]


def _existing(builder: ir.IRBuilder, size: int, rows: ir.Value, columns: ir.Value) -> list[tuple]:
    """Number and length of each row: a row beyond the end is read as the last one, with length 0.

    Masked instructions whose address is not mapped are slow even where they do nothing.
    """
    zero, last = ir.Constant(INT64, 0), builder.sub(rows, ir.Constant(INT64, 1))
    found = []
    for j in range(size):
        j = ir.Constant(INT64, j)
        exists = builder.icmp_signed("<", j, rows)
        found.append((builder.select(exists, j, last), builder.select(exists, columns, zero)))
    return found


@intrinsic
def _spread(typing, planes, plane_stride, pixels, table, scale):
    """pixels[table[k] * scale + j] = planes[j][k] for a full square."""
    lanes = vector_type(planes).lanes
    i = types.int64

    def generate(context, builder, sig, args):
        planes, plane_stride, pixels, table, scale = args
        at = Address(builder)
        for k, pixel in enumerate(llvm.transpose(_rows(builder, planes, plane_stride, lanes, lanes))):
            place = builder.load(at.move(table, k))
            llvm.store(builder, at.move(pixels, place, scale), pixel)
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
        seen = _existing(builder, lanes, channels, count)
        rows = [llvm.load_first(builder, at.move(planes, plane_stride, j), lanes, n) for j, n in seen]
        written = _existing(builder, lanes, count, channels)
        for pixel, (k, n) in zip(llvm.transpose(rows), written):
            place = builder.load(at.move(table, k))
            llvm.store_first(builder, at.move(pixels, place, scale), pixel, n)
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
        columns = llvm.transpose(_rows(builder, pixels, pixel_stride, lanes, lanes))
        for plane, (j, n) in zip(columns, _existing(builder, lanes, channels, count)):
            llvm.store_first(builder, at.move(planes, plane_stride, j), plane, n)
        return context.get_dummy_value()

    return types.void(pixels, i, planes, i, i, i), generate


_collect = transposer()


def _interleaver(channels: int):
    """pixels[k * channels + j] = planes[j][k] for a vector of pixels."""

    @intrinsic
    def interleave(typing, planes, plane_stride, pixels):
        lanes = vector_type(planes).lanes

        def generate(context, builder, sig, args):
            planes, plane_stride, pixels = args
            rows = _rows(builder, planes, plane_stride, channels, lanes)
            for v in range(channels):
                places = [divmod(v * lanes + i, channels) for i in range(lanes)]
                row = rows[0].take([k for k, _ in places])
                for c in range(1, channels):
                    row = row.take([lanes + k if j == c else i for i, (k, j) in enumerate(places)], rows[c])
                llvm.store(builder, builder.gep(pixels, [ir.Constant(INT64, v * lanes)]), row)
            return context.get_dummy_value()

        return types.void(planes, types.int64, pixels), generate

    return interleave


_interleave1, _interleave2, _interleave3, _interleave4 = (_interleaver(n) for n in (1, 2, 3, 4))

#: Planes that are multiples of so many bytes apart share few sets of the first cache; each line should be read once.
CONTENDING = 2048


@intrinsic
def _before_line(typing, planes, plane_stride):
    """Elements before the first cache line that begins in a plane, where planes lie so that their lines contend."""
    size = planes.dtype.bitwidth // 8

    def generate(context, builder, sig, args):
        planes, plane_stride = args
        bytes_before = builder.and_(builder.neg(builder.ptrtoint(planes, INT64)), ir.Constant(INT64, LINE - 1))
        before = builder.udiv(bytes_before, ir.Constant(INT64, size))
        apart = builder.and_(plane_stride, ir.Constant(INT64, CONTENDING // size - 1))
        zero = ir.Constant(INT64, 0)
        return builder.select(builder.icmp_signed("==", apart, zero), before, zero)

    return types.int64(planes, types.int64), generate


@inner
@compact
def _few_to_pixels(planes, plane_stride, channels, count, pixels, table, scale):
    """The same for at most 4 channels: pixels side by side as vectors, others one by one."""
    lanes = simd.lanes(planes)
    k = 0
    while k < count:
        place = simd.get(table, k)
        target, source = simd.at(pixels, place * scale), simd.at(planes, k)
        together = k + lanes <= count and simd.get(table, k + lanes - 1) == place + lanes - 1
        if not together or channels < scale:
            for j in range(channels):
                simd.put(target, j, simd.get(source, j * plane_stride))
            k += 1
            continue
        if channels == 1:
            _interleave1(source, plane_stride, target)
        elif channels == 2:
            _interleave2(source, plane_stride, target)
        elif channels == 3:
            _interleave3(source, plane_stride, target)
        else:
            _interleave4(source, plane_stride, target)
        k += lanes


@inner
@compact
def to_channels_last(planes, plane_stride, channels, count, pixels, table, scale):
    """pixels[table[k] * scale + j] = planes[j][k] for j < channels, k < count, the table ascending.

    The table goes on for a vector's length.
    """
    lanes = simd.lanes(planes)
    head = min(count, _before_line(planes, plane_stride) % lanes)
    for j in range(0, channels, lanes):
        plane, target = simd.at(planes, j * plane_stride), simd.at(pixels, j)
        if channels - j <= 4 < lanes:
            _few_to_pixels(plane, plane_stride, channels - j, count, target, table, scale)
            return
        k, n = 0, head or lanes
        while k < count:
            n = min(n, count - k)
            if n == lanes and j + lanes <= channels:
                _spread(simd.at(plane, k), plane_stride, target, simd.at(table, k), scale)
            else:
                _spread_edge(simd.at(plane, k), plane_stride, target, simd.at(table, k), scale, channels - j, n)
            k, n = k + n, lanes


@inner
@compact
def to_channels_first(pixels, pixel_stride, channels, count, planes, plane_stride):
    """planes[j][k] = pixels[k][j] for j < channels, k < count; pixels may be read a vector's length beyond the last."""
    lanes = simd.lanes(planes)
    head = min(count, _before_line(planes, plane_stride) % lanes)
    for j in range(0, channels, lanes):
        k, n = 0, head or lanes
        while k < count:
            n = min(n, count - k)
            source, target = simd.at(pixels, k * pixel_stride + j), simd.at(planes, j * plane_stride + k)
            if n == lanes and j + lanes <= channels:
                _collect(source, pixel_stride, target, plane_stride)
            else:
                _collect_edge(source, pixel_stride, target, plane_stride, channels - j, n)
            k, n = k + n, lanes


@inner
def clear(x, count):
    """Zero ``count`` elements."""
    lanes = simd.lanes(x)
    for i in range(0, count, lanes):
        simd.store_first(x, i, simd.splat(x, 0), count - i)
