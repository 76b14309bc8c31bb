"""The pictures of the chapter "convolution": what its modules make of a photograph, drawn when the manual is built.

The photograph, of Grace Hopper, comes with matplotlib. ``python doc/pictures.py`` draws without building; the pictures
land in ``doc/_build/plots``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

import nn
import torch7

matplotlib.use("Agg")
from matplotlib import cbook, image, pyplot

FOLDER = Path(__file__).parent / "_build" / "plots"
COLUMNS = 4


def photograph() -> np.ndarray:
    """3 x 384 x 384 numbers between 0 and 1: head and shoulders."""
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        pixels = image.imread(file, format="jpg")
    return np.ascontiguousarray(pixels[20:404, 60:444].transpose(2, 0, 1) / 255.0)


def grey(photo: np.ndarray) -> np.ndarray:
    return photo.mean(0, keepdims=True)


def bell(size: int) -> np.ndarray:
    """A kernel that falls off towards its ends."""
    return np.exp(-(np.linspace(-2, 2, size) ** 2))


def pooling(photo: np.ndarray) -> dict[str, np.ndarray]:
    torch7.manualSeed(1)
    modules = {
        "SpatialMaxPooling(8, 8)": nn.SpatialMaxPooling(8, 8),
        "SpatialAveragePooling(8, 8, 8, 8)": nn.SpatialAveragePooling(8, 8, 8, 8),
        "SpatialLPPooling(3, 4, 8, 8)": nn.SpatialLPPooling(3, 4, 8, 8),
        "SpatialFractionalMaxPooling(8, 8, 48, 48)": nn.SpatialFractionalMaxPooling(8, 8, 48, 48),
        "SpatialAdaptiveMaxPooling(12, 48)": nn.SpatialAdaptiveMaxPooling(12, 48),
        "SpatialAdaptiveAveragePooling(12, 48)": nn.SpatialAdaptiveAveragePooling(12, 48),
        "SpatialDilatedMaxPooling(8, 8, 8, 8, 0, 0, 4, 4)": nn.SpatialDilatedMaxPooling(8, 8, 8, 8, 0, 0, 4, 4),
    }
    return {"the photograph": photo} | outputs(modules, photo)


def upsampling(photo: np.ndarray) -> dict[str, np.ndarray]:
    small = nn.SpatialAveragePooling(8, 8, 8, 8).forward(photo)
    pool = nn.SpatialMaxPooling(2, 2)
    unpooled = nn.SpatialMaxUnpooling(pool).forward(pool.forward(small))
    modules = {
        "SpatialUpSamplingNearest(8)": nn.SpatialUpSamplingNearest(8),
        "SpatialUpSamplingBilinear(8)": nn.SpatialUpSamplingBilinear(8),
    }
    pictures = {"the input, 48 x 48 pixels": small} | outputs(modules, small)
    return pictures | {"SpatialMaxPooling(2, 2), then unpooled": unpooled}


def padding(photo: np.ndarray) -> dict[str, np.ndarray]:
    names = ("SpatialZeroPadding", "SpatialReflectionPadding", "SpatialReplicationPadding")
    modules = {f"{name}(96)": getattr(nn, name)(96) for name in names}
    return {"the photograph": photo} | outputs(modules, photo)


def normalization(photo: np.ndarray) -> dict[str, np.ndarray]:
    kernel, plane = bell(31), grey(photo)
    modules = {
        "SpatialSubtractiveNormalization": nn.SpatialSubtractiveNormalization(1, kernel),
        "SpatialDivisiveNormalization": nn.SpatialDivisiveNormalization(1, kernel),
        "SpatialContrastiveNormalization": nn.SpatialContrastiveNormalization(1, kernel),
    }
    lrn = nn.SpatialCrossMapLRN(3, 10).forward(photo)
    lrn /= lrn.max()
    batch = nn.SpatialBatchNormalization(3, None, None, False).forward(np.stack([photo, photo]))[0]
    pictures = {"the photograph, one plane": plane} | outputs(modules, plane)
    pictures |= {"the photograph, three planes": photo, "SpatialCrossMapLRN(3, 10)": lrn}
    return pictures | {"SpatialBatchNormalization(3)": batch}


def outputs(modules: dict[str, nn.Module], input: np.ndarray) -> dict[str, np.ndarray]:
    return {name: module.forward(input).copy() for name, module in modules.items()}


def shown(axes: Any, title: str, picture: np.ndarray) -> None:
    """One picture; what leaves the range from 0 to 1 is scaled to it, leaving out the outermost hundredth."""
    if picture.min() < 0 or picture.max() > 1:
        low, high = np.percentile(picture, (0.5, 99.5))
        picture = np.clip((picture - low) / (high - low), 0, 1)
    axes.imshow(picture.transpose(1, 2, 0).squeeze(), cmap="gray", vmin=0, vmax=1, aspect="auto")
    axes.set_title(title, fontsize=8)
    axes.set_axis_off()


def draw(pictures: Callable[[np.ndarray], dict[str, np.ndarray]], folder: Path = FOLDER) -> Path:
    """Draw one row or two of pictures to ``folder/NAME.png``, named after the function."""
    named = pictures(photograph())
    rows = -(-len(named) // COLUMNS)
    figure, grid = pyplot.subplots(rows, COLUMNS, figsize=(11, 2.9 * rows), layout="constrained", squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, (title, picture) in zip(grid.flat, named.items()):
        shown(axes, title, picture)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{pictures.__name__}.png"
    figure.savefig(path, dpi=100, metadata={"Software": None})
    pyplot.close(figure)
    return path


def draw_all(app: Any = None) -> None:
    """Draw every picture; Sphinx calls it with its application before it reads the pages."""
    for pictures in (pooling, upsampling, padding, normalization):
        draw(pictures)


def setup(app: Any) -> dict:
    """What Sphinx asks of an extension."""
    app.connect("builder-inited", draw_all)
    return {"parallel_read_safe": True}


if __name__ == "__main__":
    draw_all()
