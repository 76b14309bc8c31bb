from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class AffineTransformMatrixGenerator(nn.Module):
    """The 2 x 3 matrix of a rotation, a scale and a translation: ``A = R(alpha) S(s) T(ty, tx)`` without its last row.

    ``R = [[cos, -sin], [sin, cos]]``. Input: ``N x k`` or k numbers, those of the transformations that are used, in
    the order alpha, s, ty, tx; output ``N x 2 x 3`` or ``2 x 3``. Without arguments all six elements of the matrix are
    the input. ``ValueError`` for another k. Source: stnbhwd; Jaderberg et al. (2015), Spatial transformer networks.
    """

    fullMode = False

    def __init__(
        self, useRotation: bool | None = None, useScale: bool | None = None, useTranslation: bool | None = None
    ) -> None:
        super().__init__()
        self.useRotation, self.useScale, self.useTranslation = useRotation, useScale, useTranslation
        self.fullMode = not (useRotation or useScale or useTranslation)

    def updateOutput(self, input: Any) -> Any:
        p = self._parameters(input)
        output = self.resizeOutput(input, (*input.shape[:-1], 2, 3))
        a = output.reshape(-1, 2, 3)
        if self.fullMode:
            a.reshape(len(a), 6)[...] = p
            return output
        cos, sin, s, ty, tx = self._values(p)
        a[:, 0, 0], a[:, 0, 1] = cos * s, -sin * s
        a[:, 1, 0], a[:, 1, 1] = sin * s, cos * s
        a[:, :, 2] = a[:, :, 0] * ty[:, None] + a[:, :, 1] * tx[:, None]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        p = self._parameters(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (*input.shape[:-1], 2, 3)).reshape(-1, 2, 3)
        d = gradInput.reshape(p.shape)
        if self.fullMode:
            d[...] = g.reshape(d.shape)
            return gradInput
        cos, sin, s, ty, tx = self._values(p)
        gy, gx = g[:, :, 0] + g[:, :, 2] * ty[:, None], g[:, :, 1] + g[:, :, 2] * tx[:, None]
        columns = []
        if self.useRotation:
            columns.append(s * (cos * (gy[:, 1] - gx[:, 0]) - sin * (gy[:, 0] + gx[:, 1])))
        if self.useScale:
            columns.append(cos * (gy[:, 0] + gx[:, 1]) + sin * (gy[:, 1] - gx[:, 0]))
        if self.useTranslation:
            columns += [s * (cos * g[:, 0, 2] + sin * g[:, 1, 2]), s * (cos * g[:, 1, 2] - sin * g[:, 0, 2])]
        for k, column in enumerate(columns):
            d[:, k] = column
        return gradInput

    def _parameters(self, input: Any) -> Any:
        """The input as ``N x k``; ``ValueError`` for another k."""
        self.checkType(input)
        count = 6 if self.fullMode else bool(self.useRotation) + bool(self.useScale) + 2 * bool(self.useTranslation)
        if input.ndim not in (1, 2) or input.shape[-1] != count:
            raise ValueError(f"{self}: expected {count} parameters, got {arrays.describe(input)}")
        return input.reshape(-1, count)

    def _values(self, p: Any) -> tuple[Any, ...]:
        """cos, sin, s, ty, tx of every sample."""
        xp = arrays.array_module(p)
        columns = iter(p.T)
        none, one = xp.zeros(len(p), p.dtype), xp.ones(len(p), p.dtype)
        alpha = next(columns) if self.useRotation else none
        s = next(columns) if self.useScale else one
        ty, tx = (next(columns), next(columns)) if self.useTranslation else (none, none)
        return xp.cos(alpha), xp.sin(alpha), s, ty, tx
