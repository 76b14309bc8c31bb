"""Boxes as rows (xc, yc, w, h) or (x1, y1, x2, y2), in pixels from 1; corners are pixels that belong to the box."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays


def corners(boxes: Any) -> Any:
    """Rows (x1, y1, x2, y2) of rows (xc, yc, w, h): ``x1 = xc - (w - 1) / 2``, ``x2 = xc + (w - 1) / 2``."""
    half = (boxes[..., 2:] - 1) / 2
    return arrays.array_module(boxes).concatenate([boxes[..., :2] - half, boxes[..., :2] + half], -1)


def centred(boxes: Any) -> Any:
    """Rows (xc, yc, w, h) of rows (x1, y1, x2, y2): ``w = x2 - x1``; it is one less than :func:`corners` had."""
    first, last = boxes[..., :2], boxes[..., 2:]
    return arrays.array_module(boxes).concatenate([(first + last) / 2, last - first], -1)


def clipped(boxes: Any, width: float, height: float) -> tuple[Any, Any]:
    """Rows (xc, yc, w, h) cut to an image, and which of them are left: a mask of them all."""
    cut = corners(boxes)
    for axis, size in ((0, width), (1, height)):
        cut[..., axis].clip(1, size - 1, out=cut[..., axis])
        cut[..., axis + 2].clip(2, size, out=cut[..., axis + 2])
    inside = (cut[..., 2] > cut[..., 0]) & (cut[..., 3] > cut[..., 1])
    return centred(cut), inside


def suppressed(boxes: Any, scores: Any, overlap: float, most: int | None = None) -> Any:
    """The best boxes of which none covers another: 0-based numbers of rows (x1, y1, x2, y2), by falling score.

    A box goes where its intersection with a better one is more than ``overlap`` of their union; at most ``most`` stay.
    """
    areas = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    left, picked = np.argsort(scores.astype(np.float32), kind="stable")[::-1], []
    while left.size and (most is None or len(picked) < most):
        best, left = left[0], left[1:]
        picked.append(best)
        first = np.maximum(boxes[left, :2], boxes[best, :2])
        size = np.maximum(np.minimum(boxes[left, 2:], boxes[best, 2:]) - first + 1, 0)
        common = size[:, 0] * size[:, 1]
        left = left[common / (areas[left] + areas[best] - common) <= overlap]
    return np.array(picked, np.int64)
