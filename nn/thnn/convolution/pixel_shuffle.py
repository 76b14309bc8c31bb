"""PixelShuffle, channels spread over squares of pixels (Shi et al. 2016), and its inverse, which is its gradient."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd


@ranged
def _shuffle(low, high, x, y, sizes, r):
    """Rows ``low`` to ``high`` of ``y``; ``sizes`` are rows and columns of ``x``."""
    h, w = sizes
    x_, y_ = simd.at(x, 0), simd.at(y, 0)
    for n in range(low, high):
        channel, row = n // (h * r), n % (h * r)
        for j in range(r):
            source, at = (((channel * r + row % r) * r + j) * h + row // r) * w, n * w * r + j
            for k in range(w):
                simd.put(y_, at + k * r, simd.get(x_, source + k))


@ranged
def _gather(low, high, y, x, sizes, r):
    """The inverse, of the same rows."""
    h, w = sizes
    x_, y_ = simd.at(x, 0), simd.at(y, 0)
    for n in range(low, high):
        channel, row = n // (h * r), n % (h * r)
        for j in range(r):
            source, at = (((channel * r + row % r) * r + j) * h + row // r) * w, n * w * r + j
            for k in range(w):
                simd.put(x_, source + k, simd.get(y_, at + k * r))


def PixelShuffle_updateOutput(input: Any, output: Any, r: int) -> None:
    """``output[c, h r + i, w r + j] = input[c r^2 + i r + j, h, w]``"""
    rows = output.size // output.shape[-1]
    _shuffle(rows, 1.0 * output.size, flat(input), flat(output), input.shape[-2:], r)


def PixelShuffle_updateGradInput(gradOutput: Any, gradInput: Any, r: int) -> None:
    """``gradInput[c r^2 + i r + j, h, w] = gradOutput[c, h r + i, w r + j]``"""
    rows = gradOutput.size // gradOutput.shape[-1]
    _gather(rows, 1.0 * gradOutput.size, flat(gradOutput), flat(gradInput), gradInput.shape[-2:], r)
