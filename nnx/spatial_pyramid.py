"""Images at several scales, each with a network of its own."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import nn
from nn.numbers import Whole
from nnx.parts import Parts
from torch7 import arrays

from .spatial_down_sampling import SpatialDownSampling
from .spatial_padding import SpatialPadding
from .spatial_sampling import SpatialUpSampling

WINDOW = Whole(kW=1, kH=1, dW=1, dH=1)


@nn.register
class SpatialPyramid(Parts):
    """An image at several scales, a network for each, the results side by side.

    For every ratio the image is made smaller by it, padded by ``kW - dW`` and ``kH - dH`` pixels in all, processed, and
    made larger again; ``kW x kH`` and ``dW x dH`` are the field and the step of the processors. ``focus(x, y, w, h)``
    looks at a place alone: the outputs, ``w x h`` (1), around pixel (x, y); ``focus()`` at all again. Input ``C x H x
    W``, of sizes that every ratio divides (``ValueError``); output: the planes of all processors. Source: nnx.
    """

    PARTS = ("focused_pipeline", "unfocused_pipeline")

    def __init__(self, ratios: Any, processors: Any, kW: int, kH: int, dW: int, dH: int) -> None:
        super().__init__()
        self.ratios, self.processors = list(nn.utils.sequence(ratios)), list(nn.utils.sequence(processors))
        if len(self.ratios) != len(self.processors) or not self.ratios:
            raise ValueError(f"nn.SpatialPyramid: {len(self.processors)} processors for {len(self.ratios)} ratios")
        self.kW, self.kH, self.dW, self.dH = kW, kH, dW, dH
        WINDOW(self)
        self.focused, self.x, self.y, self.wFocus, self.hFocus = False, 0, 0, 0, 0
        self.padLeft, self.padRight = floor((kW - dW) / 2), ceil((kW - dW) / 2)
        self.padTop, self.padBottom = floor((kH - dH) / 2), ceil((kH - dH) / 2)
        self.focused_pipeline, self.unfocused_pipeline = self._pipeline(True), self._pipeline(False)

    def _pipeline(self, focused: bool) -> nn.Sequential:
        scales = nn.ParallelTable()
        for ratio, processor in zip(self.ratios, self.processors):
            pads = (0, 0, 0, 0) if focused else (self.padLeft, self.padRight, self.padTop, self.padBottom)
            steps = [SpatialPadding(*pads), SpatialDownSampling(ratio, ratio), processor]
            if not focused:
                steps = [steps[1], steps[0], processor, SpatialUpSampling(ratio, ratio)]
            scale = nn.Sequential()
            for step in steps:
                scale.add(step)
            scales.add(scale)
        return (
            nn.Sequential().add(nn.Replicate(len(self.ratios))).add(nn.SplitTable(1)).add(scales).add(nn.JoinTable(1))
        )

    def focus(self, x: int | None = None, y: int | None = None, w: int | None = None, h: int | None = None) -> None:
        """Look at ``w x h`` outputs around pixel (x, y), from 1; without a place at the whole image."""
        self.focused = bool(x and y)
        if not self.focused:
            return
        w, h = 1 if w is None else w, 1 if h is None else h
        self.x, self.y = x, y
        self.winWidth = [r * ((w - 1) * self.dW + self.kW) for r in self.ratios]
        self.winHeight = [r * ((h - 1) * self.dH + self.kH) for r in self.ratios]

    def parameters(self) -> tuple[list, ...]:
        return self._running().parameters()

    def updateParameters(self, learningRate: float) -> SpatialPyramid:
        self._running().updateParameters(learningRate)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 3 or any(input.shape[1] % r or input.shape[2] % r for r in self.ratios):
            sizes = f"sizes that {', '.join(map(str, self.ratios))} divide"
            raise ValueError(f"{self}: input must be C x H x W of {sizes}, got {arrays.describe(input)}")
        if self.focused:
            self._aim(input.shape[2], input.shape[1])
        self.output = self._running().updateOutput(input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self._running().updateGradInput(input, gradOutput)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._running().accGradParameters(input, gradOutput, scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._running().accUpdateGradParameters(input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._running().sharedAccUpdateGradParameters(input, gradOutput, lr)

    def _running(self) -> nn.Sequential:
        return self.focused_pipeline if self.focused else self.unfocused_pipeline

    def _aim(self, width: int, height: int) -> None:
        """Pad, or crop, so that the windows around the focus are left."""
        scales = self.focused_pipeline.get(3).modules
        for scale, w, h in zip(scales, self.winWidth, self.winHeight):
            pad = scale.get(1)
            pad.pad_l, pad.pad_r = ceil(w / 2) - int(self.x), int(self.x) + floor(w / 2) - width
            pad.pad_t, pad.pad_b = ceil(h / 2) - int(self.y), int(self.y) + floor(h / 2) - height

    def __tostring__(self) -> str:
        kind = "focused" if self.focused else "unfocused"
        return f"SpatialPyramid ({kind})\n" + str(self._running()).replace("\n", "\n    |    ")
