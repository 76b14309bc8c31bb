"""What the modules share that can overwrite their arguments instead of filling buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import thnn
from ..module import Module


class InPlace(Module):
    """Base of functions of every element with the flag ``inplace``.

    In place, ``output`` is the input itself, overwritten, and ``gradInput`` is gradOutput, overwritten.
    """

    inplace = False

    def setInplace(self, inplace: bool | None) -> None:
        """Set the flag from a constructor's argument; ``TypeError`` unless it is True, False or None."""
        if inplace is not None and not isinstance(inplace, bool):
            raise TypeError("in-place flag must be boolean")
        self.inplace = bool(inplace)

    def map(self, kernel: Callable, input: Any, *parameters: Any) -> Any:
        """Run ``kernel(input, output, *parameters)``; returns output."""
        x = thnn.contiguous(input)
        if not self.inplace:
            output = self.resizeOutput(input)
            kernel(x, output, *parameters)
            return output
        self.checkType(input)
        kernel(x, x, *parameters)
        if x is not input:
            input[...] = x
        self.output = input
        return input

    def mapGradient(self, kernel: Callable, known: Any, gradOutput: Any, *parameters: Any) -> Any:
        """Run ``kernel(known, gradOutput, gradInput, *parameters)``, known being input or output; returns gradInput."""
        if not self.inplace:
            gradInput = self.resizeGradInput(known, gradOutput)
            g = thnn.contiguous(self.checkGradOutput(gradOutput, known))
            kernel(thnn.contiguous(known), g, gradInput, *parameters)
            return gradInput
        self.checkType(known)
        self.checkType(gradOutput, "gradOutput")
        g = thnn.contiguous(self.checkGradOutput(gradOutput, known))
        kernel(thnn.contiguous(known), g, g, *parameters)
        if g is not gradOutput:
            gradOutput[...] = g.reshape(gradOutput.shape)
        self.gradInput = gradOutput
        return gradOutput
