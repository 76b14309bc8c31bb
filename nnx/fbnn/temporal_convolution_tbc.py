from __future__ import annotations

from math import sqrt
from typing import Any

import nn
from nn import thnn
from nn.numbers import Whole
from torch7 import arrays, registry
from torch7.random import uniform

PAD = Whole(pad=0)


@nn.register
class TemporalConvolutionTBC(nn.Module):
    """A convolution of sequences with the time first: ``y[t, b] = bias + sum_k x[t + k - pad, b] weight[k]``.

    Input: ``T x B x nIn``; output ``(T + 2 pad - kw + 1) x B x nOut``; ``weight`` is ``kw x nIn x nOut``, ``bias`` has
    nOut elements; frames beyond the ends are zero. Other ranks and widths raise ``ValueError``. Source: fbnn.
    """

    def __init__(self, nIn: int, nOut: int, kw: int, pad: int | None = None) -> None:
        super().__init__()
        self.nIn, self.nOut, self.kw, self.pad = nIn, nOut, kw, 0 if pad is None else pad
        PAD(self)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty((kw, nIn, nOut), dtype), xp.zeros((kw, nIn, nOut), dtype)
        self.bias, self.gradBias = xp.empty(nOut, dtype), xp.zeros(nOut, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> TemporalConvolutionTBC:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(kw * nIn)."""
        kw, nIn, _ = self.weight.shape
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(kw * nIn)
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def noBias(self) -> TemporalConvolutionTBC:
        """Take the bias away; returns the module."""
        self.bias = self.gradBias = None
        return self

    def updateOutput(self, input: Any) -> Any:
        x, weight = thnn.contiguous(input), self._weight(input)
        output = self.resizeOutput(input, self._shape(input))
        output[...] = 0 if self.bias is None else self.bias
        for k, rows, frames in self._taps(x, output):
            product = self._buffer("_product", rows.shape[0], weight.shape[2])
            thnn.MM_product(frames, False, weight[k], False, product)
            rows += product
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        weight = self._weight(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = thnn.contiguous(self.gradOutputAs(gradOutput, self._shape(input)))
        gradInput.fill(0)
        for k, rows, frames in self._taps(gradInput, g):
            product = self._buffer("_product", frames.shape[0], weight.shape[1])
            thnn.MM_product(rows, False, weight[k], True, product)
            frames += product
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, scale = thnn.contiguous(input), 1 if scale is None else scale
        self._weight(input)
        g = thnn.contiguous(self.gradOutputAs(gradOutput, self._shape(input)))
        product = self._buffer("_products", *self.weight.shape[1:])
        for k, rows, frames in self._taps(x, g):
            thnn.MM_product(frames, True, rows, False, product)
            product *= scale
            self.gradWeight[k] += product
        if self.bias is not None:
            self.gradBias += scale * g.sum((0, 1))

    def _taps(self, x: Any, y: Any) -> Any:
        """For every tap the frames of ``y`` and those of ``x`` that it joins, as matrices."""
        T, T2, kw = len(x), len(y), len(self.weight)
        for k in range(kw):
            shift = k - self.pad
            first, last = max(0, -shift), min(T2, T - shift)
            if first < last:
                yield k, _rows(y[first:last]), _rows(x[first + shift : last + shift])

    def _buffer(self, name: str, *shape: int) -> Any:
        setattr(self, name, self.resized(vars(self).get(name), shape))
        return getattr(self, name)

    _transient = ("_product", "_products")

    def _weight(self, input: Any) -> Any:
        self.checkType(input)
        self.checkType(self.weight, "weight")
        kw, nIn, nOut = self.weight.shape
        if input.ndim != 3 or input.shape[2] != nIn or len(input) + 2 * PAD(self)[0] < kw:
            raise ValueError(
                f"{self}: input must be T x B x {nIn} of {kw} frames and more, got {arrays.describe(input)}"
            )
        self.checkFields(bias=(nOut,), gradWeight=self.weight.shape, gradBias=(nOut,))
        return thnn.contiguous(self.weight)

    def _shape(self, input: Any) -> tuple[int, ...]:
        kw, _, nOut = self.weight.shape
        return len(input) + 2 * self.pad - kw + 1, input.shape[1], nOut

    def __tostring__(self) -> str:
        kw, nIn, nOut = self.weight.shape
        return f"{registry.class_name(type(self))}({nIn} -> {nOut}, {kw}, {self.pad})"


def _rows(x: Any) -> Any:
    return x.reshape(-1, x.shape[-1])


registry.lacking(TemporalConvolutionTBC, pad=0)
