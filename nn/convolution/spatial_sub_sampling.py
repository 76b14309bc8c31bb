from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn
from ..extension import register
from ..module import Module
from ..numbers import Whole
from .sizes import as_batch, batch_of, convolution_size, fitting, set_window

NUMBERS = Whole(nInputPlane=1, kW=1, kH=1, dW=1, dH=1)


@register
class SpatialSubSampling(Module):
    """The sum of every window, times a weight plus a bias of its plane:

    ``output[c, y, x] = bias[c] + weight[c] * sum over a, b of input[c, y dH + a, x dW + b]``

    Input: ``nInputPlane x H x W`` or ``N x nInputPlane x H x W``; output ``nInputPlane x oH x oW``,
    ``oW = floor((W - kW) / dW) + 1``. Window ``kW x kH`` and strides ``dW, dH`` (default 1) in pixels. ``weight`` and
    ``bias`` have ``nInputPlane`` elements. ``ValueError`` for images smaller than the window.
    Source: manual chapter "convolution".
    """

    def __init__(self, nInputPlane: int, kW: int, kH: int, dW: int | None = None, dH: int | None = None) -> None:
        super().__init__()
        self.nInputPlane = nInputPlane
        set_window(self, (kW, kH), (dW, dH))
        NUMBERS(self)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty(nInputPlane, dtype), xp.zeros(nInputPlane, dtype)
        self.bias, self.gradBias = xp.empty(nInputPlane, dtype), xp.zeros(nInputPlane, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(kW * kH)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.kW * self.kH)
        uniform(self.weight, -bound, bound)
        uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        NUMBERS(self)
        batch = batch_of(self, input, self.nInputPlane, 2)
        weight, bias = self._perPlane("weight"), self._perPlane("bias")
        output = self.resizeOutput(input, (*input.shape[:-2], *self._outputSize(batch)))
        thnn.SpatialSubSampling_updateOutput(thnn.contiguous(batch), as_batch(output), weight, bias, self._geometry())
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        _, gradBatch = self._batches(input, gradOutput)
        weight = self._perPlane("weight")
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.SpatialSubSampling_updateGradInput(gradBatch, as_batch(gradInput), weight, self._geometry())
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        batch, gradBatch = self._batches(input, gradOutput)
        gradWeight, gradBias = self._perPlane("gradWeight"), self._perPlane("gradBias")
        scale = 1 if scale is None else scale
        thnn.SpatialSubSampling_accGradParameters(batch, gradBatch, gradWeight, gradBias, self._geometry(), scale)
        thnn.copy_back(gradWeight, self._first("gradWeight"))
        thnn.copy_back(gradBias, self._first("gradBias"))

    def _perPlane(self, name: str) -> Any:
        """A parameter or gradient as the kernels take it, a number for each plane, or None."""
        x = self._first(name)
        return x if x is None else fitting(self, name, x, (self.nInputPlane,))

    def _first(self, name: str) -> Any:
        """The field ``name``; of the oldest files' ``nInputPlane x kH x kW`` the first number of each plane."""
        x = getattr(self, name)
        windows = arrays.is_array(x) and x.ndim == 3 and len(x) == self.nInputPlane and x.size
        return x[:, 0, 0] if windows else x

    def _geometry(self) -> tuple[int, ...]:
        return self.kW, self.kH, self.dW, self.dH

    def _outputSize(self, batch: Any) -> tuple[int, int]:
        height = convolution_size(self, batch, batch.shape[2], self.kH, self.dH, 0)
        return height, convolution_size(self, batch, batch.shape[3], self.kW, self.dW, 0)

    def _batches(self, input: Any, gradOutput: Any) -> tuple[Any, Any]:
        """Input and gradOutput as contiguous batches; ``ValueError`` where they do not fit each other."""
        NUMBERS(self)
        batch = batch_of(self, input, self.nInputPlane, 2)
        shape = (*batch.shape[:2], *self._outputSize(batch))
        return thnn.contiguous(batch), thnn.contiguous(self.gradOutputAs(gradOutput, shape, exact=True))


@registry.upgrade(SpatialSubSampling)
def _upgrade(module: SpatialSubSampling, fields: dict) -> None:
    """Weights for every pixel of a window, all the same: the first one counts."""
    for name in ("weight", "gradWeight"):
        x = fields.get(name)
        if arrays.is_array(x) and x.ndim == 3 and not arrays.is_expanded(x):
            fields[name] = x[:, 0, 0].copy()
