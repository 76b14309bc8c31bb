"""``lena`` and ``fabio``: pictures to try things on, made by formulas in the sizes of those that Torch shipped."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.arrays import default_dtype


def _scene(height: int, width: int) -> np.ndarray:
    """A light from above, a ball before stripes, a checked floor: smooth parts, edges and textures."""
    v, u = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    sky = np.stack([0.55 + 0.3 * v, 0.6 + 0.2 * u, 0.9 - 0.35 * v])
    stripes = 0.12 * np.sin(2 * np.pi * (14 * u + 6 * v))
    checks = ((np.floor(u * 16) + np.floor(v * 24)) % 2) * 0.4
    floor = np.stack([0.4 + checks, 0.3 + 0.7 * checks, 0.25 + 0.4 * checks])
    scene = np.where(v > 0.7, floor, sky + stripes)
    x, y = (u - 0.52) / 0.3, (v - 0.5) / 0.3
    depth = 1 - x**2 - y**2
    light = np.clip(0.45 * np.sqrt(np.maximum(depth, 0)) - 0.35 * x - 0.45 * y + 0.25, 0, 1)
    ball = np.stack([0.25 + 0.75 * light, 0.1 + 0.6 * light**2, 0.12 + 0.55 * light**3])
    return np.clip(np.where(depth > 0, ball, scene), 0, 1)


def lena() -> Any:
    """A picture of 3 x 512 x 512."""
    return (np.floor(_scene(512, 512) * 255) / 255).astype(default_dtype())


def fabio() -> Any:
    """A gray picture of 257 x 271."""
    gray = np.tensordot((0.299, 0.587, 0.114), _scene(257, 271), 1)
    return (np.floor(gray * 255) / 255).astype(default_dtype())
