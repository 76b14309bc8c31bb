from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays
from torch7.random import uniform

from .. import thnn, utils
from ..extension import register
from ..module import Module


@register
class Cosine(Module):
    """The cosines between the input and learned directions: ``y_j = w_j . x / (|w_j| |x|)``.

    Input: ``inputSize`` elements or a batch, ``N x inputSize``; output ``outputSize`` or ``N x outputSize``. The w_j
    are the rows of ``weight``, ``outputSize x inputSize``; 1e-12 is added to every norm. Other shapes raise
    ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, inputSize: int, outputSize: int) -> None:
        super().__init__()
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight = xp.empty((outputSize, inputSize), dtype)
        self.gradWeight = xp.zeros((outputSize, inputSize), dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(outputSize)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[0] or 1)
        uniform(self.weight, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        x = self._rows(input)
        outputSize = self.weight.shape[0]
        output = self.resizeOutput(input, (*input.shape[:-1], outputSize))
        y = output.reshape(-1, outputSize)
        thnn.Linear_updateOutput(x, y, thnn.contiguous(self.weight), None)
        y /= self._norms("_weightNorm", self.weight).T
        y /= self._norms("_inputNorm", x)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        gradInput = self.resizeGradInput(input, gradOutput)
        x, y, g, scaled = self._batch(input, gradOutput)
        gi = gradInput.reshape(x.shape)
        thnn.Linear_updateGradInput(scaled, gi, thnn.contiguous(self.weight))
        norm = self._inputNorm[:, 0]
        along = arrays.array_module(x).einsum("nj,nj->n", g, y) / (norm * norm)
        gi -= x * along[:, None]
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.checkType(gradOutput, "gradOutput")
        x, y, g, scaled = self._batch(input, gradOutput)
        self.checkFields(gradWeight=self.weight.shape)
        scale = 1 if scale is None else scale
        norm = self._weightNorm[:, 0]
        along = arrays.array_module(x).einsum("nj,nj->j", g, y) / (norm * norm)
        along *= scale
        self.gradWeight -= self.weight * along[:, None]
        gradWeight = thnn.contiguous(self.gradWeight)
        thnn.Linear_accGradParameters(x, scaled, gradWeight, None, scale)
        thnn.copy_back(gradWeight, self.gradWeight)

    def _batch(self, input: Any, gradOutput: Any) -> tuple[Any, Any, Any, Any]:
        """Rows of the input, the output and gradOutput, and gradOutput / (|w_j| |x|)."""
        x = self._rows(input)
        self.checkForward((*input.shape[:-1], self.weight.shape[0]))
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        y = self.output.reshape(-1, self.weight.shape[0])
        g = gradOutput.reshape(y.shape)
        scaled = self._scaled = self.resized(vars(self).get("_scaled"), y.shape)
        arrays.array_module(x).divide(g, self._weightNorm.T, out=scaled)
        scaled /= self._inputNorm
        return x, y, g, scaled

    def _norms(self, name: str, rows: Any) -> Any:
        """The norms of ``rows`` plus 1e-12, a column, kept in the buffer ``name``."""
        xp = arrays.array_module(rows)
        norms = self.resized(vars(self).get(name), (len(rows), 1))
        setattr(self, name, norms)
        xp.einsum("ij,ij->i", rows, rows, out=norms[:, 0])
        xp.sqrt(norms, out=norms)
        norms += 1e-12
        return norms

    def _rows(self, input: Any) -> Any:
        """``input`` as a contiguous matrix of samples."""
        self.checkType(input)
        if input.ndim not in (1, 2):
            raise ValueError(f"{self}: input must be a vector or a matrix, got {arrays.describe(input)}")
        self.checkType(self.weight, "weight")
        if self.weight.ndim != 2 or input.shape[-1] != self.weight.shape[1]:
            raise ValueError(
                f"{self}: size mismatch, input is {arrays.describe(input)}, weight {arrays.describe(self.weight)}"
            )
        return thnn.contiguous(input).reshape(-1, input.shape[-1])

    def clearState(self) -> Self:
        vars(self).pop("_scaled", None)
        utils.clear(self, "_inputNorm", "_weightNorm")
        return super().clearState()
