from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class SpatialFeatNormalization(nn.Module):
    """Centers and scales the planes of an image: ``output[c] = (input[c] - mean[c]) / std[c]``.

    Input: ``C x H x W`` or ``N x C x H x W``; ``mean`` and ``std`` (default 1) have C elements and are not learned.
    Other ranks and counts raise ``ValueError``. Source: manual of dpnn.
    """

    def __init__(self, mean: Any, std: Any = None) -> None:
        super().__init__()
        if not arrays.is_array(mean) or mean.ndim != 1:
            raise ValueError(f"SpatialFeatNormalization: mean should be a 1D tensor, got {arrays.describe(mean)}")
        self.mean = arrays.cast(mean, self._type).copy()
        self.noOfFeats = self.mean.size
        self.std = self.mean * 0 + 1 if std is None else arrays.cast(std, self._type).copy()
        if self.std.shape != self.mean.shape:
            raise ValueError(f"mean and std do not fit: {arrays.describe(mean)} and {arrays.describe(std)}")

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (3, 4):
            raise ValueError(f"SpatialFeatNormalization: input must be 3D or 4D, got {arrays.describe(input)}")
        if input.shape[-3] != self.mean.size:
            sizes = f"{self.mean.size} for {arrays.describe(input)}"
            raise ValueError(f"<SpatialFeatNormalization> No. of Feats dont match: {sizes}")
        output = self.resizeOutput(input)
        xp = arrays.array_module(input)
        xp.subtract(input, self.mean[:, None, None], out=output)
        return xp.divide(output, self.std[:, None, None], out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).divide(gradOutput, self.std[:, None, None], out=gradInput)
