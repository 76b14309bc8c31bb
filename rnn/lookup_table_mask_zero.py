from __future__ import annotations

from typing import Any

import nn
from nn.whole import check_whole
from torch7 import arrays


@nn.register
class LookupTableMaskZero(nn.LookupTable):
    """A LookupTable in which index 0 stands for a vector of zeros: the padding of sequences.

    Input: indices from 0 to ``nIndex``, n or ``m x n``; output ``n x nOutput`` or ``m x n x nOutput``. ``weight`` has
    ``nIndex + 1`` rows; that of index i is the one after i others, the first is set to zero by every forward.
    ``IndexError`` for other indices. Source: manual of rnn.
    """

    def __init__(self, nIndex: int, nOutput: int) -> None:
        super().__init__(nIndex + 1, nOutput)

    def updateOutput(self, input: Any) -> Any:
        self.weight[0] = 0
        return super().updateOutput(input)

    def _indices(self, input: Any) -> Any:
        if arrays.is_array(input):
            check_whole(self, input, "indices")
            input = input + 1
        return super()._indices(input)
