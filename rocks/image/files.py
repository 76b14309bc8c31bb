"""Pictures in files and in memory: PNG, JPEG, PPM and PGM through Pillow."""

from __future__ import annotations

import io
import os
import re
from typing import Any

import numpy as np

import torch7
from torch7.arrays import default_dtype, describe, dtype_of

_TYPES = {"byte": "torch.ByteTensor", "float": "torch.FloatTensor", "double": "torch.DoubleTensor"}
_QUALITY = 75
_SLACK = 1e-3  # what was 51 / 255 in single precision is 51 again
supported_filetypes = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "ppm": "PPM", "pgm": "PPM"}
_MAGIC = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"P2", "pgm"), (b"P5", "pgm"), (b"P3", "ppm"), (b"P6", "ppm"))


def is_supported(suffix: str) -> bool:
    """Whether files with this ending, without its point, can be read and written."""
    return suffix.lower() in supported_filetypes


def load(filename: str, depth: int | None = None, tensortype: str | None = None) -> Any:
    """The picture in a file as planes x height x width: of ``depth`` 1 or 3 planes, or as many as the file has.

    ``tensortype`` is ``'float'``, ``'double'`` (0..1; the default tensor type if None) or ``'byte'`` (0..255). The
    contents tell the kind of file, else its ending.
    """
    with open(filename, "rb") as f:
        data = f.read()
    return _decoded(data, depth, tensortype, str(filename))


def save(filename: str, tensor: Any) -> None:
    """Write a picture to a file; its ending gives the kind. Values beyond 0..1 are cut off, bytes are taken as they
    are.
    """
    found = re.search(r"\.([A-Za-z]+)$", os.fspath(filename))
    if found is None or not is_supported(found[1]):
        raise ValueError(f"image.save: the ending of {filename!r} is none of {', '.join(supported_filetypes)}")
    suffix = found[1].lower()
    pixels = _pixels(tensor, "image.save")
    if (suffix == "ppm" and pixels.ndim != 3) or (suffix == "pgm" and pixels.ndim != 2):
        raise ValueError(
            f"image.save: a .{suffix} file holds {3 if suffix == 'ppm' else 1} planes, got {describe(tensor)}"
        )
    _write(filename, pixels, supported_filetypes[suffix])


def loadPNG(filename: str, depth: int | None = None, tensortype: str | None = None) -> Any:
    """:func:`load`."""
    return load(filename, depth, tensortype)


loadJPG = loadPPM = loadPNG


def savePNG(filename: str, tensor: Any) -> None:
    """Write a PNG file."""
    _write(filename, _pixels(tensor, "image.savePNG"), "PNG")


def saveJPG(filename: str, tensor: Any) -> None:
    """Write a JPEG file of quality 75."""
    _write(filename, _pixels(tensor, "image.saveJPG"), "JPEG", quality=_QUALITY)


def savePPM(filename: str, tensor: Any) -> None:
    """Write a PPM file."""
    _write(filename, _pixels(tensor, "image.savePPM"), "PPM")


savePGM = savePPM


def compressJPG(tensor: Any, quality: int | None = None) -> Any:
    """The bytes of a JPEG file of a picture as a ByteTensor; ``quality`` 1..100 (75)."""
    out = io.BytesIO()
    _write(out, _pixels(tensor, "image.compressJPG"), "JPEG", quality=int(quality or _QUALITY))
    return np.frombuffer(out.getvalue(), np.uint8).copy()


def decompress(tensor: Any, depth: int | None = None, tensortype: str | None = None) -> Any:
    """The picture in the bytes of a JPEG or PNG file, a ByteTensor; see :func:`load`."""
    if not torch7.isTensor(tensor) or tensor.dtype != np.uint8:
        raise TypeError(f"image.decompress: the bytes of a file are a ByteTensor, got {describe(tensor)}")
    return _decoded(tensor.tobytes(), depth, tensortype, "image.decompress")


def decompressJPG(tensor: Any, depth: int | None = None, tensortype: str | None = None) -> Any:
    """:func:`decompress`."""
    return decompress(tensor, depth, tensortype)


decompressPNG = decompressJPG


