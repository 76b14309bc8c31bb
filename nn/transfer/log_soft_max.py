from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .soft_max import ClassMap


@register
class LogSoftMax(ClassMap):
    """Log-probabilities of scores: ``y_i = x_i - m - log sum_j exp(x_j - m)`` with ``m = max_j x_j``.

    Input: C scores, ``N x C``, ``C x H x W`` or ``N x C x H x W``; the sum runs over the C classes. Output of the same
    shape. Other ranks raise ``ValueError``. Source: manual chapter "transfer".
    """

    def updateOutput(self, input: Any) -> Any:
        self.checkShapes(input)
        output = self.resizeOutput(input)
        thnn.LogSoftMax_updateOutput(thnn.contiguous(input), output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(self.output, gradOutput)
        self.checkShapes(self.output, gradOutput)
        thnn.LogSoftMax_updateGradInput(thnn.contiguous(gradOutput), gradInput, thnn.contiguous(self.output))
        return gradInput


@register
class SpatialLogSoftMax(LogSoftMax):
    """:class:`LogSoftMax` under the name for images: over the planes, at each location apart.

    Input ``C x H x W`` or ``N x C x H x W``, and also what LogSoftMax takes. ``TypeError`` for a tensor of another
    type, ``ValueError`` for a gradOutput of another size. Source: manual chapter "transfer".
    """
