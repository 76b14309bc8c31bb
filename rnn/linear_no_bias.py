from __future__ import annotations

import nn
from torch7 import registry


@nn.register
class LinearNoBias(nn.Linear):
    """A linear map without a bias: ``output = weight * input``.

    Input: ``inputSize`` elements or ``N x inputSize``; output ``outputSize`` or ``N x outputSize``. ``weight``,
    ``outputSize x inputSize``, is drawn from U(-s, s), s = 1 / sqrt(inputSize). Errors as :class:`nn.Linear`. Source:
    manual of rnn.
    """

    def __init__(self, inputSize: int, outputSize: int) -> None:
        super().__init__(inputSize, outputSize, False)

    def __tostring__(self) -> str:
        outputSize, inputSize = self.weight.shape
        return f"{registry.class_name(type(self))}({inputSize} -> {outputSize}) without bias"
