"""Points sampled from planes: each is a weighted sum of some places, those of all channels alike; and gradients.

``places`` and ``weights`` are samples x taps x points; a place is flat in the plane; -1 is one outside, which counts
as a value of 0.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inlined
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd


@inlined
def _add_taps(x, places, weights, y, first, count):
    """Add one tap of ``count`` points to a row of y; ``first`` is that of the tap's tables."""
    for p in range(count):
        place, w = simd.get(places, first + p), simd.get(weights, first + p)
        simd.put(y, p, simd.get(y, p) + (w * simd.get(x, place) if place >= 0 else w * 0))


@ranged
def _sample(low, high, x, places, weights, y, sizes):
    """Planes ``low`` to ``high``; sizes: channels, elements of a plane, taps, points."""
    channels, size, taps, points = sizes
    places_, weights_ = simd.at(places, 0), simd.at(weights, 0)
    y[low * points : high * points] = 0
    for plane in range(low, high):
        n = plane // channels
        x_, y_ = simd.at(x, plane * size), simd.at(y, plane * points)
        for k in range(taps):
            _add_taps(x_, places_, weights_, y_, (n * taps + k) * points, points)


@inlined
def _spread_taps(dy, places, weights, dx, first, count):
    for p in range(count):
        place = simd.get(places, first + p)
        if place >= 0:
            simd.put(dx, place, simd.get(dx, place) + simd.get(weights, first + p) * simd.get(dy, p))


@ranged
def _spread(low, high, dy, places, weights, dx, sizes):
    channels, size, taps, points = sizes
    places_, weights_ = simd.at(places, 0), simd.at(weights, 0)
    dx[low * size : high * size] = 0
    for plane in range(low, high):
        n = plane // channels
        dy_, dx_ = simd.at(dy, plane * points), simd.at(dx, plane * size)
        for k in range(taps):
            _spread_taps(dy_, places_, weights_, dx_, (n * taps + k) * points, points)


@ranged
def _by_weights(low, high, x, places, dy, dw, sizes):
    """Samples times taps ``low`` to ``high`` of the gradients by the weights."""
    channels, size, taps, points = sizes
    places_, dw_ = simd.at(places, 0), simd.at(dw, 0)
    dw[low * points : high * points] = 0
    for row in range(low, high):
        for plane in range(row // taps * channels, (row // taps + 1) * channels):
            x_, dy_ = simd.at(x, plane * size), simd.at(dy, plane * points)
            _add_products(x_, dy_, places_, dw_, row * points, points)


@inlined
def _add_products(x, dy, places, dw, first, count):
    for p in range(count):
        place = simd.get(places, first + p)
        if place >= 0:
            simd.put(dw, first + p, simd.get(dw, first + p) + simd.get(x, place) * simd.get(dy, p))


def _sizes(x: Any, places: Any) -> tuple:
    return x.shape[1], x.shape[2], *places.shape[1:]


def PointTaps_updateOutput(input: Any, places: Any, weights: Any, output: Any) -> None:
    """``output[n, c, p] = sum over the taps k of weights[n, k, p] input[n, c, places[n, k, p]]``"""
    work = 0.8 * output.size * places.shape[1]
    arrays = flat(input), flat(places), flat(weights), flat(output)
    _sample(len(input) * input.shape[1], work, *arrays, _sizes(input, places))


def PointTaps_updateGradInput(gradOutput: Any, places: Any, weights: Any, gradInput: Any) -> None:
    """Every gradient is added to its places, times their weights."""
    work = 1.0 * gradOutput.size * places.shape[1]
    arrays = flat(gradOutput), flat(places), flat(weights), flat(gradInput)
    _spread(len(gradInput) * gradInput.shape[1], work, *arrays, _sizes(gradInput, places))


def PointTaps_accGradWeights(input: Any, places: Any, gradOutput: Any, gradWeights: Any) -> None:
    """``gradWeights[n, k, p] = sum over the channels of input[n, c, places[n, k, p]] gradOutput[n, c, p]``"""
    work = 1.0 * gradOutput.size * places.shape[1]
    arrays = flat(input), flat(places), flat(gradOutput), flat(gradWeights)
    _by_weights(places.shape[0] * places.shape[1], work, *arrays, _sizes(input, places))
