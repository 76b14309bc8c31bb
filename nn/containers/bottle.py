from __future__ import annotations

from math import prod
from typing import Any

from torch7 import arrays

from ..extension import register
from ..module import Module
from .decorator import Decorator


@register
class Bottle(Decorator):
    """A module for inputs of few dimensions, used on inputs of more: all leading dimensions become one batch.

    ``module`` takes ``nInputDim`` dimensions (default 2), the first a batch, and returns ``nOutputDim`` (default
    ``nInputDim``). The leading dimensions of a larger input are fused for the module and restored in its output:
    ``nn.Bottle(nn.Linear(4, 2))`` maps 2 x 3 x 4 to 2 x 3 x 2. Another number of output dimensions raises
    ``ValueError``. Source: manual chapter "containers".
    """

    def __init__(self, module: Module, nInputDim: int | None = None, nOutputDim: int | None = None) -> None:
        super().__init__(module)
        self.nInputDim = 2 if nInputDim is None else nInputDim
        self.nOutputDim = self.nInputDim if nOutputDim is None else nOutputDim
        self.dimDelta = self.nInputDim - self.nOutputDim

    def updateOutput(self, input: Any) -> Any:
        fused = self._fused(input)
        output = self.modules[0].updateOutput(fused)
        if fused is not input:
            if output.ndim != self.nOutputDim:
                raise ValueError(
                    f"Wrong number of output dims on module. Expected: {self.nOutputDim} but got {output.ndim}"
                )
            output = output.reshape(input.shape[: input.ndim - self.nInputDim + 1] + output.shape[1:])
        self.output = output
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.modules[0].updateGradInput(self._fused(input), self._fusedGradient(gradOutput))
        self.gradInput = None if gradInput is None else gradInput.reshape(input.shape)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        super().accGradParameters(self._fused(input), self._fusedGradient(gradOutput), scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        super().accUpdateGradParameters(self._fused(input), self._fusedGradient(gradOutput), lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        super().sharedAccUpdateGradParameters(self._fused(input), self._fusedGradient(gradOutput), lr)

    def _fused(self, input: Any) -> Any:
        """``input`` with its leading dimensions made one; itself if it has no more than ``nInputDim``."""
        if not arrays.is_array(input):
            raise TypeError(f"nn.Bottle: input must be a tensor, got {arrays.describe(input)}")
        leading = input.ndim - self.nInputDim + 1
        if leading <= 1:
            return input
        return input.reshape(prod(input.shape[:leading]), *input.shape[leading:])

    def _fusedGradient(self, gradOutput: Any) -> Any:
        return self.gradOutputAs(gradOutput, self.output).reshape(self.modules[0].output.shape)
