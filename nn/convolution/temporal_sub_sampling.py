from __future__ import annotations

from ..doors import register
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

    operation = "TemporalSubSampling"

    def __init__(self, inputFrameSize: int, kW: int, dW: int | None = None) -> None:
        super().__init__()
        self.inputFrameSize = inputFrameSize
        self.setWindow(kW, dW)
        self.makeParameters()

    def weightShape(self) -> tuple[int]:
        return (self.inputFrameSize,)

    def fanIn(self) -> int:
        return self.kW
