from __future__ import annotations

from typing import Any

import numpy as np

import nn
from torch7 import arrays

from .spatial_linear import SpatialLinear

TO_YUV = [[0.299, 0.587, 0.114], [-0.14713, -0.28886, 0.436], [0.615, -0.51499, -0.10001]]
TO_RGB = [[1, 0, 1.13983], [1, -0.39465, -0.5806], [1, 2.03211, 0]]
MATRICES = {"rgb2yuv": TO_YUV, "yuv2rgb": TO_RGB, "rgb2y": TO_YUV[:1]}


@nn.register
class SpatialColorTransform(nn.Module):
    """Pictures in other colours: ``'rgb2yuv'``, ``'yuv2rgb'`` or ``'rgb2y'``, a matrix at every pixel.

    Input: ``3 x H x W`` or ``N x 3 x H x W``; output has 3 planes, or 1 of y. The matrix, in the field ``linear``, is
    not learned. Other conversions raise ``ValueError``. Source: nnx.
    """

    def __init__(self, type: str) -> None:
        super().__init__()
        if type not in MATRICES:
            raise ValueError(f"nn.SpatialColorTransform: {', '.join(MATRICES)}, got {type!r}")
        matrix = np.array(MATRICES[type])
        self.linear = SpatialLinear(3, len(matrix))
        self.linear.weight[...], self.linear.bias[...] = matrix, 0

    def _t7_fields(self) -> dict[str, Any]:
        """Lua's field ``type`` has the name of a method; the matrix tells it."""
        matrix = arrays.moved(self.linear.weight, np, np.dtype(np.float64))
        known = [name for name, m in MATRICES.items() if np.shape(m) == matrix.shape and np.allclose(m, matrix)]
        return {**vars(self), "type": known[0]} if known else vars(self)

    def updateOutput(self, input: Any) -> Any:
        self.output = self.linear.updateOutput(input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self.linear.updateGradInput(input, gradOutput)
        return self.gradInput

    def clearState(self) -> SpatialColorTransform:
        self.linear.clearState()
        self.output, self.gradInput = arrays.empty(self._type), arrays.empty(self._type)
        return self
