from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from nnx.images import images
from torch7 import arrays, registry


@nn.register
class GramMatrix(nn.Module):
    """The products of all pairs of planes: ``G[i, j] = sum over pixels of x[i] x[j]``, with ``normalize`` / (C H W).

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x C`` or ``N x C x C``. Other ranks raise ``ValueError``.
    Source: fast-neural-style.
    """

    normalize = False  # neural-style's has no such field

    def __init__(self, normalize: bool | None = None) -> None:
        super().__init__()
        self.normalize = normalize is not False

    def updateOutput(self, input: Any) -> Any:
        x, count = self._rows(input)
        planes = x.shape[1]
        output = self.resizeOutput(input, (*input.shape[:-3], planes, planes))
        thnn.MM_product(x, False, x, True, output.reshape(-1, planes, planes))
        output /= count
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, count = self._rows(input)
        planes = x.shape[1]
        gradInput = self.resizeGradInput(input, gradOutput)
        shape = *input.shape[:-3], planes, planes
        g = self.gradOutputAs(gradOutput, shape).reshape(-1, planes, planes)
        self._flow = flow = self.resized(vars(self).get("_flow"), g.shape)
        arrays.array_module(g).add(g, g.transpose(0, 2, 1), out=flow)
        flow /= count
        thnn.MM_product(flow, False, x, False, gradInput.reshape(x.shape))
        return gradInput

    _transient = ("_flow",)

    def _rows(self, input: Any) -> tuple[Any, int]:
        x = images(self, input)
        count = x[0].size if self.normalize else 1
        return thnn.contiguous(x).reshape(*x.shape[:2], -1), count


registry.lacking(GramMatrix, normalize=False)
