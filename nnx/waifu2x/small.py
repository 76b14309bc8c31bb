"""Small layers of waifu2x: a gradient that is scaled, planes that become pixels, filters that are not learned."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
import torch7 as torch
from nn.numbers import Real
from nnx.named import named
from torch7 import arrays

FACTOR = Real("constant_scalar")


@named("w2nn.GradWeight")
class GradWeight(nn.Module):
    """Passes a copy of its input; its gradient is ``constant_scalar`` times gradOutput. Source: waifu2x."""

    def __init__(self, constant_scalar: float) -> None:
        super().__init__()
        self.constant_scalar = constant_scalar
        FACTOR(self)

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        output[...] = input
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        return arrays.array_module(input).multiply(self.gradOutputAs(gradOutput, input), *FACTOR(self), out=gradInput)


@named("w2nn.DepthExpand2x")
class DepthExpand2x(nn.Module):
    """Four planes become one of twice the size: ``y[c, 2i + a, 2j + b] = x[(2a + b) C + c, i, j]``.

    Input: ``N x 4C x H x W``; output ``N x C x 2H x 2W``. Others raise ``ValueError``. Source: waifu2x.
    """

    def updateOutput(self, input: Any) -> Any:
        N, C, H, W = self._sizes(input)
        output = self.resizeOutput(input, (N, C, 2 * H, 2 * W))
        output.reshape(N, C, H, 2, W, 2)[...] = input.reshape(N, 2, 2, C, H, W).transpose(0, 3, 4, 1, 5, 2)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        N, C, H, W = self._sizes(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (N, C, 2 * H, 2 * W)).reshape(N, C, H, 2, W, 2)
        gradInput.reshape(N, 2, 2, C, H, W)[...] = g.transpose(0, 3, 5, 1, 2, 4)
        return gradInput

    def _sizes(self, input: Any) -> tuple[int, ...]:
        self.checkType(input)
        if input.ndim != 4 or input.shape[1] % 4:
            raise ValueError(f"{self}: input must be N x 4C x H x W, got {arrays.describe(input)}")
        N, planes, H, W = input.shape
        return N, planes // 4, H, W


class FixedConvolution(nn.SpatialConvolution):
    """Base of convolutions without a bias whose filters are not learned."""

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        """Nothing."""

    def updateParameters(self, learningRate: float) -> FixedConvolution:
        """Nothing; returns the module."""
        return self


@named("w2nn.EdgeFilter")
class EdgeFilter(FixedConvolution):
    """Every pixel less each of its eight neighbours: ``C x H x W`` -> ``8C x (H - 2) x (W - 2)``.

    The neighbours of plane c are planes 8c to 8c + 7, row after row. Source: waifu2x; Juefei-Xu et al. (2017).
    """

    def __init__(self, nInputPlane: int) -> None:
        super().__init__(nInputPlane, 8 * nInputPlane, 3, 3, 1, 1, 0, 0)

    def reset(self, stdv: float | None = None) -> EdgeFilter:
        """Set the filters."""
        self.bias = self.gradBias = None
        self.weight.fill(0)
        self.gradWeight.fill(0)
        for place, (row, column) in enumerate(p for p in np.ndindex(3, 3) if p != (1, 1)):
            for plane in range(self.nInputPlane):
                self.weight[8 * plane + place, plane, 1, 1] = 1
                self.weight[8 * plane + place, plane, row, column] = -1
        return self


@named("w2nn.RandomBinaryConvolution")
class RandomBinaryConvolution(FixedConvolution):
    """A convolution of filters drawn once: 1 or -1 at ``kSparsity`` (0.9) times as many places as there are, else 0.

    Places may be drawn twice. ``reset`` draws all places, then a sign for each, from Torch's generator. Source:
    waifu2x; Juefei-Xu et al. (2017), Local binary convolutional neural networks.
    """

    def __init__(self, nInputPlane: int, nOutputPlane: int, kW: int, kH: int, kSparsity: float | None = None) -> None:
        self.kSparsity = 0.9 if kSparsity is None else kSparsity
        super().__init__(nInputPlane, nOutputPlane, kW, kH, 1, 1, 0, 0)

    def reset(self, stdv: float | None = None) -> RandomBinaryConvolution:
        """Draw the filters anew."""
        self.bias = self.gradBias = None
        self.weight.fill(0)
        self.gradWeight.fill(0)
        flat = self.weight.reshape(-1)
        places = torch.random(np.empty(int(self.kSparsity * flat.size)), flat.size)
        for place in places.astype(np.int64).tolist():
            flat[place - 1] = torch.bernoulli(0.5) * 2 - 1
        return self
