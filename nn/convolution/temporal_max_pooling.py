from __future__ import annotations

from typing import Any, Self

from torch7 import registry

from .. import thnn
from ..extension import register
from ..numbers import Whole
from .frames import as_sequences, frames_of, sequences_of
from .places import Places
from .sizes import check_indices, indices_for, upgrade_steps

NUMBERS = Whole(kW=1, dW=1)


@register
class TemporalMaxPooling(Places):
    """The largest value of every feature over windows of ``kW`` frames, which move by ``dW`` frames (default kW).

    Input: ``T x F`` or ``N x T x F``; output ``floor((T - kW) / dW) + 1`` frames. ``indices`` holds the place of each
    maximum in its window, counted from 0; the first of several wins. A sequence shorter than the window raises
    ``ValueError``. Source: manual chapter "convolution".
    """

    def __init__(self, kW: int, dW: int | None = None) -> None:
        super().__init__()
        self.kW = kW
        self.dW = kW if dW is None else dW
        NUMBERS(self)

    def updateOutput(self, input: Any) -> Any:
        batch = sequences_of(self, input)
        shape = self._outputShape(input)
        output = self.resizeOutput(input, shape)
        indices = self.resizeIndices(shape, input)
        thnn.TemporalMaxPooling_updateOutput(
            thnn.contiguous(batch), as_sequences(output), as_sequences(indices), self.kW, self.dW
        )
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        shape = self._outputShape(input)
        gradOutput, indices = thnn.contiguous(self.gradOutputAs(gradOutput, shape)), indices_for(self, shape)
        gradInput = self.resizeGradInput(input, gradOutput)
        outside = thnn.TemporalMaxPooling_updateGradInput(
            *map(as_sequences, (gradOutput, gradInput, indices)), self.dW, self.kW
        )
        check_indices(self, outside, input)
        return gradInput

    def _outputShape(self, input: Any) -> tuple[int, ...]:
        NUMBERS(self)
        frames = frames_of(self, sequences_of(self, input), self.kW, self.dW)
        return (*input.shape[:-2], frames, input.shape[-1])

    def empty(self) -> TemporalMaxPooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def clearState(self) -> Self:
        vars(self).pop("indices", None)
        return super().clearState()


registry.upgrade(TemporalMaxPooling)(upgrade_steps)
