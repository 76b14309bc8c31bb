"""Convolution of planes with a kernel for every output pixel: at each pixel a product of matrices over the batch.

The patches that a pixel sees are gathered as [image][input plane, row, column]. With the pixel's weight as a matrix
[output plane][input plane, row, column] and the pixel's gradOutput as [image][output plane],

    output = patches weight^T        gradient of patches = gradOutput weight        gradWeight += gradOutput^T patches
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from ..cpu.gemm.gemm import product_range, scratch_of
from ..cpu.gemm.product import Product
from ..cpu.gemm.transpose import clear
from ..cpu.runtime.blocking import LOCAL_RATE
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import aligned, bound, threads
from ..cpu.runtime.records import Float, Int, Pointer
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd

Pair = tuple[int, int]

#: Elements of the patches that are gathered at a time: 256 KB of floats, a share of the second cache.
BLOCK_ELEMENTS = 64 << 10


class Images(NamedTuple):
    """The input, or its gradient, and how the kernel moves over it; the output has so many ``columns``."""

    data: Pointer
    count: Int
    planes: Int
    height: Int
    width: Int
    kH: Int
    kW: Int
    dH: Int
    dW: Int
    padH: Int
    padW: Int
    columns: Int


class Weights(NamedTuple):
    """Weights, or their gradients, [pixel][output plane][tap]; ``bias`` is [output plane][pixel]."""

    data: Pointer
    bias: Pointer
    has_bias: Int
    planes: Int
    pixels: Int
    taps: Int


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread, for the patches of so many images ``together``."""

    data: Pointer
    share: Int
    together: Int


@inner
def _multiply(a, ta, b, tb, c, sizes, how, work):
    """C = alpha op(A) op(B), or C += ..., for matrices without gaps; ``sizes`` is m, n, K and ``how`` alpha and add."""
    m, n, K = sizes
    alpha, add = how
    product = Product(a, m if ta else K, ta, b, K if tb else n, tb, c, n, m, n, K, alpha, add, c, 0)
    product_range(product, work)


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
def _position(images, pixel):
    """Top and left of what a pixel sees, and which columns of that are inside of the image."""
    top = pixel // images.columns * images.dH - images.padH
    left = pixel % images.columns * images.dW - images.padW
    return top, left, max(0, -left), min(images.kW, images.width - left)


@inner
def _gather(images, n, pixel, patch):
    """patch[i][a][b] = image n[i][top + a][left + b], zero outside of it"""
    height, width, kH, kW = images.height, images.width, images.kH, images.kW
    x = simd.at(images.data, n * images.planes * height * width)
    top, left, first, last = _position(images, pixel)
    for row in range(images.planes * kH):
        i, y, target = row // kH, top + row % kH, simd.at(patch, row * kW)
        inside = y >= 0 and y < height
        if first > 0 or last < kW or not inside:
            clear(target, kW)
        if inside:
            source = simd.at(x, (i * height + y) * width + left)
            for b in range(first, last, simd.lanes(x)):
                simd.store_first(target, b, simd.load_first(source, b, last - b), last - b)


@inner
def _add_patch(patch, images, n, pixel):
    """image n[i][top + a][left + b] += patch[i][a][b], inside of it"""
    height, width, kH, kW = images.height, images.width, images.kH, images.kW
    x = simd.at(images.data, n * images.planes * height * width)
    top, left, first, last = _position(images, pixel)
    for row in range(images.planes * kH):
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


@inner
def _spaces(room, part, weights):
    """A thread's scratch: patches, a tile of [image][output plane], and what a product needs."""
    patches = simd.at(room.data, part * room.share)
    tile = simd.at(patches, room.together * weights.taps)
    return patches, tile, simd.at(tile, room.together * weights.planes)


@inner
def _pixel_outputs(images, weights, y, first, count, pixel, spaces):
    """The outputs of one pixel in some images."""
    patches, tile, work = spaces
    planes, pixels, taps = weights.planes, weights.pixels, weights.taps
    own = simd.at(weights.data, pixel * planes * taps)
    for n in range(count):
        _gather(images, first + n, pixel, simd.at(patches, n * taps))
    if images.count == 1:
        _dots(own, patches, planes, taps, tile)
    else:
        _multiply(patches, False, own, True, tile, (count, planes, taps), (1.0, False), work)
    target = simd.at(y, first * planes * pixels + pixel)
    for i in range(count * planes):
        b = simd.get(weights.bias, i % planes * pixels + pixel) if weights.has_bias else 0.0
        simd.put(target, i * pixels, simd.get(tile, i) + b)


