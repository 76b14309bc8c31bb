"""Boxes moved and scaled: the parameters of R-CNN's regression, both ways."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nnx.tables import empties, gradients, pair
from torch7 import arrays


class BoxPair(nn.Module):
    """Base of layers of two tensors of as many boxes, whose last dimension has four elements."""

    WHAT = "boxes and transforms"

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = empties(self)

    def boxes(self, input: Any) -> tuple[Any, Any]:
        """Both tensors; ``ValueError`` unless their shapes are one and end with four elements."""
        a, b = pair(self, input, self.WHAT)
        if a.shape != b.shape or not a.ndim or a.shape[-1] != 4:
            raise ValueError(f"{self}: {self.WHAT} must be ... x 4, got {arrays.describe([a, b])}")
        return a, b


@nn.register
class ApplyBoxTransform(BoxPair):
    """Boxes moved and scaled: ``{(xa, ya, wa, ha), (tx, ty, tw, th)}`` -> ``(xa + tx wa, ya + ty ha, wa e^tw, ha
    e^th)``.

    Input: boxes, rows (xc, yc, w, h), and transforms, both ``... x 4``; output of the same shape. Transforms of zeros
    leave boxes as they are. Other shapes raise ``ValueError``. Source: densecap; Girshick et al. (2014), R-CNN.
    """

    def updateOutput(self, input: Any) -> Any:
        boxes, trans = self.boxes(input)
        xp, output = arrays.array_module(boxes), self.resizeOutput(boxes)
        xp.multiply(trans[..., :2], boxes[..., 2:], out=output[..., :2])
        output[..., :2] += boxes[..., :2]
        xp.exp(trans[..., 2:], out=output[..., 2:])
        output[..., 2:] *= boxes[..., 2:]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        boxes, trans = self.boxes(input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, boxes.shape)
        gradBoxes, gradTrans = gradients(self, (boxes, trans))
        xp = arrays.array_module(boxes)
        xp.exp(trans[..., 2:], out=gradBoxes[..., 2:])
        xp.multiply(gradBoxes[..., 2:], boxes[..., 2:], out=gradTrans[..., 2:])
        gradTrans[..., 2:] *= g[..., 2:]
        gradBoxes[..., 2:] *= g[..., 2:]
        xp.multiply(trans[..., :2], g[..., :2], out=gradTrans[..., :2])
        gradBoxes[..., 2:] += gradTrans[..., :2]
        xp.multiply(boxes[..., 2:], g[..., :2], out=gradTrans[..., :2])
        gradBoxes[..., :2] = g[..., :2]
        return self.gradInput


@nn.register
class InvertBoxTransform(BoxPair):
    """The transform from one box to another: ``((xt - xa) / wa, (yt - ya) / ha, log(wt / wa), log(ht / ha))``.

    Input ``{anchors, targets}``, both ``... x 4``, rows (xc, yc, w, h); output of the same shape, what
    :class:`ApplyBoxTransform` takes. Other shapes raise ``ValueError``. Source: densecap.
    """

    WHAT = "anchors and targets"

    def updateOutput(self, input: Any) -> Any:
        anchors, targets = self.boxes(input)
        xp, output = arrays.array_module(anchors), self.resizeOutput(targets)
        xp.subtract(targets[..., :2], anchors[..., :2], out=output[..., :2])
        output[..., 2:] = targets[..., 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            output[..., :2] /= anchors[..., 2:]
            output[..., 2:] /= anchors[..., 2:]
            xp.log(output[..., 2:], out=output[..., 2:])
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        anchors, targets = self.boxes(input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, anchors.shape)
        self.checkForward(anchors.shape)
        gradAnchors, gradTargets = gradients(self, (anchors, targets))
        xp = arrays.array_module(anchors)
        with np.errstate(divide="ignore", invalid="ignore"):
            xp.divide(g[..., :2], anchors[..., 2:], out=gradTargets[..., :2])
            xp.divide(g[..., 2:], targets[..., 2:], out=gradTargets[..., 2:])
            xp.negative(gradTargets[..., :2], out=gradAnchors[..., :2])
            xp.multiply(self.output[..., :2], g[..., :2], out=gradAnchors[..., 2:])
            gradAnchors[..., 2:] += g[..., 2:]
            gradAnchors[..., 2:] /= anchors[..., 2:]
        xp.negative(gradAnchors[..., 2:], out=gradAnchors[..., 2:])
        return self.gradInput
