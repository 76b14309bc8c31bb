from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn, utils
from ..extension import register
from ..module import Module


@register
class Linear(Module):
    """A linear map with a bias: ``output = weight * input + bias``.

    Input: ``inputSize`` elements, or a batch of rows, ``N x inputSize``; output ``outputSize`` or ``N x outputSize``.
    ``weight`` is ``outputSize x inputSize``, ``bias`` has ``outputSize`` elements and is left out when ``bias`` is
    False. Other ranks and widths raise ``ValueError``. Source: manual chapter "simple".
    """

    _fitted: tuple = (None, None, None, None, False)
    _paired: tuple = (None, None, None)
    _transient = ("_fitted", "_paired")

    def __init__(self, inputSize: int, outputSize: int, bias: bool | None = None) -> None:
        super().__init__()
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight = xp.empty((outputSize, inputSize), dtype)
        self.gradWeight = xp.zeros((outputSize, inputSize), dtype)
        if bias is not False:
            self.bias = xp.empty(outputSize, dtype)
            self.gradBias = xp.zeros(outputSize, dtype)
        self.reset()

    def noBias(self) -> Self:
        """Take the bias away; returns the module."""
        self.bias = self.gradBias = None
        return self

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(inputSize)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[1] or 1)
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        weight, bias, fitted = self.weight, self.bias, self._fitted
        if weight is not fitted[0] or bias is not fitted[1] or getattr(input, "shape", None) != fitted[2]:
            fitted = self._fit(input)
        output = self.resizeOutput(input, fitted[3])
        if not fitted[4]:
            weight, bias = thnn.contiguous(weight), thnn.contiguous(bias)
        thnn.Linear_updateOutput(thnn.contiguous(input), output, weight, bias)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        gradOutput = self._gradOutput(input, gradOutput)
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.Linear_updateGradInput(gradOutput, gradInput, thnn.contiguous(self.weight))
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        gradOutput = self._gradOutput(input, gradOutput)
        self._checkGradients()
        gradients = self.gradWeight, self.gradBias
        gradWeight, gradBias = map(thnn.contiguous, gradients)
        scale = 1 if scale is None else scale
        thnn.Linear_accGradParameters(thnn.contiguous(input), gradOutput, gradWeight, gradBias, scale)
        if gradWeight is not gradients[0] or gradBias is not gradients[1]:
            thnn.copy_back(gradWeight, gradients[0])
            thnn.copy_back(gradBias, gradients[1])

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.defaultAccUpdateGradParameters(input, gradOutput, lr)

    def clearState(self) -> Self:
        utils.clear(self, "addBuffer")
        return super().clearState()

    def _fit(self, input: Any) -> tuple:
        """Weight, bias and input shape that fit each other, the output's shape, and whether both are plain arrays.

        ``ValueError`` if they do not fit.
        """
        weight, bias = self.weight, self.bias
        self.checkType(input)
        if input.ndim not in (1, 2):
            raise ValueError(f"{self}: input must be vector or matrix, got {arrays.describe(input)}")
        self.checkType(weight, "weight")
        if weight.ndim != 2 or input.shape[-1] != weight.shape[1]:
            raise ValueError(
                f"{self}: size mismatch, input is {arrays.describe(input)}, weight {arrays.describe(weight)}"
            )
        self.checkFields(bias=weight.shape[:1])
        plain = all(x is None or arrays.plain(x) for x in (weight, bias))
        self._fitted = weight, bias, input.shape, (*input.shape[:-1], weight.shape[0]), plain
        return self._fitted

    def _gradOutput(self, input: Any, gradOutput: Any) -> Any:
        """``gradOutput`` as the kernels take it; ``ValueError`` unless it fits ``input``."""
        fitted = self._fitted
        if self.weight is not fitted[0] or getattr(input, "shape", None) != fitted[2]:
            fitted = self._fit(input)
            if self.output.size == 0:
                raise ValueError(f"{self}: call forward before backward")
        self.checkType(gradOutput, "gradOutput")
        if gradOutput.shape != fitted[3]:
            gradOutput = self.gradOutputAs(gradOutput, fitted[3])
        return thnn.contiguous(gradOutput)

    def _checkGradients(self) -> None:
        """Raise unless the gradients are as large as their parameters."""
        weight, gradWeight, gradBias = self.weight, self.gradWeight, self.gradBias
        paired = self._paired
        if weight is not paired[0] or gradWeight is not paired[1] or gradBias is not paired[2]:
            self.checkFields(gradWeight=weight.shape, gradBias=weight.shape[:1])
            self._paired = weight, gradWeight, gradBias

    def __tostring__(self) -> str:
        outputSize, inputSize = self.weight.shape
        name = registry.class_name(type(self))
        return f"{name}({inputSize} -> {outputSize}){'' if self.bias is not None else ' without bias'}"
