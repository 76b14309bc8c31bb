"""PixelShuffle: where the pixels go."""

import numpy as np

import nn


def test_pixel_shuffle():
    x = np.random.default_rng(0).standard_normal((2, 8, 3, 2))
    y = nn.PixelShuffle(2).forward(x)
    for n, c, h, w, i, j in np.ndindex(2, 2, 3, 2, 2, 2):
        assert y[n, c, 2 * h + i, 2 * w + j] == x[n, 4 * c + 2 * i + j, h, w]