def getSize(filename: str) -> Any:
    """Planes, height and width of the picture in a file, a LongTensor; the pixels are not read."""
    with _opened(filename) as picture:
        planes = 1 if _is_gray(picture) else len(picture.getbands())
        return np.array([planes, picture.height, picture.width], np.int64)


def getPNGsize(filename: str) -> tuple[int, int, int]:
    """Planes, height and width of the picture in a file."""
    planes, height, width = getSize(filename).tolist()
    return planes, height, width


getJPGsize = getPPMsize = getPNGsize


def _opened(source: Any, name: str | None = None) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(source)
    except UnidentifiedImageError:
        raise ValueError(f"{name or source}: not a picture that can be read") from None


def _is_gray(picture: Any) -> bool:
    return picture.mode in ("1", "L", "I", "I;16", "I;16B", "F")


def _decoded(data: bytes, depth: int | None, tensortype: str | None, name: str) -> Any:
    if depth not in (None, 1, 3):
        raise ValueError(f"image.load: a picture has 1 or 3 planes, not {depth}")
    if tensortype is not None and tensortype not in _TYPES:
        raise ValueError(f"image.load: the type is float, double or byte, not {tensortype!r}")
    with _opened(io.BytesIO(data), name) as picture:
        planes, most = _planes(picture, data)
    if tensortype == "byte" and most == 65535:
        planes, most = planes >> 8, 255
    planes = _of_depth(planes, depth, most)
    if tensortype == "byte":
        return planes.astype(np.uint8)
    dtype = default_dtype() if tensortype is None else dtype_of(_TYPES[tensortype])
    return planes.astype(dtype) * dtype.type(1 / most)


def _planes(picture: Any, data: bytes) -> tuple[np.ndarray, int]:
    """Planes first, and the largest value that a file of this kind holds."""
    if picture.tile and picture.tile[0][3] in ("RGB;16B", "RGBA;16B"):
        return _wide_colours(picture, data), 65535
    if picture.mode.startswith("I"):
        return np.asarray(picture).astype(np.int64)[None], 65535
    if _is_gray(picture):
        return np.asarray(picture.convert("L"))[None], 255
    if picture.mode not in ("RGB", "RGBA", "LA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1)), 255


def _wide_colours(picture: Any, data: bytes) -> np.ndarray:
    """The planes of a picture with colours of 16 bits; Pillow gives 8 of them at a time, the upper or the lower."""
    with _opened(io.BytesIO(data)) as other:
        (*place, kind), *_ = other.tile
        other.tile = [(*place, kind.replace("16B", "16L"))]
        lower = np.asarray(other)
    wide = np.asarray(picture).astype(np.int64) << 8 | lower
    return np.ascontiguousarray(wide.transpose(2, 0, 1))


def _of_depth(planes: np.ndarray, depth: int | None, most: int) -> np.ndarray:
    if depth == 3:
        return planes[:3] if len(planes) >= 3 else np.repeat(planes[:1], 3, 0)
    if depth == 1:
        if len(planes) < 3:
            return planes[:1]
        gray = np.tensordot((0.299, 0.587, 0.114), planes[:3].astype(np.float64), 1)[None]
        return gray if most == 65535 else gray.round(6)
    return planes


def _pixels(tensor: Any, name: str) -> np.ndarray:
    """The picture as Pillow takes it: height x width (x planes) of bytes."""
    if (
        not torch7.isTensor(tensor)
        or tensor.ndim not in (2, 3)
        or (tensor.ndim == 3 and len(tensor) not in (1, 2, 3, 4))
    ):
        raise ValueError(f"{name}: a picture is height x width or 1, 3 or 4 planes of that, got {describe(tensor)}")
    x = tensor
    if x.dtype != np.uint8:
        x = (np.clip(x.astype(np.float64), 0, 1) * 255 + _SLACK).astype(np.uint8)
    if x.ndim == 3:
        x = x[0] if len(x) == 1 else x.transpose(1, 2, 0)
    return np.ascontiguousarray(x)


def _write(target: Any, pixels: np.ndarray, kind: str, **settings: Any) -> None:
    from PIL import Image

    if kind == "JPEG":
        settings.setdefault("quality", _QUALITY)
        pixels = pixels[..., :3] if pixels.ndim == 3 else pixels
    Image.fromarray(pixels).save(target, kind, **settings)
