from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..module import Module
from .places import as_longs
from .spatial_max_pooling import SpatialMaxPooling
from .volumetric_max_pooling import VolumetricMaxPooling, boxes


class MaxUnpooling(Module):
    """Base of modules that undo the max pooling of ``pooling``, a module of the class ``of``."""

    of: type[Module]

    def __init__(self, poolingModule: Any) -> None:
        super().__init__()
        if type(poolingModule) is not self.of:
            raise TypeError(f"Argument must be a {registry.class_name(self.of)} module, got {poolingModule}")
        if not self.sizeIsStep(poolingModule):
            raise ValueError(f"The size of pooling module's kernel must be equal to its stride, got {poolingModule}")
        self.pooling = poolingModule

    def sizeIsStep(self, pooling: Any) -> bool:
        raise NotImplementedError

    def indicesFor(self, input: Any) -> Any:
        """The places of the pooling's maxima; ``ValueError`` unless they fit ``input``."""
        self.checkType(input)
        self.setParams()
        if self.indices.shape != input.shape:
            raise ValueError(
                f"{self}: input and indices shapes do not match: "
                f"input {arrays.describe(input)}, indices {arrays.describe(self.indices)}"
            )
        return self.indices.astype(np.int64, copy=False)

    def setParams(self) -> None:
        """Take places and sizes from the last forward of the pooling module."""
        raise NotImplementedError

    def _t7_fields(self) -> dict:
        return vars(self) | as_longs(self)

    def empty(self) -> MaxUnpooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} associated to {self.pooling}"


@register
class SpatialMaxUnpooling(MaxUnpooling):
    """Puts every value at the place where the module ``poolingModule`` found its maximum, zeros elsewhere.

    ``poolingModule``: an ``nn.SpatialMaxPooling`` whose strides are its kernel, with a forward behind it. Input: the
    shape of that module's output; output: the shape of its input. ``TypeError`` or ``ValueError`` for another module;
    ``ValueError`` for another shape and for indices outside. Source: manual chapter "convolution".
    """

    of = SpatialMaxPooling

    def sizeIsStep(self, pooling: Any) -> bool:
        return (pooling.kW, pooling.kH) == (pooling.dW, pooling.dH)

    def setParams(self) -> None:
        self.indices = self.pooling.indices
        if not hasattr(self.pooling, "iheight"):
            raise ValueError(f"{self}: call forward of the pooling module first")
        self.oheight, self.owidth = self.pooling.iheight, self.pooling.iwidth

    def updateOutput(self, input: Any) -> Any:
        indices = planes(thnn.contiguous(self.indicesFor(input)))
        output = self.resizeOutput(input, (*input.shape[:-2], self.oheight, self.owidth))
        bad = thnn.SpatialMaxUnpooling_updateOutput(planes(thnn.contiguous(input)), planes(output), indices)
        self._check(bad, indices)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        indices = planes(thnn.contiguous(self.indicesFor(input)))
        gradInput = self.resizeGradInput(input, gradOutput)
        shape = (*input.shape[:-2], self.oheight, self.owidth)
        gradOutput = planes(thnn.contiguous(self.gradOutputAs(gradOutput, shape)))
        self._check(thnn.SpatialMaxUnpooling_updateGradInput(gradOutput, planes(gradInput), indices), indices)
        return gradInput

    def _check(self, bad: Any, indices: Any) -> None:
        """``ValueError`` unless ``bad``, which tells where a place lies outside, is -1."""
        if bad != -1:
            thnn.refused(bad, lambda place: self._refuse(int(indices.reshape(-1)[place])))

    def _refuse(self, index: int) -> NoReturn:
        raise ValueError(
            f"{self}: found an invalid max index {index} (output volumes are of size {self.oheight}x{self.owidth})"
        )


def planes(x: Any) -> Any:
    """Planes x pixels of a contiguous sample or batch."""
    return x.reshape(-1, x.shape[-2] * x.shape[-1])


@register
class VolumetricMaxUnpooling(MaxUnpooling):
    """Puts every value at the place where the module ``poolingModule`` found its maximum, zeros elsewhere.

    ``poolingModule``: an ``nn.VolumetricMaxPooling`` whose strides are its kernel, with a forward behind it. Input: the
    shape of that module's output; output: the shape of its input. ``TypeError`` or ``ValueError`` for another module;
    ``ValueError`` for another shape and for indices outside. Source: manual chapter "convolution".
    """

    of = VolumetricMaxPooling

    def sizeIsStep(self, pooling: Any) -> bool:
        return pooling._size() == pooling._step()

    def setParams(self) -> None:
        pooling = self.pooling
        pooling.numbers(pooling)
        if not hasattr(pooling, "itime"):
            raise ValueError(f"{self}: call forward of the pooling module first")
        self.indices = pooling.indices
        self.otime, self.oheight, self.owidth = pooling.itime, pooling.iheight, pooling.iwidth
        self.dT, self.dH, self.dW = pooling._step()
        self.padT, self.padH, self.padW = pooling._pad()

    def updateOutput(self, input: Any) -> Any:
        indices = boxes(thnn.contiguous(self.indicesFor(input)))
        output = self.resizeOutput(input, (*input.shape[:-3], self.otime, self.oheight, self.owidth))
        step, pad = self.pooling._step(), self.pooling._pad()
        bad = thnn.VolumetricMaxUnpooling_updateOutput(boxes(thnn.contiguous(input)), boxes(output), indices, step, pad)
        self._check(bad)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        indices = boxes(thnn.contiguous(self.indicesFor(input)))
        gradInput = self.resizeGradInput(input, gradOutput)
        shape = (*input.shape[:-3], self.otime, self.oheight, self.owidth)
        gradOutput = boxes(thnn.contiguous(self.gradOutputAs(gradOutput, shape)))
        step, pad = self.pooling._step(), self.pooling._pad()
        self._check(thnn.VolumetricMaxUnpooling_updateGradInput(gradOutput, boxes(gradInput), indices, step, pad))
        return gradInput

    def _check(self, bad: Any) -> None:
        """``ValueError`` unless ``bad`` is -1: some place lies outside."""
        if bad != -1:
            thnn.refused(bad, self._refuse)

    def _refuse(self, place: int) -> NoReturn:
        raise ValueError(
            f"{self}: found an invalid max index (output volumes are of size {self.otime}x{self.oheight}x{self.owidth})"
        )
