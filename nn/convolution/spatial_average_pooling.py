from __future__ import annotations

from typing import Any, Self

from torch7 import registry

from .. import thnn
from ..extension import register
from .pooling_base import SpatialPooling
from .sizes import as_batch, batch_of, upgrade_steps


@register
class SpatialAveragePooling(SpatialPooling):
    """The mean of every ``kW x kH`` window.

    The window moves by ``dW, dH`` (default 1, unlike max pooling) over planes with borders ``padW, padH`` of zeros (at
    most half the kernel), all in pixels. Input: ``C x H x W`` or ``N x C x H x W``; output ``C x oH x oW``, ``oW =
    floor((W - kW + 2 padW) / dW) + 1``, or with ceil after :meth:`ceil`. The mean counts the pixels of the border (but
    not what a window reaches beyond it), unless :meth:`setCountExcludePad`. ``ValueError`` for an input without 3 or 4
    dimensions, for an image smaller than the window and for a larger border; ``TypeError`` for another type. Source:
    manual chapter "convolution".
    """

    def __init__(
        self,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        self.setWindow((kW, kH), (dW, dH), (padW, padH), step=1)
        self.count_include_pad = True
        self.divide = True

    def setCountIncludePad(self) -> Self:
        """Count the border's pixels in the mean, the default. Returns the module."""
        self.count_include_pad = True
        return self

    def setCountExcludePad(self) -> Self:
        """Leave the border's pixels out of the mean. Returns the module."""
        self.count_include_pad = False
        return self

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 2)
        output = self.resizeOutput(input, (*input.shape[:-2], *self._outputSize(batch)))
        thnn.SpatialAveragePooling_updateOutput(
            thnn.contiguous(batch), as_batch(output), self._geometry(), bool(self.count_include_pad)
        )
        return output if self.divide else self._sums(output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        shape = (*input.shape[:-2], *self._outputSize(batch_of(self, input, None, 2)))
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, shape))
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.SpatialAveragePooling_updateGradInput(
            as_batch(gradOutput), as_batch(gradInput), self._geometry(), bool(self.count_include_pad)
        )
        return gradInput if self.divide else self._sums(gradInput)

    def _sums(self, means: Any) -> Any:
        """``means`` times the size of a window, whatever part of it they are of."""
        means *= self.kW * self.kH
        return means


@registry.upgrade(SpatialAveragePooling)
def _upgrade(module: SpatialAveragePooling, fields: dict) -> None:
    """The oldest files sum instead of dividing, and have neither ceil_mode nor borders."""
    if fields.get("ceil_mode") is None:
        fields.update(ceil_mode=False, count_include_pad=True, padW=0, padH=0)
    fields.setdefault("divide", False)


registry.upgrade(SpatialAveragePooling)(upgrade_steps)
