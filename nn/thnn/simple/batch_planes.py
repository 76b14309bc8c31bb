"""Batch normalisation of planes: of images, volumes and sequences, [samples][channels][elements].

Threads share out the planes as they lie in memory, as the layers around do, so that a plane stays in the caches of one
thread. Sums are made for each channel of a block of samples, and are added up over the blocks, whose number does not
depend on that of the threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import threading_layer

from ..cpu.runtime.jit import inner, kernel, part
from ..cpu.runtime.jobs import job, run
from ..cpu.runtime.partition import SUM_PARTS, threads
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd
from .batch_channels import accumulate, record, slope, statistics
from .batch_sums import exact_difference, plane_products, plane_squares, plane_total


@inner
def _planes_of(part, parts, block, sizes):
    """The first and last + 1 channel of a block of samples that are a part's, none where the last is not above."""
    _, channels, blocks, _ = sizes
    first, last = blocks * channels * part // parts, blocks * channels * (part + 1) // parts
    return max(first - block * channels, 0), min(last - block * channels, channels)


@inner
def _samples_of(block, sizes):
    """The first and last + 1 sample of a block."""
    _, _, blocks, samples = sizes
    return samples * block // blocks, samples * (block + 1) // blocks


@part
def _add_totals(x, sums, sizes, part, parts):
    """The sum of every channel of every block."""
    size, channels, blocks, _ = sizes
    for block in range(blocks):
        low, high = _planes_of(part, parts, block, sizes)
        first, last = _samples_of(block, sizes)
        sums[block, 0, low:high] = 0
        for sample in range(first, last if low < high else first):
            for c in range(low, high):
                sums[block, 0, c] += plane_total(simd.at(x, (sample * channels + c) * size), size)


@part
def _add_squares(x, sums, sizes, saved, part, parts):
    """The sum of squared distances from the mean, of every channel of every block."""
    size, channels, blocks, _ = sizes
    for block in range(blocks):
        low, high = _planes_of(part, parts, block, sizes)
        first, last = _samples_of(block, sizes)
        sums[block, 1, low:high] = 0
        for sample in range(first, last if low < high else first):
            for c in range(low, high):
                plane = simd.at(x, (sample * channels + c) * size)
                sums[block, 1, c] += plane_squares(plane, size, saved[0][c])


@inner
def _over_blocks(sums, which, c):
    total = 0.0
    for block in range(sums.shape[0]):
        total += sums[block, which, c]
    return total


