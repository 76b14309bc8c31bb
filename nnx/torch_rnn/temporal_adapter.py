from __future__ import annotations

from typing import Any

import nn
from nnx.parts import Net
from torch7 import arrays


@nn.register
class TemporalAdapter(Net):
    """A module for rows, ``N x D``, used at every step of sequences: ``N x T x D`` -> ``N x T x E``.

    The field ``net`` is a Sequential of a View as ``N T x D``, the module, and a View back. Other ranks raise
    ``ValueError``. Source: torch-rnn.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.view_in = nn.View(1, -1).setNumInputDims(3)
        self.view_out = nn.View(1, -1).setNumInputDims(2)
        self.net = nn.Sequential().add(self.view_in).add(module).add(self.view_out)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        N, T, _ = steps(self, input)
        self.view_in.resetSize(N * T, -1)
        self.view_out.resetSize(N, T, -1)
        return super().updateOutput(input)


def steps(owner: nn.Module, input: Any, rank: int = 3) -> tuple[int, ...]:
    """The sizes of a batch of sequences; ``ValueError`` for another rank."""
    if getattr(input, "ndim", None) != rank:
        shape = "N x T x D" if rank == 3 else "N x T"
        raise ValueError(f"{owner}: input must be {shape}, got {arrays.describe(input)}")
    return input.shape
