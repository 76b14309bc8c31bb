"""Max pooling over windows with gaps, by spatial_max_pooling.cu."""

from __future__ import annotations

from typing import Any

from .spatial_max_pooling_cuda import forward


def SpatialDilatedMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, geometry: tuple, dilationW: int, dilationH: int
) -> None:
    forward(input, output, indices, geometry, (dilationH, dilationW))