@parallel_region
def _forward(images: Images, weights: Weights, y: Pointer, room: Room, part, parts):
    """The outputs of some pixels."""
    spaces = _spaces(room, part, weights)
    for pixel in range(bound(weights.pixels, part, parts, 1), bound(weights.pixels, part + 1, parts, 1)):
        for first in range(0, images.count, room.together):
            _pixel_outputs(images, weights, y, first, min(room.together, images.count - first), pixel, spaces)


@inner
def _pixel_inputs(images, weights, dy, first, count, pixel, spaces):
    """Add to the gradients of some images what one pixel gives."""
    patches, tile, work = spaces
    planes, taps = weights.planes, weights.taps
    own = simd.at(weights.data, pixel * planes * taps)
    _column(simd.at(dy, first * planes * weights.pixels + pixel), count, planes, weights.pixels, tile)
    if images.count == 1:
        clear(patches, taps)
        for o in range(planes):
            _add_multiple(simd.at(own, o * taps), simd.get(tile, o), taps, patches)
    else:
        _multiply(tile, False, own, False, patches, (count, taps, planes), (1.0, False), work)
    for n in range(count):
        _add_patch(simd.at(patches, n * taps), images, first + n, pixel)


@parallel_region
def _backward(images: Images, weights: Weights, dy: Pointer, room: Room, part, parts):
    """The gradInput of some images."""
    spaces, size = _spaces(room, part, weights), images.planes * images.height * images.width
    stop = bound(images.count, part + 1, parts, 1)
    for first in range(bound(images.count, part, parts, 1), stop, room.together):
        count = min(room.together, stop - first)
        clear(simd.at(images.data, first * size), count * size)
        for pixel in range(weights.pixels):
            _pixel_inputs(images, weights, dy, first, count, pixel, spaces)


@inner
def _pixel_weights(images, weights, dy, first, count, pixel, scale, spaces):
    """Add to the gradients of the weights of one pixel what some images give."""
    patches, tile, work = spaces
    planes, pixels, taps = weights.planes, weights.pixels, weights.taps
    own = simd.at(weights.data, pixel * planes * taps)
    for n in range(count):
        _gather(images, first + n, pixel, simd.at(patches, n * taps))
    _column(simd.at(dy, first * planes * pixels + pixel), count, planes, pixels, tile)
    if images.count == 1:
        for o in range(planes):
            _add_multiple(patches, scale * simd.get(tile, o), taps, simd.at(own, o * taps))
    else:
        _multiply(tile, True, patches, False, own, (planes, taps, count), (scale, True), work)
    for i in range(count * planes if weights.has_bias else 0):
        o = i % planes * pixels + pixel
        simd.put(weights.bias, o, simd.get(weights.bias, o) + scale * simd.get(tile, i))


@parallel_region
def _accumulate(images: Images, weights: Weights, dy: Pointer, room: Room, scale: Float, part, parts):
    """Add the gradients of the weights and biases of some pixels."""
    spaces = _spaces(room, part, weights)
    for pixel in range(bound(weights.pixels, part, parts, 1), bound(weights.pixels, part + 1, parts, 1)):
        for first in range(0, images.count, room.together):
            count = min(room.together, images.count - first)
            _pixel_weights(images, weights, dy, first, count, pixel, scale, spaces)


def _run(body: Any, x: Any, y: Any, weight: Any, bias: Any, geometry: tuple[Pair, Pair], *scale: float) -> None:
    """Run one of the passes; x is the input or its gradient, y the output or its."""
    rows, columns, planes = weight.shape[:3]
    taps = prod(weight.shape[3:])
    images = Images(x, *x.shape, *weight.shape[4:], *geometry[0], *geometry[1], columns)
    most = len(x) if body is _backward else rows * columns
    parts = min(threads(len(x) * weight.size / LOCAL_RATE), most)
    together = max(1, min(len(x), BLOCK_ELEMENTS // taps))
    share = aligned(together * (taps + planes) + scratch_of(max(planes, taps), weight.itemsize))
    room = Room(take("images", x.dtype, parts * share), share, together)
    body(parts, images, Weights(weight, bias, bias is not None, planes, rows * columns, taps), y, room, *scale)


def SpatialConvolutionLocal_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Pair, pad: Pair
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW``; ``weight`` ``oH x oW x O x I x kH x kW``, ``bias`` or None."""
    if output.size:
        _run(_forward, input, output, weight, bias, (stride, pad))


def SpatialConvolutionLocal_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, stride: Pair, pad: Pair
) -> None:
    """The gradient with respect to the input."""
    if gradInput.size:
        _run(_backward, gradInput, gradOutput, weight, None, (stride, pad))


def SpatialConvolutionLocal_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, stride: Pair, pad: Pair, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    if gradOutput.size:
        _run(_accumulate, input, gradOutput, gradWeight, gradBias, (stride, pad), float(scale))
