from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .temporal_base import TemporalLayer


@register
class TemporalSubSampling(TemporalLayer):
    """The sum over every window of frames, times a weight plus a bias of each feature:

    ``output[t, f] = bias[f] + weight[f] * sum over k of input[t dW + k, f]``

    Input: ``T x inputFrameSize`` or ``N x T x inputFrameSize``; output ``oT x inputFrameSize``,
    ``oT = floor((T - kW) / dW) + 1``. Window ``kW`` and stride ``dW`` (default 1) in frames. ``weight`` and ``bias``
    have ``inputFrameSize`` elements. ``ValueError`` for sequences shorter than the window or with other frames.
    Source: manual chapter "convolution".
    """

    def __init__(self, inputFrameSize: int, kW: int, dW: int | None = None) -> None:
        super().__init__()
        self.inputFrameSize = inputFrameSize
        self.setWindow(kW, dW)
        self.makeParameters()

    def weightShape(self) -> tuple[int]:
        return (self.inputFrameSize,)

    def fanIn(self) -> int:
        return self.kW

    def kernels(self) -> tuple[Any, Any, Any]:
        return (
            thnn.TemporalSubSampling_updateOutput,
            thnn.TemporalSubSampling_updateGradInput,
            thnn.TemporalSubSampling_accGradParameters,
        )
