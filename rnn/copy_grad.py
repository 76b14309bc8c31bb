from __future__ import annotations

from typing import Any

import nn


@nn.register
class CopyGrad(nn.Identity):
    """Passes its input on; ``gradInput`` is a copy of gradOutput, which may then be changed.

    Input: a tensor or a nested table of them. No input is refused. Source: package rnn.
    """

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = nn.utils.recursiveCopy(self.gradInput, gradOutput)[0]
        return self.gradInput
