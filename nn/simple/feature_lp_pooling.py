from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..joining import part
from ..module import Module
from ..numbers import MOST, Real, Whole

WINDOW, POWER = Whole(width=-MOST, stride=-MOST), Real("power")


@register
class FeatureLPPooling(Module):
    """Pools features: ``y = (sum x^power)^(1/power)`` over windows of ``width`` features, ``stride`` apart.

    Features are dimension 1, or 2 with ``batch_mode`` (which must be given, True or False); up to two more dimensions
    follow. Of F features ``(F - width) // stride + 1`` remain. ``width`` is 2 to 16, ``stride`` 1 to 4. Other settings,
    ranks and too few features raise ``ValueError``. Source: the class of the same name in Torch's nn.
    """

    def __init__(self, width: int, stride: int, power: float, batch_mode: bool) -> None:
        super().__init__()
        self.width, self.stride, self.power, self.batch_mode = width, stride, power, batch_mode
        self._check()

    def _check(self) -> None:
        """Raise unless the settings are those there are."""
        width, stride = WINDOW(self)
        if POWER(self) == (0,):
            raise ValueError("nn.FeatureLPPooling: power must not be 0")
        if not 2 <= width <= 16:
            raise ValueError(f"nn.FeatureLPPooling: width must be within 2 to 16, got {width}")
        if not 1 <= stride <= 4:
            raise ValueError(f"nn.FeatureLPPooling: stride must be within 1 to 4, got {stride}")
        if not isinstance(self.batch_mode, bool):
            got = arrays.describe(self.batch_mode)
            raise TypeError(f"nn.FeatureLPPooling: batch_mode must be True or False, got {got}")

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        axis, shape = self._shape(input)
        output = self.resizeOutput(input, shape)
        output.fill(0)
        for k in range(self.width):
            output += self._window(input, axis, shape[axis], k) ** self.power
        output **= 1 / self.power
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        axis, shape = self._shape(input)
        gradInput.fill(0)
        xp = arrays.array_module(input)
        norm = xp.where(self.output == 0, 1, self.output)
        factor = xp.where(self.output == 0, 0, gradOutput)
        for k in range(self.width):
            slope = (self._window(input, axis, shape[axis], k) / norm) ** (self.power - 1)
            self._window(gradInput, axis, shape[axis], k)[...] += factor * slope
        return gradInput

    def _window(self, x: Any, axis: int, windows: int, k: int) -> Any:
        """The k-th feature of every window."""
        return part(x, axis, k, (windows - 1) * self.stride + 1)[
            (slice(None),) * axis + (slice(None, None, self.stride),)
        ]

    def _shape(self, input: Any) -> tuple[int, tuple]:
        """The axis of the features, and the output's shape."""
        self._check()
        axis = int(self.batch_mode)
        if not axis + 1 <= input.ndim <= axis + 3 or input.shape[axis] < self.width:
            raise ValueError(
                f"nn.FeatureLPPooling: input must have {axis + 1} to {axis + 3} dimensions and at least {self.width} "
                f"features, got {arrays.describe(input)}"
            )
        windows = (input.shape[axis] - self.width) // self.stride + 1
        return axis, (*input.shape[:axis], windows, *input.shape[axis + 1 :])

    def __tostring__(self) -> str:
        mode = "true" if self.batch_mode else "false"
        return f"nn.FeatureLPPooling({self.width}, {self.stride}, {self.power:g}, {mode})"
