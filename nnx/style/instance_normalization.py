from __future__ import annotations

from typing import Any

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

    _transient = ("_saved", "_normal", "_flow")

    def reset(self, stdv: float | None = None) -> InstanceNormalization:
        """Draw weight from U(0, 1); bias becomes 0."""
        if self.weight is not None:
            uniform(self.weight)
            self.bias.fill(0)
        return self

    def updateOutput(self, input: Any) -> Any:
        x, shape = self._rows(input)
        output = self.resizeOutput(input)
        self._saved = self.resized(vars(self).get("_saved"), (2, len(x)))
        self._normal = self.resized(vars(self).get("_normal"), x.shape)
        thnn.RowNormalization_updateOutput(x, self._normal, self._saved, True, *EPS(self))
        normal, y, xp = self._normal.reshape(shape), output.reshape(shape), arrays.array_module(input)
        if self.weight is None:
            y[...] = normal
        else:
            xp.multiply(normal, self.weight[:, None, None], out=y)
            y += self.bias[:, None, None]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, shape = self._rows(input)
        if vars(self).get("_saved") is None or self._saved.shape[1] != len(x):
            raise ValueError(f"{self}: call forward before backward, with the same input")
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, input).reshape(shape)
        self._flow = flow = self.resized(vars(self).get("_flow"), shape)
        scale = 1 if self.weight is None else self.weight[:, None, None]
        arrays.array_module(input).multiply(g, scale, out=flow)
        thnn.RowNormalization_updateGradInput(x, flow.reshape(x.shape), gradInput.reshape(x.shape), self._saved, True)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if self.weight is None:
            return
        x, shape = self._rows(input)
        g, scale = self.gradOutputAs(gradOutput, input).reshape(shape), 1 if scale is None else scale
        if vars(self).get("_normal") is None or self._normal.shape != x.shape:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        xp, normal = arrays.array_module(input), self._normal.reshape(shape)
        self.gradWeight += scale * xp.einsum("nchw,nchw->c", g, normal)
        self.gradBias += scale * g.sum((0, 2, 3))

    def _rows(self, input: Any) -> tuple[Any, tuple[int, ...]]:
        """A row for every plane, contiguous, and the shape of the batch."""
        x = images(self, input)
        if x.shape[1] != self.nOutput:
            raise ValueError(f"{self}: got {x.shape[1]} planes, expected {self.nOutput}: {arrays.describe(input)}")
        self.checkFields(**dict.fromkeys(("weight", "bias"), (self.nOutput,)))
        return thnn.contiguous(x).reshape(x.shape[0] * x.shape[1], -1), x.shape

    def clearState(self) -> InstanceNormalization:
        for name in ("_saved", "_normal", "_flow"):
            vars(self).pop(name, None)
        if isinstance(vars(self).get("bn"), nn.Module):
            self.bn.clearState()
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.nOutput})"


registry.lacking(InstanceNormalization, eps=1e-5)


@registry.upgrade(InstanceNormalization)
def _upgrade(module: InstanceNormalization, fields: dict) -> None:
    if fields.get("nOutput") is None and arrays.is_array(fields.get("weight")):
        fields["nOutput"] = fields["weight"].size
