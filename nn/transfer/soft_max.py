from __future__ import annotations

from typing import Any, Self

import numpy as np

from torch7 import arrays, registry

from .. import thnn, utils
from ..extension import register
from ..module import Module


class ClassMap(Module):
    """Base of what normalises over classes: checks shapes and calls the kernels of the subclass.

    The classes are dimension 1 of an input of 1 or 3 dimensions and dimension 2 of one of 2 or 4.
    """

    def checkShapes(self, input: Any, gradOutput: Any = None) -> None:
        """Raise ``ValueError`` unless the input has 1 to 4 dimensions, and gradOutput the shape of the output."""
        if type(input) is not np.ndarray:
            self.checkType(input)
        if gradOutput is not None and gradOutput.shape != input.shape:
            raise ValueError(
                f"{registry.class_name(type(self))}: gradOutput is {arrays.describe(gradOutput)}, "
                f"the output of the last forward {arrays.describe(input)}; call forward before backward"
            )
        if not 1 <= input.ndim <= 4 or input.size == 0:
            raise ValueError(
                f"{registry.class_name(type(self))}: 1D, 2D, 3D or 4D tensor expected, got {arrays.describe(input)}"
            )


@register
class SoftMax(ClassMap):
    """Scores turned into probabilities: ``y_i = exp(x_i - m) / sum_j exp(x_j - m)`` with ``m = max_j x_j``.

    Input: C scores, ``N x C``, ``C x H x W`` or ``N x C x H x W``; the sum runs over the C classes. Output of the same
    shape. Other ranks raise ``ValueError``. Source: manual chapter "transfer".
    """

    def updateOutput(self, input: Any) -> Any:
        self.checkShapes(input)
        output = self.resizeOutput(input)
        thnn.SoftMax_updateOutput(thnn.contiguous(input), output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(self.output, gradOutput)
        self.checkShapes(self.output, gradOutput)
        thnn.SoftMax_updateGradInput(thnn.contiguous(gradOutput), gradInput, thnn.contiguous(self.output))
        return gradInput


@register
class SpatialSoftMax(SoftMax):
    """:class:`SoftMax` under the name for images: over the planes, at each location apart.

    Input ``C x H x W`` or ``N x C x H x W``, and also what SoftMax takes. ``TypeError`` for a tensor of another type,
    ``ValueError`` for a gradOutput of another size. Source: manual chapter "transfer".
    """


@register
class SoftMin(ClassMap):
    """:class:`SoftMax` of the negative scores: ``y_i = exp(m - x_i) / sum_j exp(m - x_j)`` with ``m = min_j x_j``.

    Input and output as those of SoftMax. ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of
    another size. Source: manual chapter "transfer".
    """

    def __init__(self) -> None:
        super().__init__()
        self.mininput = arrays.empty()

    def updateOutput(self, input: Any) -> Any:
        self.checkShapes(input)
        output = self.resizeOutput(input)
        self.mininput = self.resized(self.mininput, input.shape)
        arrays.array_module(input).negative(input, out=self.mininput)
        thnn.SoftMax_updateOutput(self.mininput, output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(self.output, gradOutput)
        self.checkShapes(self.output, gradOutput)
        thnn.SoftMax_updateGradInput(thnn.contiguous(gradOutput), gradInput, thnn.contiguous(self.output))
        arrays.array_module(gradInput).negative(gradInput, out=gradInput)
        return gradInput

    def clearState(self) -> Self:
        utils.clear(self, "mininput")
        return super().clearState()
