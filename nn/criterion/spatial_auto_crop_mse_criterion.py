from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from .mse_criterion import MSECriterion


@register
class SpatialAutoCropMSECriterion(MSECriterion):
    """The mean squared error from the middle of a larger target: ``loss = sum (x_i - t_i)^2 / n`` over the input.

    Input: ``C x H x W`` or ``N x C x H x W``; target of the same rank, at least as high and wide; the surplus is cut
    off half on each side, an odd row or column at the end. Without the division if ``sizeAverage`` is False. Other
    sizes raise ``ValueError``. Source: manual chapter "criterion".
    """

    def __init__(self, sizeAverage: bool | None = None) -> None:
        super().__init__(sizeAverage)
        self._target = arrays.empty()

    def updateOutput(self, input: Any, target: Any) -> float:
        return super().updateOutput(input, self.crop(input, target))

    def updateGradInput(self, input: Any, target: Any) -> Any:
        return super().updateGradInput(input, self.crop(input, target))

    def crop(self, input: Any, target: Any) -> Any:
        """The middle of the target, in the size of the input, in ``_target``."""
        self.checkType(input)
        self.checkType(target, "target")
        sizes = f"input is {arrays.describe(input)}, target {arrays.describe(target)}"
        if input.ndim != target.ndim:
            raise ValueError(f"{self}: input and target should have the same number of dimensions: {sizes}")
        if input.ndim not in (3, 4):
            raise ValueError(f"{self}: input and target must have 3 or 4 dimensions: {sizes}")
        (h, w), (height, width) = input.shape[-2:], target.shape[-2:]
        if h > height or w > width or input.shape[:-2] != target.shape[:-2]:
            raise ValueError(
                f"{self}: Spatial resolution of input should be less than or equal to the spatial resolution of the "
                f"target, and batch and planes equal: {sizes}"
            )
        top, left = (height - h) // 2, (width - w) // 2
        self._target = middle = arrays.resized(self._target, input.shape, input)
        middle[...] = target[..., top : top + h, left : left + w]
        return middle
