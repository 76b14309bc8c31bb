"""Which of the proposed boxes a detector learns from."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

import nn
import torch7 as torch
from nn.numbers import Real, Whole
from nnx.tables import pair
from torch7 import arrays, registry

from .boxes import corners

BOUNDS = ("x_min", "x_max", "y_min", "y_max")
THRESHOLDS, BATCH = Real("low_thresh", "high_thresh"), Whole(batch_size=2)


class BoxTable(nn.Module):
    """Base of layers of proposed boxes and targets, which have no gradient."""

    def boxes(self, input: Any) -> tuple[Any, Any]:
        """``N x B1 x 4`` and ``N x B2 x 4``; ``ValueError`` for other shapes."""
        a, b = pair(self, input, "two tensors of boxes")
        if a.ndim != 3 or b.ndim != 3 or len(a) != len(b) or a.shape[2] != 4 or b.shape[2] != 4:
            raise ValueError(f"{self}: boxes must be N x B1 x 4 and N x B2 x 4, got {arrays.describe(list(input))}")
        return a, b

    def updateGradInput(self, input: Any, gradOutput: Any) -> NoReturn:
        raise NotImplementedError(f"{self}: densecap gave it no gradient")


@nn.register
class BoxIoU(BoxTable):
    """How far boxes cover each other: the area of every intersection by that of the union.

    Input: ``{N x B1 x 4, N x B2 x 4}``, rows (xc, yc, w, h); output ``N x B1 x B2``. Areas are ``w h``; of an
    intersection of corners that lie ``w - 1`` apart, as densecap had it. There is no gradient. Source: densecap.
    """

    def updateOutput(self, input: Any) -> Any:
        a, b = self.boxes(input)
        xp, output = arrays.array_module(a), self.resizeOutput(a, (*a.shape[:2], b.shape[1]))
        first, second = corners(a)[:, :, None], corners(b)[:, None]
        low = xp.maximum(first[..., :2], second[..., :2])
        size = xp.maximum(xp.minimum(first[..., 2:], second[..., 2:]) - low, 0)
        common = size[..., 0] * size[..., 1]
        xp.subtract((a[..., 2] * a[..., 3])[:, :, None], common, out=output)
        output += (b[..., 2] * b[..., 3])[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            xp.divide(common, output, out=output)
        return output


@nn.register
class BoxSampler(BoxTable):
    """Draws positive and negative boxes by how far they cover a target (:class:`BoxIoU`).

    Positive is above ``high_thresh`` (0.7), and the best box of every target; negative is below ``low_thresh`` (0.3);
    boxes across the bounds of ``setBounds`` are neither, unless they are the best. Half of ``batch_size`` (256)
    positives at most are drawn, the rest is negative, with repetition where there are too few.

    Input ``{boxes, targets}``: ``1 x B1 x 4`` and ``1 x B2 x 4``, rows (xc, yc, w, h); output ``{positive boxes, their
    targets, negative boxes}``, numbers from 1. Fields ``debug_pos_sample_idx`` and ``debug_neg_sample_idx`` take the
    place of the draws. There is no gradient. Source: densecap.
    """

    x_min = x_max = y_min = y_max = None

    def __init__(self, options: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        given = {**(options or {}), **settings}
        for name, default in (("low_thresh", 0.3), ("high_thresh", 0.7), ("batch_size", 256)):
            value = given.get(name)
            setattr(self, name, default if value is None else value)
        THRESHOLDS(self)
        BATCH(self)
        self.box_iou = BoxIoU()

    def setBounds(self, bounds: dict[str, float]) -> None:
        """Keep to boxes within ``x_min``, ``x_max``, ``y_min`` and ``y_max``, in pixels."""
        for name in BOUNDS:
            setattr(self, name, bounds.get(name))

    def updateOutput(self, input: Any) -> list:
        boxes, targets = self.boxes(input)
        if len(boxes) != 1 or not targets.size or not boxes.size:
            raise ValueError(f"{self}: one image with boxes and targets, got {arrays.describe(list(input))}")
        cover = self.box_iou.updateOutput(input)[0]
        best = cover.argmax(1)
        positive, negative = self._masks(boxes[0], cover)
        numbers = np.flatnonzero(positive), np.flatnonzero(negative)
        chosen = [found[drawn - 1] + 1 for found, drawn in zip(numbers, self._draws(*map(len, numbers)))]
        self.output = [chosen[0], best[chosen[0] - 1] + 1, chosen[1]]
        return self.output

    def _masks(self, boxes: Any, cover: Any) -> tuple[Any, Any]:
        """Which boxes are positive and which negative."""
        (low, high), most = THRESHOLDS(self), cover.max(1)
        inside = self._inside(boxes)
        positive, negative = (most > high) & inside, (most < low) & inside
        best = cover.argmax(0)
        positive[best], negative[best] = True, False
        return positive, negative if negative.any() else ~positive

    def _inside(self, boxes: Any) -> Any:
        bounds = [getattr(self, name) for name in BOUNDS]
        if any(bound is None for bound in bounds):
            return np.ones(len(boxes), bool)
        (x1, y1, x2, y2), (left, right, top, bottom) = corners(boxes).T, bounds
        return (x1 >= left) & (y1 >= top) & (x2 <= right) & (y2 <= bottom)

    def _draws(self, positives: int, negatives: int) -> tuple[Any, Any]:
        """Numbers, from 1, of the positives and negatives that are drawn."""
        (size,) = BATCH(self)
        count = min(size // 2, positives)
        if not negatives:
            raise ValueError(f"{self}: every box is positive")
        first = torch.multinomial(np.ones(positives), count, False)
        second = torch.multinomial(np.ones(negatives), size - count, negatives < size - count)
        given = vars(self).get("debug_pos_sample_idx"), vars(self).get("debug_neg_sample_idx")
        return tuple(np.asarray(d if g is None else g, np.int64) for d, g in zip((first, second), given))

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        self.output = arrays.empty(self._type) if type is not None else self.output
        return super().type(type, tensorCache)


@nn.register
class BoxSamplerHelper(nn.Module):
    """Runs a :class:`BoxSampler` and takes the rows that it drew of all data.

    Input ``{{boxes, ...}, {targets, ...}}``, tensors ``1 x B1 x D`` and ``1 x B2 x D``, the boxes first; output ``{rows
    of positive boxes, rows of their targets, rows of negative boxes}``, a table of tensors each. gradOutput is
    ``{gradients of the positive, gradients of the negative rows}``, tables that may have gaps (None); gradInput is a
    table for the first table. Source: densecap.
    """

    def __init__(self, options: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        given = {**(options or {}), **settings}
        self.box_sampler = given.get("box_sampler") or BoxSampler(given)
        self.output: Any = [[], [], []]
        self.gradInput: Any = []

    def setBounds(self, bounds: dict[str, float]) -> None:
        """Those of :class:`BoxSampler`."""
        self.box_sampler.setBounds(bounds)

    def updateOutput(self, input: Any) -> list:
        data, targets = self._tables(input)
        chosen = self.box_sampler.updateOutput([data[0], targets[0]])
        self.pos_input_idx, self.pos_target_idx, self.neg_input_idx = chosen
        self.num_pos, self.num_neg = len(chosen[0]), len(chosen[2])
        sources = (data, chosen[0]), (targets, chosen[1]), (data, chosen[2])
        self.output = [[x[0, index - 1] for x in tensors] for tensors, index in sources]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        data, _ = self._tables(input)
        if vars(self).get("pos_input_idx") is None:
            raise ValueError(f"{self}: call forward before backward")
        if not isinstance(self.gradInput, list) or len(self.gradInput) != len(data):
            self.gradInput = [None] * len(data)
        for i, x in enumerate(data):
            gradient = self.gradInput[i] = arrays.resized(self.gradInput[i], x.shape, x)
            gradient.fill(0)
            for table, index in zip(gradOutput, (self.pos_input_idx, self.neg_input_idx)):
                g = _entry(table, i)
                if g is not None:
                    gradient[0, index - 1] = g.reshape(len(index), -1)
        return self.gradInput

    def _tables(self, input: Any) -> tuple[list, list]:
        if not nn.utils.is_table(input) or len(input) != 2 or not all(map(nn.utils.is_table, input)):
            raise TypeError(f"{self}: input must be two tables of tensors, got {arrays.describe(input)}")
        data, targets = (list(nn.utils.sequence(table, self)) for table in input)
        for table in (data, targets):
            for x in table:
                if not arrays.is_array(x) or x.ndim != 3 or x.shape[:2] != table[0].shape[:2]:
                    raise ValueError(f"{self}: tensors must be 1 x B x D, got {arrays.describe(list(table))}")
        return data, targets


def _entry(table: Any, i: int) -> Any:
    """Entry ``i``, from 0, of a list or of a dict by numbers from 1; None where there is none."""
    return table.get(i + 1) if isinstance(table, dict) else table[i] if i < len(table) else None


registry.lacking(BoxSampler, low_thresh=0.3, high_thresh=0.7, batch_size=256)
