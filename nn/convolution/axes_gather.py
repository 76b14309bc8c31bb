"""What padding and nearest-neighbour upsampling share: outputs that copy input positions, chosen axis by axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from .. import thnn
from ..module import Module
from .sizes import volumes


class AxesGather(Module):
    """Base of modules whose output copies, along each of the last axes, chosen positions of the input."""

    def sources(self, sizes: tuple[int, ...]) -> list[np.ndarray]:
        """For each of the last axes, of these sizes, the input position (from 0) of every output position; -1: zero."""
        raise NotImplementedError

    def check(self, input: Any) -> int:
        """How many of the last axes are mapped; ``ValueError`` for a rank that does not fit."""
        raise NotImplementedError

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        dims = self.check(input)
        sources = self.sources(input.shape[-dims:])
        if not all(len(s) for s in sources):
            raise ValueError(f"{self}: input is too small, got {arrays.describe(input)}")
        output = self.resizeOutput(input, (*input.shape[:-dims], *map(len, sources)))
        thnn.AxesGather_updateOutput(volumes(thnn.contiguous(input), dims), volumes(output, dims), *filled(sources))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(input)
        dims = self.check(input)
        sources = self.sources(input.shape[-dims:])
        shape = (*input.shape[:-dims], *map(len, sources))
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = volumes(thnn.contiguous(self.gradOutputAs(gradOutput, shape, exact=True)), dims)
        thnn.AxesGather_updateGradInput(gradOutput, volumes(gradInput, dims), *filled(sources))
        return gradInput


def filled(sources: list[np.ndarray]) -> list[np.ndarray]:
    """Sources of three axes: those in front that are missing have one position."""
    return [np.zeros(1, np.int64)] * (3 - len(sources)) + sources