@part
def _join_totals(sums, sizes, saved, part, parts):
    """The means of the channels of a part, and their sums in the first block."""
    size, channels, _, samples = sizes
    for c in range(channels * part // parts, channels * (part + 1) // parts):
        sums[0, 0, c] = _over_blocks(sums, 0, c)
        saved[0][c] = sums[0, 0, c] / (samples * size)


@part
def _join_squares(sums, sizes, state, settings, part, parts):
    """Mean and deviation of the channels of a part."""
    (running, saved), (size, channels, _, samples), (_, momentum, eps) = state, sizes, settings
    for c in range(channels * part // parts, channels * (part + 1) // parts):
        record(c, sums[0, 0, c], _over_blocks(sums, 1, c), samples * size, running, saved, momentum, eps)


@part
def _map(x, y, sizes, affine, state, settings, part, parts):
    """y of the planes of a part"""
    (weight, bias), (running, saved), (size, channels, _, samples) = affine, state, sizes
    training, _, eps = settings
    for p in range(samples * channels * part // parts, samples * channels * (part + 1) // parts):
        c = p % channels
        mean, inverse = statistics(c, running, saved, training, eps)
        scale = inverse * weight[c] if weight.size else inverse
        shift = bias[c] if bias.size else x.dtype.type(0)
        for i in range(p * size, (p + 1) * size, simd.lanes(x)):
            count = (p + 1) * size - i
            simd.store_first(y, i, simd.fma(simd.load_first(x, i, count) - mean, scale, simd.splat(x, shift)), count)


@kernel
def _forward(x, y, sums, sizes, affine, state, settings, parts):
    if settings[0]:
        code, memory = job(_add_totals, (x, sums, sizes))
        run(code, memory, parts)
        code, memory = job(_join_totals, (sums, sizes, state[1]))
        run(code, memory, parts)
        code, memory = job(_add_squares, (x, sums, sizes, state[1]))
        run(code, memory, parts)
        code, memory = job(_join_squares, (sums, sizes, state, settings))
        run(code, memory, parts)
    code, memory = job(_map, (x, y, sizes, affine, state, settings))
    run(code, memory, parts)


@part
def _add_products(arrays, sums, sizes, state, settings, part, parts):
    """The sums of dy and of (x - mean) dy, of every channel of every block."""
    (x, dy, _), (running, saved), (size, channels, blocks, _), (training, _, eps) = arrays, state, sizes, settings
    for block in range(blocks):
        low, high = _planes_of(part, parts, block, sizes)
        first, last = _samples_of(block, sizes)
        sums[block, :, low:high] = 0
        for sample in range(first, last if low < high else first):
            for c in range(low, high):
                at = (sample * channels + c) * size
                mean, _ = statistics(c, running, saved, training, eps)
                total, dot = plane_products(simd.at(x, at), simd.at(dy, at), size, mean)
                sums[block, 0, c] += total
                sums[block, 1, c] += dot


@part
def _join_products(sums, sizes, state, gradients, settings, part, parts):
    """The gradients of the channels of a part; center and slope of dx are where the sums of the first block were."""
    (running, saved), (size, channels, _, samples), (training, factor, eps) = state, sizes, settings
    for c in range(channels * part // parts, channels * (part + 1) // parts):
        total, dot, n = _over_blocks(sums, 0, c), _over_blocks(sums, 1, c), samples * size
        _, inverse = statistics(c, running, saved, training, eps)
        accumulate(c, total, dot, inverse, gradients, factor)
        sums[0, 0, c] = total / n if training else 0.0
        sums[0, 1, c] = slope(dot, inverse, n) if training else 0.0


@part
def _map_back(arrays, sums, sizes, weight, state, settings, part, parts):
    """dx of the planes of a part"""
    (x, dy, dx), (running, saved), (size, channels, _, samples) = arrays, state, sizes
    (training, _, eps), real = settings, x.dtype.type
    for p in range(samples * channels * part // parts, samples * channels * (part + 1) // parts):
        c = p % channels
        mean, inverse = statistics(c, running, saved, training, eps)
        center, scale = sums[0, 0, c], inverse * weight[c] if weight.size else inverse
        terms = mean, real(sums[0, 1, c]), real(center), real(center - real(center)), scale
        _map_plane(x, dy, dx, p * size, (p + 1) * size, terms)


@inner
def _map_plane(x, dy, dx, first, last, terms):
    """``(dy - center - (x - mean) slope) scale``, the product rounded; the center is two numbers."""
    mean, steep, center, rest, scale = terms
    for i in range(first, last, simd.lanes(x)):
        term = simd.rounded((simd.load_first(x, i, last - i) - mean) * steep)
        difference = exact_difference(simd.load_first(dy, i, last - i), center, rest, term)
        simd.store_first(dx, i, difference * scale, last - i)


@kernel
def _backward(arrays, sums, sizes, weight, gradients, state, settings, parts):
    code, memory = job(_add_products, (arrays, sums, sizes, state, settings))
    run(code, memory, parts)
    code, memory = job(_join_products, (sums, sizes, state, gradients, settings))
    run(code, memory, parts)
    if arrays[2].size:
        code, memory = job(_map_back, (arrays, sums, sizes, weight, state, settings))
        run(code, memory, parts)


def _shared(x: np.ndarray, size: int, channels: int, nanoseconds: float) -> tuple[np.ndarray, tuple, int]:
    """Room for sums, sizes (of a plane, channels, blocks, samples), and the number of parts."""
    samples = x.size // (size * channels)
    blocks = min(samples, SUM_PARTS)
    threading_layer.start()
    sums = take("BatchNormalization", np.dtype(np.float64), blocks * 2 * channels).reshape(blocks, 2, channels)
    return sums, (size, channels, blocks, samples), threads(nanoseconds)


def forward(x: np.ndarray, y: np.ndarray, size: int, affine: tuple, state: tuple, settings: tuple) -> None:
    """y for planes of ``size`` elements; ``settings``: training, momentum, eps."""
    sums, sizes, parts = _shared(x, size, state[0][0].size, 0.2 * x.size)
    _forward(x, y, sums, sizes, affine, state, settings, parts)


def backward(arrays: tuple, size: int, weight: Any, gradients: tuple, state: tuple, settings: tuple) -> None:
    """dx of ``arrays``, (x, dy, dx), unless it is empty, and gradients; ``settings``: training, scale, eps."""
    sums, sizes, parts = _shared(arrays[0], size, state[0][0].size, 0.25 * arrays[0].size)
    _backward(arrays, sums, sizes, weight, gradients, state, settings, parts)
