from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..module import Module
from ..numbers import Whole
from .sizes import batch_of, set_window, upgrade_steps
from .volumetric_max_pooling import boxes

NUMBERS = Whole(kT=1, kW=1, kH=1, dT=1, dW=1, dH=1)


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
        set_window(self, (kT, kW, kH), (dT, dW, dH), step=None)
        NUMBERS(self)

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input, self._outputShape(input))
        thnn.VolumetricAveragePooling_updateOutput(boxes(thnn.contiguous(input)), boxes(output), *self._windows())
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, self._outputShape(input)))
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.VolumetricAveragePooling_updateGradInput(boxes(gradOutput), boxes(gradInput), *self._windows())
        return gradInput

    def _windows(self) -> tuple[tuple, tuple]:
        """Size and step of the box."""
        return (self.kT, self.kH, self.kW), (self.dT, self.dH, self.dW)

    def _outputShape(self, input: Any) -> tuple[int, ...]:
        NUMBERS(self)
        size, step = self._windows()
        sizes = batch_of(self, input, None, 3).shape[2:]
        if any(s < k for s, k in zip(sizes, size)):
            raise ValueError(f"{self}: {arrays.describe(input)} is smaller than the kernel size")
        return (*input.shape[:-3], *((s - k) // d + 1 for s, k, d in zip(sizes, size, step)))

    def empty(self) -> VolumetricAveragePooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def __tostring__(self) -> str:
        name = registry.class_name(type(self))
        return f"{name}({self.kT}x{self.kW}x{self.kH}, {self.dT},{self.dW},{self.dH})"


registry.upgrade(VolumetricAveragePooling)(upgrade_steps)
