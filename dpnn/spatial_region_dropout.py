from __future__ import annotations

from typing import Any, Self

import nn
from nn import thnn
from torch7 import arrays, registry


@nn.register
class SpatialRegionDropout(nn.Module):
    """Drops one side of the images of a batch in training: ``output = input * noise``.

    ``noise`` is 0 in the top, bottom, left or right part, one of the four for a whole batch, of ``floor(p H)`` rows or
    ``floor(p W)`` columns, and ``1 / (1 - p)`` elsewhere; ``regionType`` is 1 to 4, on a GPU a tensor of one element.
    Evaluation passes the input on and has no backward (``RuntimeError``). Input: ``C x H x W`` or ``N x C x H x W``.
    ``p``: 0.2, ``ValueError`` unless ``0 <= p < 1``.
    Source: manual of dpnn.
    """

    regionType: Any = None

    def __init__(self, p: float | None = None) -> None:
        super().__init__()
        self.train = True
        self.setp(0.2 if p is None else p)
        self.noise = arrays.empty()

    def setp(self, p: float) -> Self:
        """Change the part that is dropped; returns the module."""
        if not 0 <= p < 1:
            raise ValueError(f"<SpatialRegionDropout> illegal percentage, must be 0 <= p < 1, got {p}")
        self.p = p
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (3, 4):
            message = "Input must be 4D (nbatch, nfeat, h, w) or 3D (nfeat, h, w)"
            raise ValueError(f"{message}, got {arrays.describe(input)}")
        output = self.resizeOutput(input)
        if not self.train:
            output[...] = input
            return output
        if not 0 <= self.p < 1:
            raise ValueError(f"{self}: p must be at least 0 and less than 1")
        self.noise = self.resized(self.noise, input.shape)
        self.regionType = thnn.Dropout_region(input, output, self.noise, self.p, self.regionType)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if not self.train:
            raise RuntimeError("SpatialRegionDropout: Backpropagation is only defined for training.")
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).multiply(gradOutput, self.noise, out=gradInput)

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} p: {self.p:f}"
