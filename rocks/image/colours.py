"""Colour spaces of pictures of three planes, with values 0..1, and colour maps."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7.arrays import default_dtype, describe

from ..arguments import into

_Y = np.array([(0.299, 0.587, 0.114)])
_YUV = np.array([_Y[0], (-0.14713, -0.28886, 0.436), (0.615, -0.51499, -0.10001)])
_RGB = np.array([(1, 0, 1.13983), (1, -0.39465, -0.58060), (1, 2.03211, 0)])
# sRGB and CIE XYZ, D65; from there to Lab
_XYZ = np.array([(0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227)])
_LINEAR = np.array(
    [(3.2404542, -1.5371385, -0.4985314), (-0.9692660, 1.8760108, 0.0415560), (0.0556434, -0.2040259, 1.0572252)]
)
_WHITE = np.array([0.950456, 1, 1.088754])[:, None, None]
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def _space(f: Callable) -> Callable:
    """Decorator: three planes in, computed in double precision, the type of the input out."""

    @into()
    @functools.wraps(f)
    def convert(x: Any) -> Any:
        if getattr(x, "ndim", 0) != 3 or len(x) != 3:
            raise ValueError(f"image.{f.__name__}: 3 x height x width, got {describe(x)}")
        with np.errstate(all="ignore"):
            return f(x.astype(np.float64)).astype(x.dtype)

    return convert


def _mix(matrix: np.ndarray, x: Any) -> Any:
    return np.tensordot(matrix, x, 1)


@_space
def rgb2y(x: Any) -> Any:
    """The brightness 0.299 R + 0.587 G + 0.114 B: one plane."""
    return _mix(_Y, x)


@_space
def rgb2yuv(x: Any) -> Any:
    """Brightness and two differences of colour."""
    return _mix(_YUV, x)


@_space
def yuv2rgb(x: Any) -> Any:
    """The way back of :func:`rgb2yuv`, to four digits."""
    return _mix(_RGB, x)


@_space
def rgb2nrgb(x: Any) -> Any:
    """Each plane over the sum of the three (and 1e-6)."""
    return x / (x.sum(0) + 1e-6)


def _hue(x: Any, most: Any, range_: Any) -> Any:
    """0..1; 0 where there is no colour."""
    r, g, b = x
    gray = range_ == 0
    d = np.where(gray, 1, range_)
    h = np.where(most == r, (g - b) / d + 6 * (g < b), np.where(most == g, (b - r) / d + 2, (r - g) / d + 4))
    return np.where(gray, 0, h / 6)


@_space
def rgb2hsl(x: Any) -> Any:
    """Hue, saturation, lightness, each 0..1."""
    most, least = x.max(0), x.min(0)
    light, d = (most + least) / 2, most - least
    s = np.where(d == 0, 0, d / np.where(light > 0.5, 2 - most - least, most + least))
    return np.stack([_hue(x, most, d), s, light])


@_space
def hsl2rgb(x: Any) -> Any:
    """The way back of :func:`rgb2hsl`."""
    h, s, light = x
    q = np.where(light < 0.5, light * (1 + s), light + s - light * s)
    p = 2 * light - q
    return np.stack([_channel(p, q, h + 1 / 3), _channel(p, q, h), _channel(p, q, h - 1 / 3)])


def _channel(p: Any, q: Any, t: Any) -> Any:
    t = np.where(t < 0, t + 1, t)
    t = np.where(t > 1, t - 1, t)
    falling = np.where(t < 2 / 3, p + (q - p) * (2 / 3 - t) * 6, p)
    return np.where(t < 1 / 6, p + (q - p) * 6 * t, np.where(t < 1 / 2, q, falling))


@_space
def rgb2hsv(x: Any) -> Any:
    """Hue, saturation, value, each 0..1."""
    most, d = x.max(0), x.max(0) - x.min(0)
    return np.stack([_hue(x, most, d), np.where(most == 0, 0, d / most), most])


@_space
def hsv2rgb(x: Any) -> Any:
    """The way back of :func:`rgb2hsv`."""
    h, s, v = x
    part = np.floor(h * 6)
    f = h * 6 - part
    p, q, t = v * (1 - s), v * (1 - f * s), v * (1 - (1 - f) * s)
    six = part.astype(np.int64) % 6
    pick = functools.partial(np.choose, six)
    return np.stack([pick([v, q, p, p, t, v]), pick([t, v, v, q, p, p]), pick([p, p, t, v, v, q])])


@_space
def rgb2lab(x: Any) -> Any:
    """sRGB to CIE L*a*b* (not 0..1)."""
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    xyz = _mix(_XYZ, linear) / _WHITE
    fx, fy, fz = np.where(xyz > _EPSILON, np.cbrt(xyz), (_KAPPA * xyz + 16) / 116)
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@_space
def lab2rgb(x: Any) -> Any:
    """CIE L*a*b* to sRGB."""
    light, a, b = x
    fy = (light + 16) / 116
    fx, fz = a / 500 + fy, fy - b / 200
    X, Z = (np.where(f**3 > _EPSILON, f**3, (116 * f - 16) / _KAPPA) for f in (fx, fz))
    Y = np.where(light > _KAPPA * _EPSILON, fy**3, light / _KAPPA)
    linear = _mix(_LINEAR, np.stack([X, Y, Z]) * _WHITE)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)


def colormap(n: int) -> Any:
    """``n`` x 3: colours round the wheel, 39 degrees apart, of changing saturation."""
    i = np.arange(int(n))
    hue, sat = np.fmod(39 * i, 360) / 60, np.fmod(i / 9, 0.7) + 0.3
    x = sat * (1 - np.abs(np.fmod(hue, 2) - 1))
    o = np.zeros_like(x)
    six = np.minimum(hue.astype(np.int64), 5)
    rgb = [np.choose(six, c) for c in ([sat, x, o, o, x, sat], [x, sat, sat, x, o, o], [o, o, x, sat, sat, x])]
    return (np.stack(rgb, 1) + (0.5 - sat / 2)[:, None]).astype(default_dtype())


def jetColormap(n: int) -> Any:
    """``n`` x 3: from blue over green to red."""
    v = 4 * np.arange(1, int(n) + 1) / int(n)
    rgb = [np.clip(np.minimum(v - a, b - v), 0, 1) for a, b in ((1.5, 4.5), (0.5, 3.5), (-0.5, 2.5))]
    return np.stack(rgb, 1).astype(default_dtype())


@into()
def y2jet(x: Any) -> Any:
    """Levels 1..L, [1 x] height x width, as colours of :func:`jetColormap`: 3 x height x width."""
    levels = x[0] if x.ndim == 3 else x[None] if x.ndim == 1 else x
    colours = jetColormap(int(levels.max()))
    if x.dtype == np.uint8:
        colours = np.floor(colours * 255 + 0.5)
    return np.ascontiguousarray(colours[levels.astype(np.int64) - 1].transpose(2, 0, 1)).astype(x.dtype)
