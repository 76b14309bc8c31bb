"""Distances of the features of two images at all offsets within a window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nn
from nn.numbers import Whole
from nnx.tables import empties, gradients, pair
from torch7 import arrays, registry

WINDOW, HEIGHT = Whole(maxw=1, maxh=1), Whole(maxh=1)
#: The distance where the second image ends.
FAR = 1e30


class Matching(nn.Module):
    """Base: ``{K x H1 x W1, K x H2 x W2}`` -> the squared distances of each pixel to some of the second image."""

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = empties(self)

    def offsets(self, shapes: tuple) -> Iterator[tuple]:
        """For every offset its place in the output, the pixels of the first image and those of the second."""
        raise NotImplementedError

    def shape(self, shapes: tuple) -> tuple[int, ...]:
        """The size of the output."""
        raise NotImplementedError

    def updateOutput(self, input: Any) -> Any:
        a, b = self._images(input)
        output = self.resizeOutput(a, self.shape((a.shape, b.shape)))
        output.fill(FAR)
        for place, first, second in self.offsets((a.shape, b.shape)):
            difference = a[first] - b[second]
            difference *= difference
            rows, columns = first[1:]
            difference.sum(0, out=output[(rows, columns, *place)])
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = self._images(input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, self.shape((a.shape, b.shape)))
        ga, gb = gradients(self, (a, b))
        ga.fill(0)
        gb.fill(0)
        for place, first, second in self.offsets((a.shape, b.shape)):
            difference = a[first] - b[second]
            difference *= 2 * g[(*first[1:], *place)]
            ga[first] += difference
            gb[second] -= difference
        return self.gradInput

    def _images(self, input: Any) -> tuple[Any, Any]:
        a, b = pair(self, input, "two images")
        if a.ndim != 3 or b.ndim != 3 or len(a) != len(b) or not a.size:
            raise ValueError(f"{self}: images must be K x H x W, got {arrays.describe(list(input))}")
        if min(self.shape((a.shape, b.shape))) < 1:
            raise ValueError(f"{self}: the images are smaller than the window: {arrays.describe(list(input))}")
        return a, b


@nn.register
class SpatialMatching(Matching):
    """The squared distances of each pixel's features to those of a window of ``maxw x maxh`` pixels of another image.

    ``y[i, j, a, b] = sum_k (x1[k, i, j] - x2[k, i + a, j + b])^2``, a and b from 0, for pixels whose whole window lies
    in the second image; with ``full_output`` for all pixels, a and b from the middle of the window, 1e30 beyond the
    image. Input ``{K x H1 x W1, K x H2 x W2}``; output ``H x W x maxh x maxw``, ``H = min(H1, H2 - maxh + 1)``, or H1.
    Both are 11 by default. ``ValueError`` for other ranks. Source: nnx.
    """

    full_output: Any = 0

    def __init__(self, maxw: int | None = None, maxh: int | None = None, full_output: bool | None = None) -> None:
        super().__init__()
        self.maxw, self.maxh = 11 if maxw is None else maxw, 11 if maxh is None else maxh
        self.full_output = int(bool(full_output))
        WINDOW(self)

    def shape(self, shapes: tuple) -> tuple[int, ...]:
        (_, H, W), (_, H2, W2) = shapes
        width, height = WINDOW(self)
        return (
            (H, W, height, width)
            if self.full_output
            else (min(H, H2 - height + 1), min(W, W2 - width + 1), height, width)
        )

    def offsets(self, shapes: tuple) -> Iterator[tuple]:
        (_, H2, W2) = shapes[1]
        H, W, height, width = self.shape(shapes)
        up, left = ((height + 1) // 2 - 1, (width + 1) // 2 - 1) if self.full_output else (0, 0)
        for a in range(height):
            for b in range(width):
                rows, other_rows = within(H, H2, a - up)
                columns, other_columns = within(W, W2, b - left)
                if rows.start < rows.stop and columns.start < columns.stop:
                    yield (a, b), (slice(None), rows, columns), (slice(None), other_rows, other_columns)


@nn.register
class SpatialRadialMatching(Matching):
    """The squared distances of each pixel's features to those of ``maxh`` pixels below it in another image.

    ``y[i, j, a] = sum_k (x1[k, i, j] - x2[k, i + a, j])^2``. Input ``{K x H1 x W, K x H2 x W}``; output ``H x W x
    maxh``, ``H = min(H1, H2 - maxh + 1)``. ``ValueError`` for other ranks. Source: nnx.
    """

    def __init__(self, maxh: int) -> None:
        super().__init__()
        self.maxh = maxh
        HEIGHT(self)

    def shape(self, shapes: tuple) -> tuple[int, ...]:
        (_, H, W), (_, H2, W2) = shapes
        (height,) = HEIGHT(self)
        return min(H, H2 - height + 1), min(W, W2), height

    def offsets(self, shapes: tuple) -> Iterator[tuple]:
        H, W, height = self.shape(shapes)
        columns = slice(0, W)
        for a in range(height):
            yield (a,), (slice(None), slice(0, H), columns), (slice(None), slice(a, a + H), columns)


def within(size: int, other: int, offset: int) -> tuple[slice, slice]:
    """The places 0..size - 1 that lie in the other image once moved by ``offset``, and those places."""
    first, last = max(0, -offset), min(size, other - offset)
    return slice(first, max(first, last)), slice(first + offset, max(first, last) + offset)


registry.lacking(SpatialMatching, full_output=0)
