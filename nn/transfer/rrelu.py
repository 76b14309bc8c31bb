from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from .. import thnn, utils
from ..extension import register
from .elementwise import Elementwise


@register
class RReLU(Elementwise):
    """A rectifier with random slopes: ``y = x`` where ``x > 0``, else ``r x``, r drawn from U(l, u) for each element.

    ``l`` is 1/8 and ``u`` 1/3 by default; ``ValueError`` unless ``0 <= l <= u``. In evaluation r is ``(l + u) / 2``.
    ``noise`` holds the slopes of the last forward in training, 1 where x was positive. Input of any shape; output of
    the same shape. ``inplace`` overwrites the input and gradOutput. Source: manual chapter "transfer"; Xu, Wang, Chen
    and Li 2015.
    """

    def __init__(self, l: float | None = None, u: float | None = None, inplace: bool | None = None) -> None:
        super().__init__()
        self.lower = 1 / 8 if l is None else l
        self.upper = 1 / 3 if u is None else u
        if not 0 <= self.lower <= self.upper:
            raise ValueError(f"nn.RReLU: 0 <= l <= u expected, got l = {self.lower} and u = {self.upper}")
        self.noise = arrays.empty()
        self.train = True
        self.setInplace(inplace)

    def updateOutput(self, input: Any) -> Any:
        if not self.train:
            return self.map(thnn.LeakyReLU_updateOutput, input, (self.lower + self.upper) / 2)
        self.checkType(input)
        self.noise = self.resized(self.noise, input.shape)
        return self.map(self._draw, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if not self.train or self.upper - self.lower <= 1e-6:
            slope = (self.lower + self.upper) / 2
            return self.mapGradient(thnn.LeakyReLU_updateGradInput, input, gradOutput, slope)
        return self.mapGradient(multiply, self.noise, gradOutput)

    def _draw(self, x: Any, y: Any) -> None:
        thnn.RReLU_updateOutput(x, y, self.noise, self.lower, self.upper)

    def clearState(self) -> Self:
        utils.clear(self, "noise")
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} (l:{self.lower:f}, u:{self.upper:f})"


def multiply(a: Any, b: Any, product: Any) -> None:
    """``product = a * b``"""
    arrays.array_module(a).multiply(a, b, out=product)
