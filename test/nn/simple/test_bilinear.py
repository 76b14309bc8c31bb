"""Bilinear: sizes."""

import pytest

import nn


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 2.5, 1), (1, 1, -1)])
def test_bilinear_sizes(sizes):
    with pytest.raises(ValueError, match="positive whole numbers"):
        nn.Bilinear(*sizes)
