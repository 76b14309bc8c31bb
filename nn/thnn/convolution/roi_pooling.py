"""Maxima of bins of regions, each of an image of a batch."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged

#: Nanoseconds of a pixel of a bin.
PIXEL = 1.0


@inner
def _best(plane, width, edges):
    """The largest number of a bin and its place; 0 and -1 of an empty one, or where all are not numbers."""
    best, place = plane.dtype.type(0), -1
    for i in range(edges[0], edges[1]):
        for j in range(edges[2], edges[3]):
            x = plane[i * width + j]
            if place < 0 or x > best:
                best, place = x, i * width + j
    return best, place


@ranged
def _pool(low, high, data, width, images, bins, output, places):
    planes, (rows, columns) = data.shape[1], bins
    for job in range(low, high):
        r, c = job // planes, job % planes
        plane, k = data[images[r], c], 0
        for i in range(rows.shape[2]):
            for j in range(columns.shape[2]):
                edges = rows[r, 0, i], rows[r, 1, i], columns[r, 0, j], columns[r, 1, j]
                output[r, c, k], places[r, c, k] = _best(plane, width, edges)
                k += 1


@inner
def _add(gradOutput, places, plane):
    for k in range(places.size):
        if 0 <= places[k] < plane.size:
            plane[places[k]] += gradOutput[k]


@ranged
def _spread(low, high, gradOutput, images, places, gradInput):
    for c in range(low, high):
        for r in range(len(images)):
            _add(gradOutput[r, c], places[r, c], gradInput[images[r], c])


def ROIPooling_updateOutput(
    data: Any, width: int, images: Any, rows: Any, columns: Any, output: Any, places: Any
) -> None:
    """``data`` ``N x C x hw``, ``images`` R numbers from 0, ``rows`` ``R x 2 x H`` and ``columns`` ``R x 2 x W``: where
    bins begin and end; ``output`` and ``places`` ``R x C x HW``.
    """
    count = len(images) * data.shape[1]
    _pool(count, PIXEL * count * data.shape[2], data, width, images, (rows, columns), output, places)


def ROIPooling_updateGradInput(gradOutput: Any, images: Any, places: Any, gradInput: Any) -> None:
    """Adds to ``gradInput``, ``N x C x hw``."""
    _spread(gradInput.shape[1], PIXEL * gradOutput.size, gradOutput, images, places, gradInput)
