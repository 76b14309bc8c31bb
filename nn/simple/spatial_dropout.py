from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..module import Module


class MapDropout(Module):
    """What SpatialDropout and VolumetricDropout share: ``ndim`` is how many dimensions a batch has."""

    ndim = 4
    stochastic_inference = False
    dimensions = "Input must be 4D (nbatch, nfeat, h, w) or 3D (nfeat, h, w)"

    def __init__(self, p: float | None = None, stochasticInference: bool | None = None) -> None:
        super().__init__()
        self.p = 0.5 if p is None else p
        self.train = True
        self.stochastic_inference = bool(stochasticInference)
        self.noise = arrays.empty()

    def setp(self, p: float) -> Self:
        """Change the probability; returns the module."""
        self.p = p
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (self.ndim - 1, self.ndim):
            raise ValueError(f"{self}: {self.dimensions}, got {arrays.describe(input)}")
        output = self.resizeOutput(input)
        if not self._drops():
            return arrays.array_module(input).multiply(input, 1 - self.p, out=output)
        maps = input.ndim - self.ndim + 2
        self.noise = self.resized(self.noise, input.shape[:maps] + (1,) * (self.ndim - 2))
        thnn.Dropout_updateOutput(input, output, self.noise, 1 - self.p)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if not self._drops():
            raise RuntimeError(f"{self}: backprop only defined while training")
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).multiply(gradOutput, self.noise, out=gradInput)

    def _drops(self) -> bool:
        return bool(self.train or self.stochastic_inference)

    def clearState(self) -> Self:
        self.noise = arrays.empty(self._type)
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.p:f})"


@register
class SpatialDropout(MapDropout):
    """Zeroes whole planes of images with probability ``p`` (0.5) during training; evaluation multiplies by ``1 - p``.

    Input ``C x H x W`` or ``N x C x H x W``; ``noise``, of 0 and 1, has one element a plane, and what is kept is not
    scaled. ``stochasticInference`` drops in evaluation too. Other ranks raise ``ValueError``, a backward in
    evaluation ``RuntimeError``. Source: manual chapter "simple".
    """


@register
class VolumetricDropout(MapDropout):
    """:class:`SpatialDropout` of volumes, ``C x T x H x W`` or ``N x C x T x H x W``.

    Errors as there. Source: manual chapter "simple".
    """

    ndim = 5
    dimensions = "Input must be 5D (nbatch, nfeat, t, h, w) or 4D (nfeat, t, h, w)"
