"""Colour spaces against the formulas pixel by pixel, and there and back."""

import colorsys
import math

import numpy as np
import pytest

import torch7
from rocks import image

rng = np.random.default_rng(4)
X = rng.random((3, 5, 6))
X[:, 0, :6] = np.array([(0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (1, 0, 0), (0, 1, 0), (0, 0, 1.0)]).T


def pixels(y):
    return [tuple(y[:, j, i]) for j in range(5) for i in range(6)]


def lab(r, g, b):
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, g, b))
    x = (0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.950456
    y = 0.212671 * r + 0.715160 * g + 0.072169 * b
    z = (0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def hsl(r, g, b):
    h, light, s = colorsys.rgb_to_hls(r, g, b)
    return h, s, light


@pytest.mark.parametrize("name,one", [("rgb2hsv", colorsys.rgb_to_hsv), ("rgb2hsl", hsl), ("rgb2lab", lab)])
def test_spaces_pixel_by_pixel(name, one):
    y = getattr(image, name)(X)
    for got, rgb in zip(pixels(y), pixels(X)):
        assert np.allclose(got, one(*rgb), atol=1e-12), rgb


@pytest.mark.parametrize("there,back", [("hsv", 1e-12), ("hsl", 1e-12), ("lab", 1e-4), ("yuv", 1e-4)])
def test_there_and_back(there, back):
    y = getattr(image, f"rgb2{there}")(X)
    assert np.allclose(getattr(image, f"{there}2rgb")(y), X, atol=back)


def test_yuv_y_and_normalised():
    r, g, b = X
    assert np.allclose(image.rgb2y(X), (0.299 * r + 0.587 * g + 0.114 * b)[None], atol=1e-15)
    assert image.rgb2y(X).shape == (1, 5, 6)
    assert np.allclose(image.rgb2yuv(X)[1], -0.14713 * r - 0.28886 * g + 0.436 * b)
    assert np.allclose(image.rgb2yuv(X)[2], 0.615 * r - 0.51499 * g - 0.10001 * b)
    assert np.allclose(image.yuv2rgb(X)[0], r + 1.13983 * b)
    assert np.allclose(image.rgb2nrgb(X), X / (r + g + b + 1e-6))


def test_types_and_destinations():
    assert image.rgb2hsv(X.astype(np.float32)).dtype == np.float32
    dst = np.zeros_like(X)
    assert image.rgb2yuv(dst, X) is dst and np.array_equal(dst, image.rgb2yuv(X))
    with pytest.raises(ValueError, match=r"image\.rgb2hsl: 3 x height x width"):
        image.rgb2hsl(X[:2])


def test_maps():
    jet = image.jetColormap(8)
    for i in range(1, 9):
        v = 4 * i / 8
        expected = [max(min(v - a, b - v, 1), 0) for a, b in ((1.5, 4.5), (0.5, 3.5), (-0.5, 2.5))]
        assert np.allclose(jet[i - 1], expected)
    colours = image.colormap(30)
    for i in range(30):
        expected = colorsys.hls_to_rgb(math.fmod(39 * i, 360) / 360, 0.5, math.fmod(i / 9, 0.7) + 0.3)
        assert np.allclose(colours[i], expected, atol=1e-9)
    levels = torch7.Tensor([[1, 4], [2, 3]])
    heat = image.y2jet(levels)
    assert heat.shape == (3, 2, 2) and np.allclose(heat[:, 0, 1], image.jetColormap(4)[3])
