from __future__ import annotations

from math import prod, sqrt
from typing import Any

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn
from ..doors import register
from ..module import Module
from .planes import as_batch, batch_of, convolved


@register
class SpatialConvolution(Module):
    """A convolution of planes (without flipping the kernel):

    ``output[o, y, x] = bias[o] + sum over i, a, b of weight[o, i, a, b] * input[i, y dH - padH + a, x dW - padW + b]``

    Input: ``nInputPlane x H x W`` or ``N x nInputPlane x H x W``, taken as zero outside; output
    ``nOutputPlane x oH x oW``, ``oW = floor((W + 2 padW - kW) / dW) + 1``. ``kW x kH`` is the kernel, ``dW``, ``dH``
    the strides (default 1), ``padW`` (0) and ``padH`` (padW) the border, all in pixels and width first. ``weight`` is
    ``nOutputPlane x nInputPlane x kH x kW``. An image smaller than the kernel raises ``ValueError``.
    Source: manual chapter "convolution".
    """

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        self.nInputPlane, self.nOutputPlane = nInputPlane, nOutputPlane
        self.kW, self.kH = kW, kH
        self.dW = 1 if dW is None else dW
        self.dH = 1 if dH is None else dH
        self.padW = 0 if padW is None else padW
        self.padH = self.padW if padH is None else padH
        if min(kW, kH, self.dW, self.dH) < 1:
            raise ValueError(f"kernel and stride must be greater than zero, got {kW}x{kH}, {self.dW},{self.dH}")
        xp = arrays.module_of(self._type)
        self.weight = xp.empty(self._weightShape(), self._dtype)
        self.gradWeight = xp.zeros(self._weightShape(), self._dtype)
        self.bias = xp.empty(nOutputPlane, self._dtype)
        self.gradBias = xp.zeros(nOutputPlane, self._dtype)
        self.reset()

    def _weightShape(self) -> tuple[int, ...]:
        return self.nOutputPlane, self.nInputPlane, self.kH, self.kW

    def noBias(self) -> SpatialConvolution:
        """Take the bias away; returns the module."""
        self.bias = self.gradBias = None
        return self

    def reset(self, stdv: float | None = None) -> SpatialConvolution:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(kW kH nInputPlane)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.kW * self.kH * self.nInputPlane)
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, self.nInputPlane, 2)
        output = self.resizeOutput(input, (*input.shape[:-3], self.nOutputPlane, *self._outputSize(batch)))
        thnn.SpatialConvolutionMM_updateOutput(
            thnn.contiguous(batch), as_batch(output), self._kernel(self.weight), self.bias, *self._geometry()
        )
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        batch, gradBatch = self._pair(input, gradOutput)
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.SpatialConvolutionMM_updateGradInput(
            batch, gradBatch, as_batch(gradInput), self._kernel(self.weight), *self._geometry()
        )
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        batch, gradBatch = self._pair(input, gradOutput)
        gradWeight = self._kernel(self.gradWeight)
        scale = 1 if scale is None else scale
        thnn.SpatialConvolutionMM_accGradParameters(
            batch, gradBatch, gradWeight, self.gradBias, *self._geometry(), scale
        )

    def _geometry(self) -> tuple[int, ...]:
        return self.kW, self.kH, self.dW, self.dH, self.padW, self.padH

    def _kernel(self, weight: Any) -> Any:
        """``weight``, which may be a matrix with a row for each output plane, in four dimensions."""
        return weight.reshape(self.nOutputPlane, self.nInputPlane, self.kH, self.kW)

    def _outputSize(self, batch: Any) -> tuple[int, int]:
        height, width = batch.shape[2:]
        return (
            convolved(self, batch, height, self.kH, self.dH, self.padH),
            convolved(self, batch, width, self.kW, self.dW, self.padW),
        )

    def _pair(self, input: Any, gradOutput: Any) -> tuple[Any, Any]:
        """Input and gradOutput as contiguous batches; ``ValueError`` where they do not fit each other."""
        batch = batch_of(self, input, self.nInputPlane, 2)
        self.checkType(gradOutput, "gradOutput")
        shape = (len(batch), self.nOutputPlane, *self._outputSize(batch))
        if gradOutput.size != prod(shape):
            raise ValueError(
                f"{self}: gradOutput is {arrays.describe(gradOutput)}, for this input it must have the shape {shape}"
            )
        return thnn.contiguous(batch), thnn.contiguous(gradOutput.reshape(shape))

    def __tostring__(self) -> str:
        name = registry.class_name(type(self))
        text = f"{name}({self.nInputPlane} -> {self.nOutputPlane}, {self.kW}x{self.kH}"
        if (self.dW, self.dH, self.padW, self.padH) != (1, 1, 0, 0):
            text += f", {self.dW},{self.dH}"
        if (self.padW, self.padH) != (0, 0):
            text += f", {self.padW},{self.padH}"
        return text + (")" if self.bias is not None else ") without bias")


@register
class SpatialConvolutionMM(SpatialConvolution):
    """:class:`SpatialConvolution` with its ``weight`` kept as a matrix, ``nOutputPlane x (nInputPlane kH kW)``.

    Source: manual chapter "convolution".
    """

    def _weightShape(self) -> tuple[int, ...]:
        return self.nOutputPlane, self.nInputPlane * self.kH * self.kW


@registry.reader(SpatialConvolution)
def _upgrade(module: SpatialConvolution, fields: dict) -> None:
    """Old files have one ``padding`` for both sides, or none, and no strides."""
    padding = fields.pop("padding", None)
    for name, default in (("dW", 1), ("dH", 1), ("padW", padding or 0), ("padH", fields.get("padW", padding or 0))):
        if fields.get(name) is None:
            fields[name] = default
