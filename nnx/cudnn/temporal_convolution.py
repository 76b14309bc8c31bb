from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from nn.constructors import prepare
from nn.convolution.frames import as_sequences, frames_of, sequences_of
from nn.module import Module
from nn.numbers import Whole
from torch7 import registry


class TemporalConvolution(nn.TemporalConvolution):
    """:class:`nn.TemporalConvolution` with ``padH`` (0) frames of zeros at both ends.

    The window is ``kH`` frames and its stride ``dH`` (1), because a frame is a row of an image for cuDNN; the fields
    ``kW`` and ``dW`` are inputFrameSize and 1. Source: cudnn.torch.
    """

    numbers = Whole(inputFrameSize=1, outputFrameSize=1, kH=1, dH=1, padH=0)
    _transient = ("_padded", "_gradPadded")
    padH = 0

    def __init__(
        self, inputFrameSize: int, outputFrameSize: int, kH: int, dH: int | None = None, padH: int | None = None
    ) -> None:
        Module.__init__(self)
        self.inputFrameSize, self.outputFrameSize = inputFrameSize, outputFrameSize
        self.kH, self.dH, self.padH = kH, 1 if dH is None else dH, 0 if padH is None else padH
        self.kW, self.dW = inputFrameSize, 1
        self.makeParameters()

    def fanIn(self) -> int:
        return self.kH * self.inputFrameSize

    def weightShape(self) -> tuple[int, int]:
        return self.outputFrameSize, self.inputFrameSize * self.kH

    def geometry(self) -> tuple:
        return self.kH, self.dH

    def outputShape(self, batch: Any) -> tuple[int, int, int]:
        return len(batch), frames_of(self, batch, self.kH, self.dH), self.outputFrameSize

    def batch(self, input: Any) -> Any:
        """The sequences between zeros."""
        x, pad = sequences_of(self, input, self.inputFrameSize), self.padH
        if not pad:
            return thnn.contiguous(x)
        self._padded = padded = self._between("_padded", x)
        padded[:, :pad] = padded[:, x.shape[1] + pad :] = 0
        padded[:, pad : x.shape[1] + pad] = x
        return padded

    def _between(self, name: str, x: Any) -> Any:
        return self.resized(vars(self).get(name), (len(x), x.shape[1] + 2 * self.padH, x.shape[2]))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None or not self.padH:
            return super().updateGradInput(input, gradOutput)
        self.numbers(self)
        gradBatch = self.gradBatch(self.batch(input), gradOutput)
        weight, _ = self.fitting("weight", "bias")
        gradInput = self.resizeGradInput(input, gradOutput)
        x = as_sequences(gradInput)
        self._gradPadded = padded = self._between("_gradPadded", x)
        thnn.TemporalConvolution_updateGradInput(gradBatch, padded, weight, *self.geometry())
        x[...] = padded[:, self.padH : x.shape[1] + self.padH]
        return gradInput


prepare(TemporalConvolution)
registry.variant("cudnn.TemporalConvolution", TemporalConvolution, lambda fields: fields.get("kH") is not None)
registry.lacking(TemporalConvolution, padH=0, dH=1)
