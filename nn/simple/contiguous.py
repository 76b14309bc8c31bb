from __future__ import annotations

from typing import Any

from ..extension import register
from ..module import Module


@register
class Contiguous(Module):
    """Makes the input contiguous, and gradOutput on the way back: a copy, or the same memory where it is already.

    ``TypeError`` for a tensor of another type. Source: manual chapter "simple".
    """

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self.output = _contiguous(input, self.output, self.resized)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = _contiguous(gradOutput, self.gradInput, self.resized)
        return self.gradInput


def _contiguous(x: Any, buffer: Any, resized: Any) -> Any:
    if x.flags.c_contiguous:
        return x.view()
    buffer = resized(buffer, x.shape, x)
    buffer[...] = x
    return buffer
