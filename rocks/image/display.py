"""``minmax``, ``toDisplayTensor`` and ``display``: pictures made ready to look at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import torch7
from torch7.arrays import default_dtype, describe

from ..arguments import named


@named
def minmax(
    tensor: Any = None,
    min: Any = None,
    max: Any = None,
    symm: Any = None,
    inplace: Any = None,
    saturate: Any = None,
    tensorOut: Any = None,
) -> Any:
    """The values from ``min`` .. ``max`` (those of the tensor) as 0 .. 1: ``image.minmax(tensor=x)``.

    ``symm``: 0 becomes 0.5 where neither is given. ``saturate`` cuts off what lies beyond, ``inplace`` changes the
    tensor itself, ``tensorOut`` takes the result.
    """
    low, high = min, max
    out = tensorOut if tensorOut is not None else tensor if inplace else tensor.astype(default_dtype())
    if out is not tensor:
        out[...] = tensor
    reach = float(np.abs(out).max()) if symm and min is None else 0
    if low is None:
        low = -reach if symm else out.min()
    out -= out.dtype.type(low)
    range_ = (2 * reach if symm else out.max()) if high is None else high - low
    if range_ != 0:
        out /= out.dtype.type(range_)
    if saturate and not (min is None and max is None):
        np.clip(out, 0, 1, out=out)
    return out


@named
def toDisplayTensor(
    input: Any = None,
    padding: Any = None,
    nrow: Any = None,
    scaleeach: Any = None,
    min: Any = None,
    max: Any = None,
    symmetric: Any = None,
    saturate: Any = None,
) -> Any:
    """One picture of a list of pictures, of pictures x planes x height x width, or of planes: in a grid.

    ``padding`` (0) pixels lie between them, ``nrow`` (6) pictures in a row. The values become 0 .. 1 as in
    :func:`minmax`, over all or, with ``scaleeach``, for each picture.
    """
    settings = {"min": min, "max": max, "symm": symmetric, "saturate": saturate is None or saturate, "inplace": True}
    packed = _packed(input)
    single = packed.ndim == 2 or (packed.ndim == 3 and len(packed) in (1, 3))
    if not single and not (packed.ndim == 3 or (packed.ndim == 4 and packed.shape[1] in (1, 3))):
        raise ValueError(f"image.toDisplayTensor: pictures of 1 or 3 planes, or planes, got {describe(packed)}")
    if single:
        return minmax(packed, **settings)
    if scaleeach:
        for one in packed:
            minmax(one, **settings)
    grid = _grid(packed, int(padding or 0), 6 if nrow is None else int(nrow))
    return grid if scaleeach else minmax(grid, **settings)


def _packed(input: Any) -> Any:
    if torch7.isTensor(input):
        return input.astype(default_dtype())
    if not isinstance(input, list | tuple) or not input:
        raise TypeError(f"image.toDisplayTensor: a tensor or a list of tensors, got {describe(input)}")
    return np.stack([x[None] if x.ndim == 2 else x for x in input]).astype(default_dtype())


def _grid(packed: Any, padding: int, nrow: int) -> Any:
    count, (high, wide) = len(packed), packed.shape[-2:]
    columns = nrow if nrow < count else count
    rows = math.ceil(count / columns)
    grid = np.full((*packed.shape[1:-2], rows * (high + padding), columns * (wide + padding)), packed.max())
    for k, one in enumerate(packed):
        top, left = (k // columns) * (high + padding) + padding // 2, (k % columns) * (wide + padding) + padding // 2
        grid[..., top : top + high, left : left + wide] = one
    return grid


@named
def display(
    image: Any = None,
    zoom: Any = None,
    min: Any = None,
    max: Any = None,
    legend: Any = None,
    win: Any = None,
    x: Any = None,
    y: Any = None,
    scaleeach: Any = None,
    gui: Any = None,
    offscreen: Any = None,
    padding: Any = None,
    symmetric: Any = None,
    nrow: Any = None,
    saturate: Any = None,
) -> Any:
    """The picture of :func:`toDisplayTensor`, ``zoom`` times as large, as a PNG file of the package display.

    Returns the window, by which (``win``) another picture takes its place. Where Torch opened a window, the file
    ``display/<window>.png`` is written.
    """
    from .. import display as pane
    from .scaling import scale

    shown = toDisplayTensor(
        image, padding=padding, nrow=nrow, scaleeach=scaleeach, min=min, max=max, symmetric=symmetric, saturate=saturate
    )
    if zoom not in (None, 1):
        shown = scale(shown, shown.shape[-1] * zoom, shown.shape[-2] * zoom, "simple")
    return pane.image(shown, {"win": win, "title": legend or "image.display"})
