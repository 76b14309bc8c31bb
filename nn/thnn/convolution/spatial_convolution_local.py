"""Convolution of planes with a kernel for every output pixel: at each pixel a product of matrices over the batch.

The patches that a pixel sees are gathered as [image][input plane, row, column]. With the pixel's weight as a matrix
[output plane][input plane, row, column] and the pixel's gradOutput as [image][output plane],

    output = patches weight^T        gradient of patches = gradOutput weight        gradWeight += gradOutput^T patches
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..cpu.gemm.gemm import KC, MC, PANELS, product_range
from ..cpu.gemm.microkernel import COLUMNS, ROWS
from ..cpu.gemm.transpose import clear
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound, threads
from ..cpu.runtime.workspace import scratch
from ..cpu.simd import registers as simd

Pair = tuple[int, int]

#: Elements of the patches that are gathered at a time.
GATHERED = 64 << 10


@inner
def _multiply(a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, work):
    """C = alpha op(A) op(B), added to C where asked."""
    product_range(a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, c, 0, work)


@inner
def _dots(w, patch, planes, taps, tile):
    """tile[o] = w[o] . patch, for a single image"""
    lanes = simd.lanes(w)
    for o in range(planes):
        total = simd.splat(w, 0)
        for k in range(0, taps, lanes):
            v = simd.load_first(w, o * taps + k, taps - k)
            total = simd.fma(v, simd.load_first(patch, k, taps - k), total)
        simd.put(tile, o, simd.total(total))


@inner
def _add_multiple(source, factor, count, target):
    """target += factor * source"""
    for k in range(0, count, simd.lanes(source)):
        v = simd.fma(simd.load_first(source, k, count - k), factor, simd.load_first(target, k, count - k))
        simd.store_first(target, k, v, count - k)


@inner
def _region(sizes, pixel):
    """Top and left of what a pixel sees, and which columns of that are inside of the image."""
    top = pixel // simd.get(sizes, 9) * simd.get(sizes, 5) - simd.get(sizes, 7)
    left = pixel % simd.get(sizes, 9) * simd.get(sizes, 6) - simd.get(sizes, 8)
    return top, left, max(0, -left), min(simd.get(sizes, 4), simd.get(sizes, 2) - left)


@inner
def _take(x, sizes, pixel, patch):
    """patch[i][a][b] = x[i][top + a][left + b], zero outside of x"""
    height, width, kH, kW = simd.get(sizes, 1), simd.get(sizes, 2), simd.get(sizes, 3), simd.get(sizes, 4)
    top, left, first, last = _region(sizes, pixel)
    for row in range(simd.get(sizes, 0) * kH):
        i, y, target = row // kH, top + row % kH, simd.at(patch, row * kW)
        inside = y >= 0 and y < height
        if first > 0 or last < kW or not inside:
            clear(target, kW)
        if inside:
            source = simd.at(x, (i * height + y) * width + left)
            for b in range(first, last, simd.lanes(x)):
                simd.store_first(target, b, simd.load_first(source, b, last - b), last - b)


@inner
def _give(patch, sizes, pixel, x):
    """x[i][top + a][left + b] += patch[i][a][b], inside of x"""
    height, width, kH, kW = simd.get(sizes, 1), simd.get(sizes, 2), simd.get(sizes, 3), simd.get(sizes, 4)
    top, left, first, last = _region(sizes, pixel)
    for row in range(simd.get(sizes, 0) * kH):
        i, y, source = row // kH, top + row % kH, simd.at(patch, row * kW)
        if y >= 0 and y < height:
            target = simd.at(x, (i * height + y) * width + left)
            for b in range(first, last, simd.lanes(x)):
                v = simd.load_first(target, b, last - b) + simd.load_first(source, b, last - b)
                simd.store_first(target, b, v, last - b)


@inner
def _column(dy, count, planes, pixels, tile):
    """tile[n][o] = dy[n][o][0]"""
    for i in range(count * planes):
        simd.put(tile, i, simd.get(dy, i * pixels))


@team
def _forward(frame, like, part, parts):
    """The outputs of some pixels."""
    args = unpack(frame, like, "piitpppiiiiipi")
    x, images, image, sizes, y, weight, bias, has_bias, planes, pixels, taps, together, work, share = args
    patches = simd.at(work, part * share)
    tile = simd.at(patches, together * taps)
    space = simd.at(tile, together * planes)
    for pixel in range(bound(pixels, part, parts, 1), bound(pixels, part + 1, parts, 1)):
        own = simd.at(weight, pixel * planes * taps)
        for first in range(0, images, together):
            count = min(together, images - first)
            for n in range(count):
                _take(simd.at(x, (first + n) * image), sizes, pixel, simd.at(patches, n * taps))
            if images == 1:
                _dots(own, patches, planes, taps, tile)
            else:
                _multiply(patches, taps, False, own, taps, True, tile, planes, count, planes, taps, 1.0, False, space)
            target = simd.at(y, first * planes * pixels + pixel)
            for i in range(count * planes):
                b = simd.get(bias, i % planes * pixels + pixel) if has_bias else 0.0
                simd.put(target, i * pixels, simd.get(tile, i) + b)


@team
def _backward(frame, like, part, parts):
    """The gradInput of some images."""
    args = unpack(frame, like, "piitppiiiipi")
    dx, images, image, sizes, dy, weight, planes, pixels, taps, together, work, share = args
    patches = simd.at(work, part * share)
    tile = simd.at(patches, together * taps)
    space = simd.at(tile, together * planes)
    stop = bound(images, part + 1, parts, 1)
    for first in range(bound(images, part, parts, 1), stop, together):
        count = min(together, stop - first)
        clear(simd.at(dx, first * image), count * image)
        for pixel in range(pixels):
            own = simd.at(weight, pixel * planes * taps)
            _column(simd.at(dy, first * planes * pixels + pixel), count, planes, pixels, tile)
            if images == 1:
                clear(patches, taps)
                for o in range(planes):
                    _add_multiple(simd.at(own, o * taps), simd.get(tile, o), taps, patches)
            else:
                _multiply(tile, planes, False, own, taps, False, patches, taps, count, taps, planes, 1.0, False, space)
            for n in range(count):
                _give(simd.at(patches, n * taps), sizes, pixel, simd.at(dx, (first + n) * image))


@team
def _accumulate(frame, like, part, parts):
    """Add the gradients of the weights and biases of some pixels."""
    args = unpack(frame, like, "piitpppifiiiipi")
    x, images, image, sizes, dy, dweight, dbias, has_bias, scale, planes, pixels, taps, together, work, share = args
    patches = simd.at(work, part * share)
    tile = simd.at(patches, together * taps)
    space = simd.at(tile, together * planes)
    for pixel in range(bound(pixels, part, parts, 1), bound(pixels, part + 1, parts, 1)):
        own = simd.at(dweight, pixel * planes * taps)
        for first in range(0, images, together):
            count = min(together, images - first)
            for n in range(count):
                _take(simd.at(x, (first + n) * image), sizes, pixel, simd.at(patches, n * taps))
            _column(simd.at(dy, first * planes * pixels + pixel), count, planes, pixels, tile)
            if images == 1:
                for o in range(planes):
                    _add_multiple(patches, scale * simd.get(tile, o), taps, simd.at(own, o * taps))
            else:
                _multiply(tile, planes, True, patches, taps, False, own, taps, planes, taps, count, scale, True, space)
            for i in range(count * planes if has_bias else 0):
                o = i % planes * pixels + pixel
                simd.put(dbias, o, simd.get(dbias, o) + scale * simd.get(tile, i))


@lru_cache(maxsize=64)
def _table(*sizes: int) -> np.ndarray:
    return np.array(sizes, np.int64)


def _work(weight: Any, images: int) -> tuple[int, int]:
    """Images that are gathered together, and elements of scratch a part."""
    planes, taps = weight.shape[2], weight[0, 0, 0].size
    together, tile = max(1, min(images, GATHERED // taps)), COLUMNS * lanes_of(weight.itemsize)
    widest = min(PANELS * tile, -(-max(planes, taps) // tile) * tile)
    space = MC * KC + (widest + ROWS) * KC + 16 * tile
    return together, -(-(together * (taps + planes) + space) // 64) * 64


def _run(body: Any, x: Any, weight: Any, stride: Pair, pad: Pair, most: int, *arguments: Any) -> None:
    """Run one of the passes on at most so many threads; x is the input or its gradient."""
    rows, columns, planes = weight.shape[:3]
    sizes = _table(*x.shape[1:], *weight.shape[4:], *stride, *pad, columns)
    parts = min(threads(len(x) * weight.size / 20), most)
    together, share = _work(weight, len(x))
    body(
        x, parts, x, len(x), x[0].size, sizes, *arguments, planes, rows * columns, weight[0, 0, 0].size, together,
        scratch(x.dtype, parts * share, "images"), share,
    )  # fmt: skip


def SpatialConvolutionLocal_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Pair, pad: Pair
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW``; ``weight`` ``oH x oW x O x I x kH x kW``, ``bias`` or None."""
    if output.size:
        biases = (output if bias is None else bias), bias is not None
        _run(_forward, input, weight, stride, pad, output[0, 0].size, output, weight, *biases)


def SpatialConvolutionLocal_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, stride: Pair, pad: Pair
) -> None:
    if gradInput.size:
        _run(_backward, gradInput, weight, stride, pad, len(gradInput), gradOutput, weight)


def SpatialConvolutionLocal_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, stride: Pair, pad: Pair, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    if gradOutput.size:
        biases = (gradWeight if gradBias is None else gradBias), gradBias is not None
        _run(
            _accumulate, input, gradWeight, stride, pad, gradOutput[0, 0].size, gradOutput, gradWeight, *biases,
            float(scale),
        )  # fmt: skip
