"""``image``: pictures as planes x height x width from 0 to 1, in files and out, scaled, cut and turned."""

from __future__ import annotations

from typing import Any

import numpy as np

import torch7
from torch7.arrays import default_dtype, dtype_of

from .paths import native

_TYPES = {"byte": "torch.ByteTensor", "float": "torch.FloatTensor", "double": "torch.DoubleTensor"}
_Y = (0.299, 0.587, 0.114)
_YUV = np.array([_Y, (-0.14713, -0.28886, 0.436), (0.615, -0.51499, -0.10001)])
_RGB = np.array([(1, 0, 1.13983), (1, -0.39465, -0.58060), (1, 2.03211, 0)])


def load(name: str, depth: int | None = None, kind: str | None = None) -> np.ndarray:
    """A picture of ``depth`` 1 or 3 planes; of type ``'byte'`` it has 0 to 255, else 0 to 1."""
    from PIL import Image

    with Image.open(native(name)) as picture:
        mode = {1: "L", 3: "RGB"}.get(depth) or ("L" if picture.mode in ("1", "L") else "RGB")
        planes = np.asarray(picture.convert(mode))
    planes = np.ascontiguousarray(planes[None] if planes.ndim == 2 else planes.transpose(2, 0, 1))
    if kind == "byte":
        return planes
    dtype = default_dtype() if kind is None else dtype_of(_TYPES[kind])
    return planes.astype(dtype) / dtype.type(255)


def save(name: str, x: np.ndarray) -> None:
    """Write a picture; values beyond 0 to 1 are cut off."""
    from PIL import Image

    data = x if x.dtype == np.uint8 else (np.clip(x, 0, 1) * 255).astype(np.uint8)
    data = data[None] if data.ndim == 2 else data
    if data.ndim != 3 or data.shape[0] not in (1, 3):
        raise ValueError(f"image.save: 1 or 3 planes of pixels, not {torch7.type(x)} of size {x.shape}")
    Image.fromarray(data[0] if len(data) == 1 else np.ascontiguousarray(data.transpose(1, 2, 0))).save(native(name))


def scale(x: np.ndarray, width: Any, height: Any = None, mode: str | None = None) -> np.ndarray:
    """To width and height, ``'WxH'``, or a longer (``'^n'``: shorter) side; bilinear, or ``'simple'``."""
    if isinstance(width, str) or height is None or isinstance(height, str):
        width, height, mode = *_size(x, width), height if isinstance(height, str) else mode
    width, height = int(width), int(height)
    if width < 1 or height < 1:
        raise ValueError(f"image.scale: width {width} and height {height} are not positive")
    if mode in (None, "bilinear"):
        return np.ascontiguousarray(_linear(_linear(x, width).swapaxes(-1, -2), height).swapaxes(-1, -2))
    if mode == "simple":
        rows, columns = (_nearest(n, m) for n, m in ((x.shape[-2], height), (x.shape[-1], width)))
        return np.ascontiguousarray(x[..., rows[:, None], columns])
    raise ValueError(f"image.scale: the mode is bilinear or simple, not {mode!r}")


def _size(x: np.ndarray, text: Any) -> tuple[int, int]:
    height, width = x.shape[-2:]
    text = str(text) if isinstance(text, str) else str(int(text))
    if "x" in text:
        first, second = text.split("x")
        return int(first), int(second)
    side = int(text.lstrip("^"))
    part = side / (min(width, height) if text.startswith("^") else max(width, height))
    return max(1, int(width * part + 0.5)), max(1, int(height * part + 0.5))


def _nearest(length: int, to: int) -> np.ndarray:
    return np.minimum((np.arange(to) * np.float32(length / to)).astype(int), length - 1)


def _linear(x: np.ndarray, to: int) -> np.ndarray:
    """The last dimension in another length: interpolated when it grows, averaged over its part when it shrinks."""
    length = x.shape[-1]
    if to == length:
        return x
    weights = np.zeros((to, length))
    if to > length:
        place = np.arange(to) * ((length - 1) / (to - 1))
        left = np.minimum(place.astype(int), length - 1)
        right = np.minimum(left + 1, length - 1)
        np.add.at(weights, (np.arange(to), left), 1 - (place - left))
        np.add.at(weights, (np.arange(to), right), place - left)
    else:
        edges = np.arange(to + 1) * (length / to)
        cells = np.arange(length)
        weights = np.clip(np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells), 0, 1)
        weights /= weights.sum(1, keepdims=True)
    result = x @ weights.T
    return (np.rint(result) if x.dtype.kind in "iu" else result).astype(x.dtype)


def crop(x: np.ndarray, first: Any, second: int, third: int | None = None, fourth: int | None = None) -> np.ndarray:
    """``crop(x, x1, y1, x2, y2)`` from 0, without the ends; ``crop(x, 'c', width, height)`` and tl, tr, bl, br."""
    height, width = x.shape[-2:]
    if isinstance(first, str):
        w, h = int(second), int(third)
        left = {"c": (width - w) // 2, "tl": 0, "bl": 0, "tr": width - w, "br": width - w}[first]
        top = {"c": (height - h) // 2, "tl": 0, "tr": 0, "bl": height - h, "br": height - h}[first]
    else:
        left, top = int(first), int(second)
        w, h = (int(third) - left, int(fourth) - top) if fourth is not None else (width - left, height - top)
    if left < 0 or top < 0 or w < 1 or h < 1 or left + w > width or top + h > height:
        raise IndexError(f"image.crop: {w} x {h} from ({left}, {top}) are not in a picture of {width} x {height}")
    return x[..., top : top + h, left : left + w].copy()


def minmax(options: dict) -> np.ndarray:
    """``image.minmax{tensor=, min=, max=}``: the values as 0 to 1."""
    x = options["tensor"]
    low = options.get("min", x.min())
    high = options.get("max", x.max())
    return (x - x.dtype.type(low)) / x.dtype.type(high - low) if high != low else x - x.dtype.type(low)


def _mixed(matrix: Any) -> Any:
    def run(x: np.ndarray) -> np.ndarray:
        if x.ndim != 3 or x.shape[0] != 3:
            raise ValueError(f"3 planes of pixels are needed, not {x.shape}")
        return np.einsum("ij,jhw->ihw", np.atleast_2d(matrix), x).astype(x.dtype)

    return run


FUNCTIONS = {
    "load": load,
    "loadPNG": load,
    "loadJPG": load,
    "save": save,
    "savePNG": save,
    "saveJPG": save,
    "scale": scale,
    "crop": crop,
    "hflip": lambda x: x[..., ::-1].copy(),
    "vflip": lambda x: x[..., ::-1, :].copy(),
    "rgb2y": _mixed(_Y),
    "rgb2yuv": _mixed(_YUV),
    "yuv2rgb": _mixed(_RGB),
    "minmax": minmax,
}
