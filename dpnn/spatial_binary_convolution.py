from __future__ import annotations

from typing import Any, Self

import nn
from torch7 import arrays


@nn.register
class SpatialBinaryConvolution(nn.SpatialConvolution):
    """A convolution that computes with the signs of its weights and learns the weights themselves.

    ``output[o] = alphas[o] * conv(input, sign(weight))[o]`` with ``alphas[o]`` the mean size of the weights of output
    plane o; there is no bias. Backward treats the sign as if it were the weight: ``gradInput[i]`` is that of the
    convolution by signs times ``gradInputAlphas[i]``, the mean size of the weights of input plane i, and ``gradWeight``
    is that of the convolution. Sizes and arguments are those of :class:`nn.SpatialConvolution`. Errors as there.
    Source: manual of dpnn; Rastegari et al. (2016), XNOR-Net.
    """

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__(nInputPlane, nOutputPlane, kW, kH, dW, dH, padW, padH)
        self.noBias()
        self.train = True
        self.iwh, self.owh = kW * kH * nInputPlane, kW * kH * nOutputPlane
        self.binary: Any = None

    def updateOutput(self, input: Any) -> Any:
        output = self._binary(super().updateOutput, input)
        self.alphas = self._meanSizes((1, 2, 3))
        output *= self.alphas[:, :, None]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self._binary(super().updateGradInput, input, gradOutput)
        if gradInput is not None:
            self.gradInputAlphas = self._meanSizes((0, 2, 3))
            gradInput *= self.gradInputAlphas[:, :, None]
        return gradInput

    def _binary(self, method: Any, *args: Any) -> Any:
        """Run ``method`` with the signs in the place of the weights."""
        weight, xp = self.weight, arrays.array_module(self.weight)
        self.binary = self.resized(self.binary, weight.shape)
        xp.add(weight, 0, out=self.binary)  # makes -0 a 0, whose sign is +1
        xp.copysign(weight.dtype.type(1), self.binary, out=self.binary)
        try:
            self.weight = self.binary
            return method(*args)
        finally:
            self.weight = weight

    def _meanSizes(self, axes: tuple[int, ...]) -> Any:
        return abs(self.weight.reshape(self.kernelShape())).mean(axes)[:, None]

    def clearState(self) -> Self:
        self.binary = None
        return super().clearState()

    def __tostring__(self) -> str:
        return f"Binary Convolution: {super().__tostring__()}"
