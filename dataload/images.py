"""Image files as arrays of planes x height x width, floats from 0 to 1."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

EXTENSIONS = (".jpg", ".png", ".jpeg", ".ppm", ".bmp")


def pillow() -> Any:
    """Pillow's ``Image`` module; without it an ``ImportError`` that says what to install."""
    try:
        from PIL import Image
    except ImportError as e:
        raise ImportError("image files need Pillow: pip install 'torch7[image]'") from e
    return Image


def open_image(path: str | os.PathLike, planes: int, side: int) -> Any:
    """The image in ``path``, grey (1 plane) or RGB, with its smaller side resized to ``side``.

    A file that is no image, or a damaged one, raises ``ValueError`` with its path.
    """
    image_module = pillow()
    try:
        data = io.BytesIO(Path(path).read_bytes())
        with image_module.open(data) as image:
            size = _scaled(image.size, side)
            image.draft("L" if planes == 1 else "RGB", size)
            image = _converted(image, planes)
            return resize(image, *size)
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, image_module.DecompressionBombError) as e:
        raise ValueError(f"cannot read image {os.fspath(path)}: {e}") from e


def resize(image: Any, width: int, height: int) -> Any:
    """``image`` in ``width`` x ``height`` pixels, bilinear, whatever its shape was."""
    return image if image.size == (width, height) else image.resize((width, height), pillow().Resampling.BILINEAR)


def write_planes(dst: np.ndarray | None, image: Any, flip: bool = False) -> np.ndarray:
    """The pixels of ``image``, mirrored if ``flip``, in the planes of ``dst`` if it fits, else in a new array."""
    pixels = np.asarray(image)
    pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    if dst is None or dst.shape != pixels.shape:
        dst = np.empty(pixels.shape, np.float32)
    return np.divide(pixels[:, :, ::-1] if flip else pixels, np.float32(255), out=dst)


def crop(image: Any, left: int, top: int, width: int, height: int) -> Any:
    """A part of ``image``; one that does not lie inside raises ``ValueError``."""
    if not (0 <= left <= image.width - width and 0 <= top <= image.height - height):
        raise ValueError(f"cannot crop {width} x {height} pixels at ({left}, {top}) from {image.width}x{image.height}")
    return image.crop((left, top, left + width, top + height))


def _converted(image: Any, planes: int) -> Any:
    mode = "L" if planes == 1 else "RGB"
    if image.mode.startswith(("I", "F")):
        pixels = np.asarray(image, np.float32)
        scale = 65535 if image.mode.startswith("I") else max(float(pixels.max()), 1.0)
        image = pillow().fromarray((pixels * (255 / scale)).clip(0, 255).astype(np.uint8))
    return image.convert(mode)


def _scaled(size: tuple[int, int], side: int) -> tuple[int, int]:
    ratio = side / min(size)
    return tuple(max(side, math.floor(length * ratio + 0.5)) for length in size)
