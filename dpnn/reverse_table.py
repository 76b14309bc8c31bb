from __future__ import annotations

from typing import Any

import nn
from nn import utils


@nn.register
class ReverseTable(nn.Module):
    """The entries of a table in reverse order, themselves and not copies; ``gradInput`` is gradOutput reversed.

    ``TypeError`` for what is no table. Source: manual of dpnn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.output: list = []
        self.gradInput: list = []

    def updateOutput(self, input: Any) -> list:
        self.output = utils.refilled(self.output, list(reversed(utils.sequence(input))))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        self.gradInput = utils.refilled(self.gradInput, list(reversed(utils.sequence(gradOutput))))
        return self.gradInput
