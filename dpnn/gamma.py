"""The Gamma distribution: samples from Torch's stream, and the digamma function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays, random

#: Coefficients of 1 / x^2, 1 / x^4, ... in the asymptotic series of digamma.
SERIES = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12)


def digamma(x: Any) -> Any:
    """The derivative of ln Gamma(x) for positive ``x``, an array."""
    xp = arrays.array_module(x)
    result = xp.zeros(x.shape, np.float64)
    x = x.astype(np.float64)
    while (small := x < 8).any():  # digamma(x) = digamma(x + 1) - 1 / x
        result[small] -= 1 / x[small]
        x[small] += 1
    square = 1 / (x * x)
    tail = xp.zeros_like(x)
    for coefficient in reversed(SERIES):
        tail = (tail + coefficient) * square
    return result + xp.log(x) - 0.5 / x + tail


def fill_gamma(output: Any, shapes: Any) -> None:
    """Fill ``output`` with samples of scale 1, one for each of ``shapes``, in row-major order."""
    draw = Draws()
    samples = [draw.gamma(shape) for shape in shapes.reshape(-1).tolist()]
    output[...] = arrays.array_module(output).asarray(samples).reshape(output.shape)


class Draws:
    """Real numbers from the words of Torch's generator, two words for each uniform one of 53 bits."""

    def __init__(self) -> None:
        self.spare: float | None = None

    def uniform(self) -> float:
        return ((random() >> 5) * 67108864 + (random() >> 6)) / 9007199254740992

    def exponential(self) -> float:
        return -math.log(1 - self.uniform())

    def normal(self) -> float:
        """The polar method, which makes two numbers at a time."""
        if self.spare is not None:
            spare, self.spare = self.spare, None
            return spare
        square = 0.0
        while not 0 < square < 1:
            a, b = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            square = a * a + b * b
        factor = math.sqrt(-2 * math.log(square) / square)
        self.spare = factor * a
        return factor * b

    def gamma(self, shape: float) -> float:
        method: Callable[[float], float] = self._below_one if shape < 1 else self._above_one
        return self.exponential() if shape == 1 else method(shape)

    def _below_one(self, shape: float) -> float:
        """Rejection from a power up to 1 and an exponential tail (Ahrens and Dieter 1974)."""
        while True:
            u, v = self.uniform(), self.exponential()
            if u <= 1 - shape:
                x = u ** (1 / shape)
                if x <= v:
                    return x
            else:
                y = -math.log((1 - u) / shape)
                x = (1 - shape + shape * y) ** (1 / shape)
                if x <= v + y:
                    return x

    def _above_one(self, shape: float) -> float:
        """The cube of a shifted normal number, accepted with the ratio of the densities (Marsaglia and Tsang 2000)."""
        d = shape - 1 / 3
        c = 1 / math.sqrt(9 * d)
        while True:
            x = self.normal()
            while (v := 1 + c * x) <= 0:
                x = self.normal()
            v, u = v**3, self.uniform()
            if u < 1 - 0.0331 * x**4 or math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
                return d * v
