from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from nn.numbers import Whole
from torch7 import arrays

SIZES = Whole(height=2, width=2)


@nn.register
class AffineGridGeneratorBHWD(nn.Module):
    """The places (y, x) at which an affine transformation looks: ``grid[i, j] = A (y_i, x_j, 1)``.

    ``y_i`` and ``x_j`` go from -1 to 1 in ``height`` and ``width`` even steps. Input: A, ``N x 2 x 3`` or ``2 x 3``;
    output ``N x height x width x 2`` or ``height x width x 2``. Other shapes raise ``ValueError``. Source: stnbhwd;
    Jaderberg et al. (2015), Spatial transformer networks.
    """

    _transient = ("_base",)

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width
        SIZES(self)

    def updateOutput(self, input: Any) -> Any:
        a, base = self._matrices(input), self._points()
        output = self.resizeOutput(input, (*input.shape[:-2], self.height, self.width, 2))
        for matrix, grid in zip(a, output.reshape(len(a), -1, 2)):
            thnn.MM_product(base, False, matrix, True, grid)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        a, base = self._matrices(input), self._points()
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (*input.shape[:-2], self.height, self.width, 2))
        for grid, gradient in zip(thnn.contiguous(g).reshape(len(a), -1, 2), gradInput.reshape(a.shape)):
            thnn.MM_product(grid, True, base, False, gradient)
        return gradInput

    def _matrices(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (2, 3) or input.shape[-2:] != (2, 3):
            raise ValueError(f"{self}: input must be 2 x 3 or N x 2 x 3, got {arrays.describe(input)}")
        return thnn.contiguous(input).reshape(-1, 2, 3)

    def _points(self) -> Any:
        """Rows (y, x, 1) of all places."""
        height, width = SIZES(self)
        base = vars(self).get("_base")
        if base is None or base.shape[0] != height * width or base.dtype != self._dtype:
            xp = arrays.module_of(self._type)
            points = xp.ones((height, width, 3), self._dtype)
            points[:, :, 0] = xp.linspace(-1, 1, height)[:, None]
            points[:, :, 1] = xp.linspace(-1, 1, width)
            self._base = base = points.reshape(-1, 3)
        return base
