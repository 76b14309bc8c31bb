from __future__ import annotations

import nn
from torch7 import registry


@nn.register
class LinearNB(nn.Linear):
    """fbnn's linear map without a bias, as :class:`nn.LinearNoBias` of rnn: ``output = weight * input``.

    Source: fbnn.
    """

    def __init__(self, inputSize: int, outputSize: int) -> None:
        super().__init__(inputSize, outputSize, False)

    def __tostring__(self) -> str:
        outputSize, inputSize = self.weight.shape
        return f"{registry.class_name(type(self))}({inputSize} -> {outputSize}) without bias"
