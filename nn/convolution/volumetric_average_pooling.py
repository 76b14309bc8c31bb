from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import thnn
from ..doors import register
from ..module import Module
from .planes import batch_of
from .volumetric_max_pooling import boxes


@register
class VolumetricAveragePooling(Module):
    """The mean of every ``kT x kW x kH`` box, which moves by ``dT, dW, dH`` (default: its size).

    Arguments come in the order T, W, H, tensors in the order T, H, W. Input: ``C x T x H x W`` or
    ``N x C x T x H x W``; output sizes ``floor((T - kT) / dT) + 1`` and so on. A volume smaller than the box raises
    ``ValueError``. Source: manual chapter "convolution".
    """

    def __init__(
        self, kT: int, kW: int, kH: int, dT: int | None = None, dW: int | None = None, dH: int | None = None
    ) -> None:
        super().__init__()
        self.kT, self.kW, self.kH = kT, kW, kH
        self.dT = kT if dT is None else dT
        self.dW = kW if dW is None else dW
        self.dH = kH if dH is None else dH

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 3)
        size, step = (self.kT, self.kH, self.kW), (self.dT, self.dH, self.dW)
        if any(s < k for s, k in zip(batch.shape[2:], size)):
            raise ValueError(f"{self}: {arrays.describe(input)} is smaller than the kernel size")
        sizes = ((s - k) // d + 1 for s, k, d in zip(batch.shape[2:], size, step))
        output = self.resizeOutput(input, (*input.shape[:-3], *sizes))
        thnn.VolumetricAveragePooling_updateOutput(boxes(thnn.contiguous(batch)), boxes(output), size, step)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = boxes(thnn.contiguous(self.checkGradOutput(gradOutput, self.output)))
        size, step = (self.kT, self.kH, self.kW), (self.dT, self.dH, self.dW)
        thnn.VolumetricAveragePooling_updateGradInput(gradOutput, boxes(gradInput), size, step)
        return gradInput

    def empty(self) -> VolumetricAveragePooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def __tostring__(self) -> str:
        name = registry.class_name(type(self))
        return f"{name}({self.kT}x{self.kW}x{self.kH}, {self.dT},{self.dW},{self.dH})"
