"""A confusion matrix as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def draw(
    matrix: Any, sortmode: str | None, display: bool, block: int, legendwidth: int, filename: str | Path | None
) -> np.ndarray:
    """Draw ``matrix`` as :meth:`optim.ConfusionMatrix.render` says."""
    try:
        from PIL import Image, ImageDraw
    except ImportError as e:
        raise ImportError("ConfusionMatrix.render needs Pillow: pip install 'torch7[image]'") from e
    order = _order(matrix, sortmode)
    image = Image.fromarray(_cells(matrix, order, block, legendwidth))
    pen = ImageDraw.Draw(image)
    for row, i in enumerate(order):
        name = matrix.classes[i] if matrix.classes else i + 1
        label = f"{name} [{100 * matrix.valids[i]:.2f}% of {matrix.mat[i].sum()}]"
        top = row * block + (block - 11) // 2
        pen.text((len(order) * block + 4, top), label, fill=(255, 255, 255))
    if filename is not None:
        Path(filename).parent.mkdir(parents=True, exist_ok=True)
        image.save(filename)
    if display:
        image.show()
    return np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1)) / 255


def _order(matrix: Any, sortmode: str | None) -> np.ndarray:
    if sortmode is None:
        return np.arange(matrix.nclasses)
    if sortmode not in ("score", "occurrence"):
        raise ValueError(f"sortmode must be 'score' or 'occurrence', not {sortmode!r}")
    keys = np.nan_to_num(matrix.valids, nan=-1.0) if sortmode == "score" else matrix.mat.sum(1)
    return np.argsort(-keys, kind="stable")


def _cells(matrix: Any, order: np.ndarray, block: int, legendwidth: int) -> np.ndarray:
    """Rows as shares of their sum: the diagonal in green, errors in red, on black; the legend's room to the right."""
    counts = matrix.mat[np.ix_(order, order)]
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    level = np.rint(255 * np.sqrt(share)).astype(np.uint8)
    right = np.eye(len(order), dtype=bool)
    colour = np.zeros((*level.shape, 3), np.uint8)
    colour[..., 0], colour[..., 1] = np.where(right, 0, level), np.where(right, level, 0)
    cells = colour.repeat(block, axis=0).repeat(block, axis=1)
    return np.pad(cells, ((0, 0), (0, legendwidth), (0, 0)))
