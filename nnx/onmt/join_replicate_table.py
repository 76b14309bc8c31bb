from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.numbers import Whole
from nnx.named import named
from torch7 import arrays

DIMS = Whole(dimensionReplicate=1, dimensionJoin=1)


@named("onmt.JoinReplicateTable")
class JoinReplicateTable(nn.Module):
    """:class:`nn.JoinTable` of tensors of which those of size 1 in ``dimensionReplicate`` are repeated to the size of
    the others.

    ``nInputDims`` tells a sample from a batch. ``ValueError`` for other sizes. Source: OpenNMT.
    """

    def __init__(self, dimensionReplicate: int, dimensionJoin: int, nInputDims: int | None = None) -> None:
        super().__init__()
        self.dimensionReplicate, self.dimensionJoin, self.nInputDims = dimensionReplicate, dimensionJoin, nInputDims
        self.gradInput: Any = []

    def updateOutput(self, input: Any) -> Any:
        parts, _, join = self._spread(input)
        sizes = list(parts[0].shape)
        sizes[join] = sum(x.shape[join] for x in parts)
        output = self.resizeOutput(parts[0], tuple(sizes))
        return arrays.array_module(output).concatenate(parts, join, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        parts, repeat, join = self._spread(input)
        sizes = list(parts[0].shape)
        sizes[join] = sum(x.shape[join] for x in parts)
        g = self.gradOutputAs(gradOutput, tuple(sizes))
        ends = np.cumsum([x.shape[join] for x in parts])[:-1].tolist()
        held = (
            self.gradInput
            if isinstance(self.gradInput, list) and len(self.gradInput) == len(parts)
            else [None] * len(parts)
        )
        self.gradInput = []
        for x, buffer, part in zip(input, held, np.split(g, ends, join)):
            gradient = self.resized(buffer, x.shape, x, gradOutput)
            gradient[...] = part if part.shape == x.shape else part.sum(repeat, keepdims=True)
            self.gradInput.append(gradient)
        return self.gradInput

    def _spread(self, input: Any) -> tuple[list, int, int]:
        """The tensors in one size, and the axes of repetition and of joining."""
        table = list(nn.utils.sequence(input, self))
        for x in table:
            self.checkType(x)
        more = table[0].ndim - self.nInputDims if self.nInputDims and table else 0
        repeat, join = (d - 1 + max(more, 0) for d in DIMS(self))
        if not table or any(x.ndim != table[0].ndim or x.ndim <= max(repeat, join) for x in table):
            raise ValueError(f"{self}: tensors of as many dimensions expected, got {arrays.describe(table)}")
        size = max(x.shape[repeat] for x in table)
        shapes = [tuple(size if i == repeat and n == 1 else n for i, n in enumerate(x.shape)) for x in table]
        if len({(*s[:join], *s[join + 1 :]) for s in shapes}) > 1:
            raise ValueError(f"{self}: sizes do not fit: {arrays.describe(table)}")
        return [np.broadcast_to(x, s) for x, s in zip(table, shapes)], repeat, join
