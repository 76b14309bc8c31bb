"""What the layers with parameters on sequences of frames share."""

from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays
from torch7.random import uniform

from .. import thnn
from ..module import Module
from ..numbers import Whole
from .frames import as_sequences, frames_of, sequences_of
from .sizes import parameter


class TemporalLayer(Module):
    """Base of layers with a window of ``kW`` frames that moves by ``dW``.

    A subclass names its entries in :meth:`kernels` and its number of features by ``inputFrameSize``.
    """

    numbers = Whole(inputFrameSize=1, kW=1, dW=1)

    def setWindow(self, kW: int, dW: int | None) -> None:
        self.kW, self.dW = kW, 1 if dW is None else dW

    def makeParameters(self) -> None:
        """Make and draw ``weight``, and ``bias`` of its first size."""
        self.numbers(self)
        xp, dtype, shape = arrays.module_of(self._type), self._dtype, self.weightShape()
        self.weight, self.gradWeight = xp.empty(shape, dtype), xp.zeros(shape, dtype)
        self.bias, self.gradBias = xp.empty(shape[0], dtype), xp.zeros(shape[0], dtype)
        self.reset()

    def fanIn(self) -> int:
        return self.kW * self.inputFrameSize

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(number of inputs of an output)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.fanIn())
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.numbers(self)
        batch = self.batch(input)
        weight, bias = self.fitting("weight", "bias")
        output = self.resizeOutput(input, self.outputShape(batch)[3 - input.ndim :])
        updateOutput, _, _ = self.kernels()
        updateOutput(batch, as_sequences(output), weight, bias, *self.geometry())
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        self.numbers(self)
        gradBatch = self.gradBatch(self.batch(input), gradOutput)
        weight, _ = self.fitting("weight", "bias")
        gradInput = self.resizeGradInput(input, gradOutput)
        _, updateGradInput, _ = self.kernels()
        updateGradInput(gradBatch, as_sequences(gradInput), weight, *self.geometry())
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.numbers(self)
        batch = self.batch(input)
        gradBatch = self.gradBatch(batch, gradOutput)
        gradWeight, gradBias = self.fitting("gradWeight", "gradBias")
        scale = 1 if scale is None else scale
        _, _, accGradParameters = self.kernels()
        accGradParameters(batch, gradBatch, gradWeight, gradBias, *self.geometry(), scale)
        thnn.copy_back(gradWeight, self.gradWeight)
        thnn.copy_back(gradBias, self.gradBias)

    def fitting(self, weight: str, bias: str) -> tuple[Any, Any]:
        """Two fields, the parameters or their gradients, as the kernels take them."""
        shape = self.weightShape()
        return parameter(self, weight, shape), parameter(self, bias, shape[:1])

    def weightShape(self) -> tuple[int, ...]:
        raise NotImplementedError

    def kernels(self) -> tuple[Any, Any, Any]:
        """The entries of the layer's operation: updateOutput, updateGradInput, accGradParameters."""
        raise NotImplementedError

    def geometry(self) -> tuple:
        """What the kernels take beside the tensors."""
        return self.kW, self.dW

    def batch(self, input: Any) -> Any:
        """``input`` as a contiguous batch of sequences."""
        return thnn.contiguous(sequences_of(self, input, self.inputFrameSize))

    def outputShape(self, batch: Any) -> tuple[int, int, int]:
        """The output's shape for a batch; ``ValueError`` where it is too short."""
        return len(batch), frames_of(self, batch, self.kW, self.dW), self.weightShape()[0]

    def gradBatch(self, batch: Any, gradOutput: Any) -> Any:
        """gradOutput as a contiguous batch; ``ValueError`` where it does not fit the input."""
        return thnn.contiguous(self.gradOutputAs(gradOutput, self.outputShape(batch), exact=True))
