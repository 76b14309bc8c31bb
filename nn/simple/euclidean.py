from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays
from torch7.random import uniform

from .. import thnn
from ..extension import register
from ..module import Module


@register
class Euclidean(Module):
    """The Euclidean distances of the input to learned centers: ``y_j = |x - w_j|``.

    Input: ``inputSize`` elements or a batch, ``N x inputSize``; output ``outputSize`` or ``N x outputSize``. The
    centers w_j are the columns of ``weight``, ``inputSize x outputSize``. Gradients divide by ``y + 1e-7``.
    ``fastBackward``, True, takes y from the last forward; False computes it anew from the input. Other shapes raise
    ``ValueError``. Source: manual chapter "simple".
    """

    diagCov = gradDiagCov = None
    _trained = ("weight", "diagCov")
    fastBackward = False

    def __init__(self, inputSize: int, outputSize: int) -> None:
        super().__init__()
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight = xp.empty((inputSize, outputSize), dtype)
        self.gradWeight = xp.zeros((inputSize, outputSize), dtype)
        self.fastBackward = True
        self.gradInput, self.output = xp.zeros(inputSize, dtype), xp.zeros(outputSize, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(inputSize)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[0] or 1)
        uniform(self.weight, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        x = self._rows(input)
        outputSize = self.weight.shape[1]
        self.checkFields(diagCov=self.weight.shape)
        output = self.resizeOutput(input, (*input.shape[:-1], outputSize))
        thnn.Euclidean_updateOutput(x, output.reshape(-1, outputSize), *self._centers())
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        if not self.fastBackward:
            self.updateOutput(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        x = self._rows(input)
        thnn.Euclidean_updateGradInput(x, self._ratios(input, gradOutput), gradInput.reshape(x.shape), *self._centers())
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, shape = self._rows(input), self.weight.shape
        self.checkFields(gradWeight=shape, gradDiagCov=shape)
        thnn.Euclidean_accGradParameters(
            x,
            self._ratios(input, gradOutput),
            self.weight,
            self.gradWeight,
            1 if scale is None else scale,
            self.diagCov,
            self.gradDiagCov,
        )

    def _centers(self) -> tuple[Any, Any]:
        """Centers and their scales (or None), contiguous."""
        return thnn.contiguous(self.weight), thnn.contiguous(self.diagCov)

    def _rows(self, input: Any) -> Any:
        """``input`` as a contiguous matrix of samples."""
        self.checkType(input)
        if input.ndim not in (1, 2):
            raise ValueError(f"{self}: 1D or 2D input expected, got {arrays.describe(input)}")
        self.checkType(self.weight, "weight")
        if self.weight.ndim != 2 or input.shape[-1] != self.weight.shape[0]:
            raise ValueError(
                f"{self}: size mismatch, input is {arrays.describe(input)}, weight {arrays.describe(self.weight)}"
            )
        return thnn.contiguous(input).reshape(-1, input.shape[-1])

    def _ratios(self, input: Any, gradOutput: Any) -> Any:
        """gradOutput / (output + 1e-7), a row for each sample of ``input``."""
        self.checkForward((*input.shape[:-1], self.weight.shape[1]))
        self.checkFields(diagCov=self.weight.shape)
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        ratios = self._ratio = self.resized(vars(self).get("_ratio"), self.output.shape)
        xp = arrays.array_module(gradOutput)
        xp.add(self.output, 1e-7, out=ratios)
        xp.divide(gradOutput, ratios, out=ratios)
        return ratios.reshape(-1, self.weight.shape[1])

    def clearState(self) -> Self:
        vars(self).pop("_ratio", None)
        return super().clearState()


@register
class WeightedEuclidean(Euclidean):
    """Distances to learned centers with learned scales: ``y_j = |c_j * (w_j - x)|``, the product element by element.

    Input, output and errors as :class:`Euclidean`. Centers w_j and scales c_j are the columns of ``weight`` and
    ``diagCov``, both ``inputSize x outputSize``. ``fastBackward`` is False. Source: manual chapter "simple".
    """

    def __init__(self, inputSize: int, outputSize: int) -> None:
        xp, dtype = arrays.module_of(arrays.getdefaulttensortype()), arrays.default_dtype()
        self.diagCov = xp.ones((inputSize, outputSize), dtype)
        self.gradDiagCov = xp.zeros((inputSize, outputSize), dtype)
        super().__init__(inputSize, outputSize)
        del self.fastBackward
        self.gradInput, self.output = arrays.empty(), arrays.empty()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight as :class:`Euclidean`; all scales become 1."""
        super().reset(stdv)
        self.diagCov.fill(1)
        return self

    def parameters(self) -> tuple[list, list]:
        return [self.weight, self.diagCov], [self.gradWeight, self.gradDiagCov]

    def defaultAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        gradDiagCov, self.gradDiagCov = self.gradDiagCov, self.diagCov
        try:
            super().defaultAccUpdateGradParameters(input, gradOutput, lr)
        finally:
            self.gradDiagCov = gradDiagCov
