from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..joining import counted_axis
from ..module import Module


@register
class Sum(Module):
    """The sum along one dimension, which is left out: ``s1 x s2 x s3`` becomes ``s1 x s3`` for ``Sum(2)``.

    ``dimension`` is 1-based, 1 by default, from the end if negative; with ``nInputDims`` an input of one dimension more
    is a batch, and the dimension counts after the batch's. ``sizeAverage`` divides by the size of the dimension;
    ``squeeze=False`` keeps the dimension, of size 1. A vector gives one element. A dimension that is not there raises
    ``ValueError``. Source: manual chapter "simple".
    """

    nInputDims: int | None = None
    sizeAverage = False
    squeeze = True

    def __init__(
        self,
        dimension: int | None = None,
        nInputDims: int | None = None,
        sizeAverage: bool | None = None,
        squeeze: bool | None = None,
    ) -> None:
        super().__init__()
        if squeeze is not None and not isinstance(squeeze, bool):
            raise TypeError(f"nn.Sum: squeeze has to be True or False, got {arrays.describe(squeeze)}")
        self.dimension = 1 if dimension is None else dimension
        self.nInputDims = nInputDims
        self.sizeAverage = bool(sizeAverage)
        self.squeeze = squeeze is not False

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        axis = counted_axis(self, input)
        keep = not self.squeeze or input.ndim == 1
        shape = input.shape[:axis] + ((1,) if keep else ()) + input.shape[axis + 1 :]
        output = self.resizeOutput(input, shape)
        input.sum(axis, keepdims=keep, out=output)
        if self.sizeAverage:
            output /= input.shape[axis]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        axis = counted_axis(self, input)
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        gradInput[...] = gradOutput.reshape(*input.shape[:axis], 1, *input.shape[axis + 1 :])
        if self.sizeAverage:
            gradInput /= input.shape[axis]
        return gradInput


@register
class Mean(Sum):
    """The mean along one dimension: arguments, shapes and errors as :class:`Sum`. Source: manual chapter "simple"."""

    def __init__(self, dimension: int | None = None, nInputDims: int | None = None) -> None:
        super().__init__(dimension, nInputDims, True)
