"""Text and rectangles on pictures of three planes."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.arrays import describe


def _canvas(x: Any, options: dict, name: str) -> Any:
    if getattr(x, "ndim", 0) != 3 or len(x) != 3:
        raise ValueError(f"image.{name}: 3 x height x width, got {describe(x)}")
    return x if options.get("inplace") else x.copy()


def _colour(x: Any, colour: Any) -> Any:
    """A colour of 0..255 in the values of the picture."""
    values = np.array([float(c) for c in colour])
    return (values if x.dtype == np.uint8 else values / 255).astype(x.dtype)


def drawRect(x: Any, x1: float, y1: float, x2: float, y2: float, options: dict | None = None) -> Any:
    """A rectangle from (x1, y1) to (x2, y2), from 1 and both in it.

    Options: ``color`` ([255, 0, 0]), ``lineWidth`` (1; the line lies about the border), ``inplace``.
    """
    options = options or {}
    y = _canvas(x, options, "drawRect")
    width = int(options.get("lineWidth") or 1)
    colour = _colour(y, options.get("color") or (255, 0, 0))[:, None, None]
    left, top, right, bottom = (int(v) - 1 - width // 2 for v in (x1, y1, x2, y2))
    for rows, columns in (
        ((top, top + width), (left, right + width)),
        ((bottom, bottom + width), (left, right + width)),
        ((top, bottom + width), (left, left + width)),
        ((top, bottom + width), (right, right + width)),
    ):
        (a, b), (c, d) = rows, columns
        y[:, max(a, 0) : max(b, 0), max(c, 0) : max(d, 0)] = colour
    return y


def drawText(x: Any, text: str, left: float, top: float, options: dict | None = None) -> Any:
    """Text with its upper left corner at (left, top), from 1; lines end at ``\\n``.

    Options: ``color`` ([255, 0, 0]), ``bg`` (none), ``size`` (1), ``wrap`` (True: text goes on in the next line where
    the picture ends), ``inplace``. The letters are those of Pillow, of the size of Torch's: 6 x 8 pixels times
    ``size``.
    """
    options = options or {}
    y = _canvas(x, options, "drawText")
    size = int(options.get("size") or 1)
    wide = (y.shape[2] - int(left) + 1) // (6 * size)
    lines = _wrapped(text, wide) if options.get("wrap") is not False else text.split("\n")
    for row, line in enumerate(lines):
        _stamp(y, _letters(line, size), int(left) - 1, int(top) - 1 + row * 8 * size, options)
    return y


def _wrapped(text: str, wide: int) -> list[str]:
    wide = max(wide, 1)
    return [line[i : i + wide] for line in text.split("\n") for i in range(0, max(len(line), 1), wide)]


def _letters(line: str, size: int) -> np.ndarray:
    """Which pixels of a line are ink."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("1", (6 * max(len(line), 1), 8))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=8)
    for i, c in enumerate(line):
        pen.text((6 * i, -1), c, fill=1, font=font)
    return np.kron(np.asarray(picture), np.ones((size, size), bool)) > 0


def _stamp(y: Any, ink: np.ndarray, left: int, top: int, options: dict) -> None:
    rows = slice(max(top, 0), max(min(top + ink.shape[0], y.shape[1]), 0))
    columns = slice(max(left, 0), max(min(left + ink.shape[1], y.shape[2]), 0))
    ink = ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if not ink.size:
        return
    part = y[:, rows, columns]
    if options.get("bg"):
        part[...] = _colour(y, options["bg"])[:, None, None]
    part[...] = np.where(ink, _colour(y, options.get("color") or (255, 0, 0))[:, None, None], part)
