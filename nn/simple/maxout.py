from __future__ import annotations

from ..containers.sequential import Sequential
from ..extension import register
from ..module import Module
from ..numbers import whole
from .linear import Linear
from .max import Max
from .view import View


@register
class Maxout(Sequential):
    """The largest of several linear maps: ``y_j = max_i (w_ij . x + b_ij)``, i from 1 to ``maxoutNumber``.

    Input: ``inputSize`` elements or a batch, ``N x inputSize``; output ``outputSize`` or ``N x outputSize``.
    ``preprocess``, a module, is applied to the maps, ``maxoutNumber x outputSize``, before the maximum is taken. Errors
    are those of the modules, with their place as a note. Source: Goodfellow et al., Maxout networks (2013).
    """

    def __init__(self, inputSize: int, outputSize: int, maxoutNumber: int, preprocess: Module | None = None) -> None:
        super().__init__()
        outputSize, maxoutNumber = (
            whole(self, "outputSize", outputSize, 0),
            whole(self, "maxoutNumber", maxoutNumber, 1),
        )
        self.add(Linear(inputSize, outputSize * maxoutNumber))
        self.add(View(maxoutNumber, outputSize).setNumInputDims(1))
        if preprocess is not None:
            self.add(preprocess)
        self.add(Max(1, 2))
