from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.numbers import Whole
from nnx.images import images
from nnx.named import named
from torch7 import arrays, registry
from torch7.random import uniform

WINDOW = Whole(kW=1, kH=1, dW=1, dH=1)


@named("inn.SpatialStochasticPooling")
class SpatialStochasticPooling(nn.Module):
    """One pixel of every window, drawn with a probability that is its value; in evaluation their weighted mean.

    ``p_i = x_i / sum x``; training: ``y = x_i`` of the drawn i; evaluation: ``y = sum p_i x_i``. Input: ``C x H x W``
    or ``N x C x H x W``, not negative (as behind a ReLU); output sizes ``floor((W - kW) / dW) + 1``. A window of zeros
    gives 0. The draws are from Torch's generator. Source: inn; Zeiler and Fergus (2013).
    """

    _transient = ("_share",)

    def __init__(self, kW: int, kH: int, dW: int | None = None, dH: int | None = None) -> None:
        super().__init__()
        self.kW, self.kH, self.dW, self.dH = kW, kH, kW if dW is None else dW, kH if dH is None else dH
        WINDOW(self)
        self.train = True

    def updateOutput(self, input: Any) -> Any:
        windows = self._windows(images(self, input))
        output = self.resizeOutput(input, (*input.shape[:-2], *windows.shape[2:4]))
        total = windows.sum((4, 5))
        y = output.reshape(total.shape)
        if self.train is False:
            np.divide((windows * windows).sum((4, 5)), total, out=y, where=total > 0)
            y[total <= 0] = 0
            return output
        flat = windows.reshape(*total.shape, -1)
        drawn = uniform(np.empty(total.shape)) * total
        place = np.minimum((flat.cumsum(-1) <= drawn[..., None]).sum(-1), flat.shape[-1] - 1)
        self._share = place
        y[...] = np.take_along_axis(flat, place[..., None], -1)[..., 0]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x = images(self, input)
        windows = self._windows(x)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (*input.shape[:-2], *windows.shape[2:4])).reshape(windows.shape[:4])
        gradInput.fill(0)
        target = self._windows(gradInput.reshape(x.shape))
        total = windows.sum((4, 5))
        held = vars(self).get("_share")
        if self.train is not False and getattr(held, "shape", None) != total.shape:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        mean = (windows * windows).sum((4, 5)) / np.where(total > 0, total, 1)
        for a in range(windows.shape[4]):
            for b in range(windows.shape[5]):
                if self.train is False:
                    slope = np.where(total > 0, (2 * windows[..., a, b] - mean) / np.where(total > 0, total, 1), 0)
                else:
                    slope = held == a * windows.shape[5] + b
                target[..., a, b] += g * slope
        return gradInput

    def _windows(self, x: Any) -> Any:
        """``N x C x oH x oW x kH x kW``, a view of ``x``."""
        kW, kH, dW, dH = WINDOW(self)
        if x.shape[2] < kH or x.shape[3] < kW:
            raise ValueError(f"{self}: {arrays.describe(x)} is smaller than the window")
        view = np.lib.stride_tricks.sliding_window_view(x, (kH, kW), (2, 3), writeable=x.flags.writeable)
        return view[:, :, ::dH, ::dW]


registry.lacking(SpatialStochasticPooling, dW=1, dH=1)
