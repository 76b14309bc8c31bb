from __future__ import annotations

from math import sqrt
from typing import Any

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn
from ..doors import register
from ..module import Module


@register
class Linear(Module):
    """A linear map with a bias: ``output = weight * input + bias``.

    Input: ``inputSize`` elements, or a batch of rows, ``N x inputSize``; output ``outputSize`` or ``N x outputSize``.
    ``weight`` is ``outputSize x inputSize``, ``bias`` has ``outputSize`` elements and is left out when ``bias`` is
    False. Other ranks and widths raise ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, inputSize: int, outputSize: int, bias: bool | None = None) -> None:
        super().__init__()
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight = xp.empty((outputSize, inputSize), dtype)
        self.gradWeight = xp.zeros((outputSize, inputSize), dtype)
        if bias is not False:
            self.bias = xp.empty(outputSize, dtype)
            self.gradBias = xp.zeros(outputSize, dtype)
        self.reset()

    def noBias(self) -> Linear:
        """Take the bias away; returns the module."""
        self.bias = self.gradBias = None
        return self

    def reset(self, stdv: float | None = None) -> Linear:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(inputSize)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[1])
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        weight = self.weight
        try:
            shape = input.shape[:-1] + weight.shape[:1]
            fits = input.shape[-1] == weight.shape[1] and len(shape) < 3
        except (AttributeError, IndexError):
            self.checkType(input)
            fits = False
        if not fits:
            self._refuse(input)
        output = self.resizeOutput(input, shape)
        thnn.Linear_updateOutput(thnn.contiguous(input), output, weight, self.bias)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.checkGradOutput(gradOutput, self.output)
        thnn.Linear_updateGradInput(thnn.contiguous(gradOutput), gradInput, self.weight)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.checkGradOutput(gradOutput, self.output)
        scale = 1 if scale is None else scale
        thnn.Linear_accGradParameters(
            thnn.contiguous(input), thnn.contiguous(gradOutput), self.gradWeight, self.gradBias, scale
        )

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.defaultAccUpdateGradParameters(input, gradOutput, lr)

    def clearState(self) -> Linear:
        vars(self).pop("addBuffer", None)
        return super().clearState()

    def _refuse(self, input: Any) -> None:
        if input.ndim not in (1, 2):
            raise ValueError(f"{self}: input must be vector or matrix, got {arrays.describe(input)}")
        raise ValueError(
            f"{self}: size mismatch, input is {arrays.describe(input)}, weight {arrays.describe(self.weight)}"
        )

    def __tostring__(self) -> str:
        outputSize, inputSize = self.weight.shape
        name = registry.class_name(type(self))
        return f"{name}({inputSize} -> {outputSize}){'' if self.bias is not None else ' without bias'}"
