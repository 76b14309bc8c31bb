from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from ..numbers import Whole
from .temporal_base import TemporalLayer


@register
class TemporalConvolution(TemporalLayer):
    """A linear map of every window of frames:

    ``output[t, o] = bias[o] + sum over k, j of weight[o, k * inputFrameSize + j] * input[t dW + k, j]``

    Input: ``T x inputFrameSize`` or ``N x T x inputFrameSize``; output ``oT x outputFrameSize``,
    ``oT = floor((T - kW) / dW) + 1``. Window ``kW`` and stride ``dW`` (default 1) in frames. ``weight`` is
    ``outputFrameSize x (kW * inputFrameSize)``. ``ValueError`` for sequences shorter than the window or with other
    frames. Source: manual chapter "convolution".
    """

    numbers = Whole(inputFrameSize=1, outputFrameSize=1, kW=1, dW=1)

    def __init__(self, inputFrameSize: int, outputFrameSize: int, kW: int, dW: int | None = None) -> None:
        super().__init__()
        self.inputFrameSize, self.outputFrameSize = inputFrameSize, outputFrameSize
        self.setWindow(kW, dW)
        self.makeParameters()

    def weightShape(self) -> tuple[int, int]:
        return self.outputFrameSize, self.inputFrameSize * self.kW

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.defaultAccUpdateGradParameters(input, gradOutput, lr)

    def kernels(self) -> tuple[Any, Any, Any]:
        return (
            thnn.TemporalConvolution_updateOutput,
            thnn.TemporalConvolution_updateGradInput,
            thnn.TemporalConvolution_accGradParameters,
        )
