"""Boxes at every pixel of a map of features."""

from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Real, Whole
from torch7 import arrays, registry

PLACES, GROUPS = Real("x0", "y0", "sx", "sy"), Whole(k=1)


class AnchorBase(nn.Module):
    """Base of layers that know the first place, the steps, and the sizes ``anchors``, ``2 x k``: widths and heights."""

    def __init__(self, x0: float, y0: float, sx: float, sy: float, anchors: Any) -> None:
        super().__init__()
        self.x0, self.y0, self.sx, self.sy = x0, y0, sx, sy
        self.anchors = arrays.cast(anchors, self._type).copy()
        if self.anchors.ndim != 2 or len(self.anchors) != 2:
            raise ValueError(
                f"{registry.class_name(type(self))}: anchors must be 2 x k, got {arrays.describe(anchors)}"
            )

    def place(self, input: Any, planes: int | None) -> int:
        """The number of anchors; ``ValueError`` unless ``input`` is ``N x C x H x W``, with 4k planes if asked."""
        self.checkType(input)
        self.checkType(self.anchors, "anchors")
        k = self.anchors.shape[-1]
        if input.ndim != 4 or (planes and input.shape[1] != planes * k) or self.anchors.shape != (2, k):
            wanted = f"N x {planes * k} x H x W" if planes else "N x C x H x W"
            raise ValueError(f"{self}: input must be {wanted}, got {arrays.describe(input)}")
        return k

    def fill(self, boxes: Any) -> None:
        """Write the anchors to ``N x k x 4 x H x W``."""
        x0, y0, sx, sy = PLACES(self)
        xp, (H, W) = arrays.array_module(boxes), boxes.shape[3:]
        boxes[:, :, 0] = xp.arange(W) * sx + x0
        boxes[:, :, 1] = (xp.arange(H) * sy + y0)[:, None]
        boxes[:, :, 2:] = self.anchors.T[:, :, None, None]


@nn.register
class MakeAnchors(AnchorBase):
    """Boxes of k sizes at every pixel: (xc, yc, w, h) is ``(x0 + j sx, y0 + i sy)`` and the size.

    ``anchors`` is ``2 x k``, widths over heights. Input ``N x C x H x W``, of which the size counts alone; output ``N x
    4k x H x W``. The gradient is zero. Other ranks raise ``ValueError``. Source: densecap.
    """

    def updateOutput(self, input: Any) -> Any:
        k, (N, _, H, W) = self.place(input, None), input.shape
        output = self.resizeOutput(input, (N, 4 * k, H, W))
        self.fill(output.reshape(N, k, 4, H, W))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.place(input, None)
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        return gradInput


@nn.register
class ReshapeBoxFeatures(nn.Module):
    """Planes of k groups as rows: ``N x kD x H x W`` -> ``N x kHW x D``.

    Row number ``(g H + i) W + j`` is what group g has at pixel (i, j). ``ValueError`` for other ranks, and where k does
    not divide the planes. Source: densecap.
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k
        GROUPS(self)

    def updateOutput(self, input: Any) -> Any:
        N, k, D, H, W = self._sizes(input)
        output = self.resizeOutput(input, (N, k * H * W, D))
        output.reshape(N, k, H, W, D)[...] = input.reshape(N, k, D, H, W).transpose(0, 1, 3, 4, 2)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        N, k, D, H, W = self._sizes(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (N, k * H * W, D)).reshape(N, k, H, W, D)
        gradInput.reshape(N, k, D, H, W)[...] = g.transpose(0, 1, 4, 2, 3)
        return gradInput

    def _sizes(self, input: Any) -> tuple[int, ...]:
        self.checkType(input)
        (k,) = GROUPS(self)
        if input.ndim != 4 or input.shape[1] % k:
            raise ValueError(f"{self}: input must be N x {k}D x H x W, got {arrays.describe(input)}")
        N, planes, H, W = input.shape
        return N, k, planes // k, H, W


@nn.register
class MakeBoxes(AnchorBase):
    """Anchors, moved and scaled: :class:`MakeAnchors`, :class:`ReshapeBoxFeatures` and ApplyBoxTransform in one.

    Input: transforms, ``N x 4k x H x W``; output ``N x kHW x 4``, rows (xc, yc, w, h). Source: densecap.
    """

    _transient = ("_rows", "_apply", "_anchors")

    def __init__(self, x0: float, y0: float, sx: float, sy: float, anchors: Any) -> None:
        super().__init__(x0, y0, sx, sy, anchors)
        self._parts()

    def _parts(self) -> None:
        self._rows, self._apply = nn.ReshapeBoxFeatures(self.anchors.shape[-1]), nn.ApplyBoxTransform()
        for part in (self._rows, self._apply):
            part.type(self._type)

    def _restore(self) -> None:
        super()._restore()
        self._parts()

    def updateOutput(self, input: Any) -> Any:
        k, (N, _, H, W) = self.place(input, 4), input.shape
        self._anchors = anchors = self.resized(vars(self).get("_anchors"), (N, k * H * W, 4))
        self.fill(anchors.reshape(N, k, H, W, 4).transpose(0, 1, 4, 2, 3))
        self.output = self._apply.updateOutput([anchors, self._rows.updateOutput(input)])
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.place(input, 4)
        if vars(self).get("_anchors") is None:
            raise ValueError(f"{self}: call forward before backward")
        trans = self._apply.updateGradInput([self._anchors, self._rows.output], gradOutput)[1]
        self.gradInput = self._rows.updateGradInput(input, trans)
        return self.gradInput

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        result = super().type(type, tensorCache)
        if type is not None:
            self._anchors = None
            self._parts()
        return result

    def clearState(self) -> MakeBoxes:
        self._anchors = None
        self._rows.clearState()
        self._apply.clearState()
        return super().clearState()
