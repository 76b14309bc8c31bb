from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays
from torch7.random import uniform


class ColorTransform(nn.Module):
    """Base of modules that add a random number to each channel of an image in training.

    A subclass defines ``draw(noise)``, which fills the array ``noise``, ``N x C``, one row for each image.
    """

    noise: Any = None

    def __init__(self, inputChannels: int) -> None:
        super().__init__()
        self.train = True
        self.inputChannels = inputChannels

    def draw(self, noise: Any) -> None:
        raise NotImplementedError

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (3, 4) or input.shape[-3] != self.inputChannels:
            wanted = f"{self.inputChannels} x H x W or N x {self.inputChannels} x H x W"
            raise ValueError(f"{type(self).__name__}: input must be {wanted}, got {arrays.describe(input)}")
        output = self.resizeOutput(input)
        if not self.train:
            output[...] = input
            return output
        noise = self.noise = self.resized(self.noise, input.shape[:-2])
        self.draw(noise.reshape(-1, self.inputChannels))
        return arrays.array_module(input).add(input, noise[..., None, None], out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if not self.train:
            raise RuntimeError(f"{type(self).__name__}: backprop only defined while training")
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        return gradInput


@nn.register
class SimpleColorTransform(ColorTransform):
    """Adds to each channel of an image a number from U(-range[c], range[c]) in training.

    Input: ``C x H x W`` or ``N x C x H x W`` with ``C = inputChannels``; ``range`` has C elements. Evaluation passes
    the input on and has no backward (``RuntimeError``). Other sizes raise ``ValueError``. Source: manual of dpnn.
    """

    def __init__(self, inputChannels: int, range: Any) -> None:
        super().__init__(inputChannels)
        if not arrays.is_array(range) or range.size != inputChannels:
            raise ValueError(f"SimpleColorTransform: range needs {inputChannels} elements: {arrays.describe(range)}")
        self.range = arrays.cast(range, self._type).copy()

    def draw(self, noise: Any) -> None:
        for column, limit in zip(noise.T, self.range.reshape(-1).tolist()):
            uniform(column, -limit, limit)

    def __tostring__(self) -> str:
        return "SimpleColorTransform"
