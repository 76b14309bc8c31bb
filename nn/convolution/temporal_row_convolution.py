from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from .frames import as_sequences
from .temporal_base import TemporalLayer


@register
class TemporalRowConvolution(TemporalLayer):
    """Convolves every feature of a sequence by itself (a depth-wise convolution over time):

    ``output[t, f] = bias[f] + sum over k of weight[f, 1, k] * input[t dW + k, f]``

    Input: ``T x inputFrameSize`` or ``N x T x inputFrameSize``; output ``oT x inputFrameSize``,
    ``oT = floor((T - kW) / dW) + 1``. With ``featFirst`` input and output are ``inputFrameSize x T`` or
    ``N x inputFrameSize x T``. Window ``kW`` and stride ``dW`` (default 1) in frames. ``weight`` is
    ``inputFrameSize x 1 x kW``. ``ValueError`` for sequences shorter than the window or with other frames.
    Source: manual chapter "convolution".
    """

    def __init__(self, inputFrameSize: int, kW: int, dW: int | None = None, featFirst: bool | None = None) -> None:
        super().__init__()
        self.inputFrameSize = inputFrameSize
        self.setWindow(kW, dW)
        self.featFirst = bool(featFirst)
        self.makeParameters()

    def weightShape(self) -> tuple[int, int, int]:
        return self.inputFrameSize, 1, self.kW

    def noBias(self) -> Self:
        """Take the bias away; returns the module."""
        self.bias = self.gradBias = None
        return self

    def geometry(self) -> tuple:
        return self.dW, bool(self.featFirst)

    def batch(self, input: Any) -> Any:
        self.checkType(input)
        axis = -2 if self.featFirst else -1
        if input.ndim not in (2, 3) or input.shape[axis] != self.inputFrameSize:
            raise ValueError(
                f"{self}: 2D or 3D (batch mode) tensor of {self.inputFrameSize} features expected for input, "
                f"got {arrays.describe(input)}"
            )
        return thnn.contiguous(as_sequences(input))

    def outputShape(self, batch: Any) -> tuple[int, int, int]:
        frames = batch.shape[2 if self.featFirst else 1]
        if frames < self.kW:
            raise ValueError(f"{self}: {arrays.describe(batch)} is too small, {self.kW} frames expected, got {frames}")
        count = (frames - self.kW) // self.dW + 1
        features = self.inputFrameSize
        return (len(batch), features, count) if self.featFirst else (len(batch), count, features)

    def __tostring__(self) -> str:
        stride = "" if self.dW == 1 else f", {self.dW}"
        text = f"{registry.class_name(type(self))}({self.inputFrameSize}, {self.kW}{stride})"
        return text if self.bias is not None else f"{text} without bias"

    def kernels(self) -> tuple[Any, Any, Any]:
        return (
            thnn.TemporalRowConvolution_updateOutput,
            thnn.TemporalRowConvolution_updateGradInput,
            thnn.TemporalRowConvolution_accGradParameters,
        )
