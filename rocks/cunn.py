"""``require 'cunn'``: DataParallelTable; the layers themselves are nn's, which run on both kinds of memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nn


class DataParallelTable(nn.Container):
    """One network where Torch had a replica on each GPU: what it computes is what the first replica computes.

    ``DataParallelTable(dim, flattenParams, usenccl)``; ``add(module, gpus)`` takes the network, further ones are the
    replicas of Torch's oldest interface and are left out. ``dim`` is the dimension of the batch. The numbers are those
    of one device with the whole batch.
    """

    def __init__(
        self, dimension: int | None = None, flattenParams: bool | None = None, usenccl: bool | None = None
    ) -> None:
        super().__init__()
        self.dimension = 1 if dimension is None else dimension
        self.gpuAssignments: list = []

    def add(self, module: Any, gpus: Any = None) -> DataParallelTable:
        """The network; ``gpus`` is remembered only."""
        if not self.modules:
            super().add(module)
        self.gpuAssignments = list(gpus) if isinstance(gpus, list | tuple) else [*self.gpuAssignments, gpus]
        return self

    def _first(self) -> Any:
        if not self.modules:
            raise ValueError("nn.DataParallelTable: add a network first")
        return self.modules[0]

    def updateOutput(self, input: Any) -> Any:
        self.output = self._first().updateOutput(input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self._first().updateGradInput(input, gradOutput)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float = 1) -> None:
        self._first().accGradParameters(input, gradOutput, scale)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1) -> Any:
        self.gradInput = self._first().backward(input, gradOutput, scale)
        return self.gradInput

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._first().accUpdateGradParameters(input, gradOutput, lr)

    def get(self, index: int = 1) -> Any:
        """The network; every replica is the first."""
        return self._first()

    def threads(self, init: Callable | None = None) -> DataParallelTable:
        """Accepted: there is one network, which needs no threads of its own."""
        return self

    def syncParameters(self) -> DataParallelTable:
        """Accepted: there is one set of parameters."""
        return self

    def flattenParameters(self) -> None:
        """All parameters in one row, as ``getParameters`` does."""
        self._first().getParameters()

    def __repr__(self) -> str:
        return (
            f"nn.DataParallelTable: 1 replica\n  {str(self._first()).replace(chr(10), chr(10) + '  ')}"
            if self.modules
            else "nn.DataParallelTable"
        )


if not hasattr(nn, "DataParallelTable"):
    nn.DataParallelTable = DataParallelTable
