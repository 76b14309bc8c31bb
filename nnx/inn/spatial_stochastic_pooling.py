from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.numbers import Whole
from nnx.images import images
from nnx.named import named
from torch7 import arrays, registry
from torch7.random import uniform

WINDOW = Whole(kW=1, kH=1, dW=1, dH=1)
#: What is added to the sum of a window, so that one of zeros gives 0.
LEAST = float(np.finfo(np.float32).tiny)


@named("inn.SpatialStochasticPooling")
class SpatialStochasticPooling(nn.Module):
    """One pixel of every window, drawn with a probability that is its value; in evaluation their weighted mean.

    ``p_i = x_i / sum x``; training: ``y = x_i`` of the drawn i, the first whose ``p_1 + ... + p_i`` reaches a number
    from U(0, 1); evaluation: ``y = sum p_i x_i``, whose gradient is that of the formula. Input: ``C x H x W`` or ``N x
    C x H x W``, not negative (as behind a ReLU); output sizes ``ceil((W - kW) / dW) + 1``, the last windows cut at the
    border. A window of zeros gives 0. The draws are from Torch's generator, one for every window. Source: inn; Zeiler
    and Fergus (2013).
    """

    _transient = ("_places", "_draws")

    def __init__(self, kW: int, kH: int, dW: int | None = None, dH: int | None = None) -> None:
        super().__init__()
        self.kW, self.kH, self.dW, self.dH = kW, kH, kW if dW is None else dW, kH if dH is None else dH
        WINDOW(self)
        self.train = True

    def updateOutput(self, input: Any) -> Any:
        x, geometry, shape = self._planes(input)
        output = self.resizeOutput(input, (*input.shape[:-2], *shape))
        y = output.reshape(len(x), -1)
        if self.train is False:
            thnn.WeightedPooling_updateOutput(x, LEAST, geometry, y)
            return output
        self._draws = draws = self.resized(vars(self).get("_draws"), y.shape)
        uniform(draws, 0, 1)
        places = vars(self).get("_places")
        if not _fits(places, y.shape):
            self._places = places = np.empty(y.shape, np.int64, like=y)
        thnn.StochasticPooling_updateOutput(x, draws, geometry, y, places)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, geometry, shape = self._planes(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = thnn.contiguous(self.gradOutputAs(gradOutput, (*input.shape[:-2], *shape))).reshape(len(x), -1)
        gradInput.fill(0)
        dx, places = gradInput.reshape(x.shape), vars(self).get("_places")
        if self.train is False:
            thnn.WeightedPooling_updateGradInput(x, g, LEAST, geometry, dx)
        elif _fits(places, g.shape):
            thnn.StochasticPooling_updateGradInput(g, places, dx)
        else:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        return gradInput

    def _planes(self, input: Any) -> tuple[Any, tuple, tuple]:
        """A row for every plane, what the kernels want to know of the windows, and the size of the output's planes."""
        x = images(self, input)
        kW, kH, dW, dH = WINDOW(self)
        height, width = x.shape[2:]
        if height < kH or width < kW:
            raise ValueError(f"{self}: {arrays.describe(input)} is smaller than the window")
        rows, columns = -(-(height - kH) // dH) + 1, -(-(width - kW) // dW) + 1
        planes = thnn.contiguous(x).reshape(-1, height * width)
        return planes, (height, width, kH, kW, dH, dW, columns), (rows, columns)


def _fits(places: Any, shape: tuple) -> bool:
    fits = arrays.is_array(places) and places.shape == shape and places.dtype == np.int64 and places.base is None
    return fits and arrays.plain(places)


registry.lacking(SpatialStochasticPooling, dW=1, dH=1)
