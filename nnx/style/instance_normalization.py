from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.numbers import Real
from nnx.images import images
from torch7 import arrays, registry
from torch7.random import uniform

EPS = Real("eps")


@nn.register
class InstanceNormalization(nn.Module):
    """Gives every plane of every image mean 0 and deviation 1, then a learned scale and shift of the plane.

    ``y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]``, mean and biased variance over the pixels of the plane,
    in training and in evaluation. Input: ``N x nOutput x H x W`` or ``nOutput x H x W``; output of the same shape.
    ``eps`` is 1e-5 by default; ``momentum`` is kept and not used; ``affine=False`` leaves scale and shift out. Other
    ranks and planes raise ``ValueError``. Source: fast-neural-style, texture_nets; Ulyanov et al. (2016).
    """

    affine = True

    def __init__(
        self, nOutput: int, eps: float | None = None, momentum: float | None = None, affine: bool | None = None
    ) -> None:
        super().__init__()
        self.nOutput = nOutput
        self.eps = 1e-5 if eps is None else eps
        self.momentum = 0.0 if momentum is None else momentum
        self.affine = affine is not False
        xp, dtype = arrays.module_of(self._type), self._dtype
        if self.affine:
            self.weight, self.bias = xp.empty(nOutput, dtype), xp.empty(nOutput, dtype)
            self.gradWeight, self.gradBias = xp.zeros(nOutput, dtype), xp.zeros(nOutput, dtype)
        self.reset()

    _transient = ("_saved", "_sums", "_flow")

    def reset(self, stdv: float | None = None) -> InstanceNormalization:
        """Draw weight from U(0, 1); bias becomes 0."""
        if self.weight is not None:
            uniform(self.weight)
            self.bias.fill(0)
        return self

    def updateOutput(self, input: Any) -> Any:
        x, rows = self._rows(input)
        output = self.resizeOutput(input)
        self._saved = saved = self._fit("_saved", (2, len(x)), np.float64)
        affine = thnn.contiguous(self.weight), thnn.contiguous(self.bias)
        thnn.RowNormalization_updateOutput(x, output, saved, affine, rows, True, *EPS(self))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, rows = self._rows(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        self._backward(x, self.gradOutputAs(gradOutput, input), gradInput, rows)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if self.weight is None:
            return
        x, rows = self._rows(input)
        self._backward(x, self.gradOutputAs(gradOutput, input), self._fit("_flow", x.shape, x.dtype), rows)
        scale = 1 if scale is None else scale
        for gradient, sums in ((self.gradWeight, self._sums[0]), (self.gradBias, self._sums[1])):
            sums *= scale
            gradient += sums

    def _backward(self, x: Any, gradOutput: Any, gradInput: Any, rows: tuple) -> None:
        """Fill ``gradInput``, and ``_sums`` with the gradients by weight and bias."""
        saved = vars(self).get("_saved")
        if not _is_plain(saved, (2, len(x)), np.float64):
            raise ValueError(f"{self}: call forward before backward, with the same input")
        parameters = None, None, None
        if self.weight is not None:
            self._sums = self._fit("_sums", (2, self.nOutput), x.dtype)
            parameters = thnn.contiguous(self.weight), *self._sums
        arguments = x, thnn.contiguous(gradOutput), gradInput
        thnn.RowNormalization_backward(arguments, saved, parameters, rows, True)

    def _fit(self, name: str, shape: tuple, dtype: Any) -> Any:
        buffer = vars(self).get(name)
        if not _is_plain(buffer, shape, dtype):
            buffer = arrays.module_of(self._type).empty(shape, dtype)
            setattr(self, name, buffer)
        return buffer

    def _rows(self, input: Any) -> tuple[Any, tuple]:
        """A row for every plane, contiguous, and how the kernel finds its scale: a group for each plane of an image."""
        x = images(self, input)
        if x.shape[1] != self.nOutput:
            raise ValueError(f"{self}: got {x.shape[1]} planes, expected {self.nOutput}: {arrays.describe(input)}")
        self.checkFields(**dict.fromkeys(("weight", "bias"), (self.nOutput,)))
        rows = self.nOutput, 1, x[0, 0].size
        return thnn.contiguous(x).reshape(x.shape[0] * x.shape[1], -1), rows

    def clearState(self) -> InstanceNormalization:
        for name in ("_saved", "_sums", "_flow"):
            vars(self).pop(name, None)
        if isinstance(vars(self).get("bn"), nn.Module):
            self.bn.clearState()
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.nOutput})"


def _is_plain(buffer: Any, shape: tuple, dtype: Any) -> bool:
    """Whether a buffer is as kernels take it."""
    fits = arrays.is_array(buffer) and buffer.shape == shape and buffer.dtype == dtype
    return fits and arrays.plain(buffer)


registry.lacking(InstanceNormalization, eps=1e-5)


@registry.upgrade(InstanceNormalization)
def _upgrade(module: InstanceNormalization, fields: dict) -> None:
    if fields.get("nOutput") is None and arrays.is_array(fields.get("weight")):
        fields["nOutput"] = fields["weight"].size
