from __future__ import annotations

from typing import Any, Self

import numpy as np

from torch7 import arrays

from ..containers.sequential import Sequential
from ..convolution.lookup_table import LookupTable
from ..extension import register
from ..module import Module
from ..table.parallel_table import ParallelTable
from ..whole import whole
from .identity import Identity
from .mm import MM


@register
class PartialLinear(Module):
    """A linear map of which only some outputs are computed: ``output = input * weight[partition]^T + bias[partition]``.

    ``setPartition([2, 4])`` selects outputs (1-based, in any order); :meth:`resetPartition` takes all again. Input: a
    batch, ``N x inputsize``; output ``N x (size of the partition)``. ``parameters()`` gives the whole weight,
    ``outputsize x inputsize``, and the bias, ``1 x outputsize``, which ``bias=False`` leaves out; backward changes the
    selected rows only. The weight is drawn from N(0, 1), the bias is 0; as in Torch ``reset`` changes nothing.
    ``ValueError`` for an input that is not ``N x inputsize``, ``TypeError`` for another type. Source: manual chapter
    "simple".
    """

    def __init__(self, inputsize: int, outputsize: int, bias: bool | None = None) -> None:
        super().__init__()
        pair = ParallelTable().add(Identity()).add(LookupTable(outputsize, inputsize))
        self.network = Sequential().add(pair).add(MM(False, True))
        if bias is not False:
            xp, dtype = arrays.module_of(self._type), self._dtype
            self.bias, self.gradBias = xp.zeros((1, outputsize), dtype), xp.zeros((1, outputsize), dtype)
        self.inputsize, self.outputsize = inputsize, outputsize
        self.allcolumns = arrays.cast(np.arange(1, outputsize + 1), self._type)
        self.resetPartition()

    @property
    def _lookup(self) -> LookupTable:
        """The table of the weight's rows."""
        return self.network.modules[0].modules[1]

    def setPartition(self, indices: Any) -> Self:
        """Compute only these outputs, 1-based; returns the module."""
        indices = np.asarray(indices) if isinstance(indices, list | tuple) else indices
        places, outputsize = whole(self, indices, "outputs of a partition"), len(self._lookup.weight)
        if places.ndim != 1 or not (places.min(initial=1) > 0 and places.max(initial=1) <= outputsize):
            raise IndexError(f"{self}: a partition is a list of outputs 1..{outputsize}, got {indices}")
        self.partition = arrays.cast(places, self._type)
        return self

    def resetPartition(self) -> Self:
        """Compute all outputs; returns the module."""
        self.partition = self.allcolumns
        return self

    def parameters(self) -> tuple[list, list]:
        weights, grads = self.network.parameters()[:2]
        return (weights, grads) if self.bias is None else ([*weights, self.bias], [*grads, self.gradBias])

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        inputsize = self._lookup.weight.shape[1]
        if input.ndim != 2 or input.shape[1] != inputsize:
            raise ValueError(f"{self}: input must be N x {inputsize}, got {arrays.describe(input)}")
        self.output = self.network.updateOutput([input, self.partition])
        if self.bias is not None:
            self.output += self.bias[0, self._places()]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.network.updateGradInput([input, self.partition], gradOutput)[0]
        if self.gradInput is not None:  # its weight's gradient needs the others of the network all the same
            self.gradInput = gradInput
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        scale = 1 if scale is None else scale
        self.network.accGradParameters([input, self.partition], gradOutput, scale)
        if self.bias is not None:
            self.checkType(self.gradBias, "gradBias")
            arrays.array_module(input).add.at(self.gradBias[0], self._places(), scale * gradOutput.sum(0))

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        gradBias, self.gradBias = self.gradBias, self.bias
        lookup = self._lookup
        gradWeight, lookup.gradWeight = lookup.gradWeight, lookup.weight
        try:
            self.accGradParameters(input, gradOutput, -lr)
        finally:
            self.gradBias, lookup.gradWeight = gradBias, gradWeight

    def _places(self) -> Any:
        """The selected outputs, 0-based."""
        return self.partition.astype(np.int64) - 1

    def clearState(self) -> Self:
        self.network.clearState()
        return super().clearState()

    def __tostring__(self) -> str:
        outputsize, inputsize = self._lookup.weight.shape
        bias = "" if self.bias is not None else " without bias"
        return f"nn.PartialLinear({inputsize} -> {outputsize}){bias}"
