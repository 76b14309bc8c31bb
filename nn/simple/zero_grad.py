from __future__ import annotations

from typing import Any

from .. import utils
from ..extension import register
from ..module import Module


@register
class ZeroGrad(Module):
    """Passes its input on, tensor or table, and stops the gradient: ``gradInput`` is 0 in the input's shape.

    No input is refused. Source: manual chapter "simple", and package rnn.
    """

    def updateOutput(self, input: Any) -> Any:
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput, _ = utils.recursiveResizeAs(self.gradInput, input)
        utils.recursiveFill(self.gradInput, 0)
        return self.gradInput
