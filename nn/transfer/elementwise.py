"""What functions of every element share: buffers, or working in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import thnn
from ..module import Module
from ..numbers import proved


class Elementwise(Module):
    """Base of functions of every element.

    Where ``inplace`` is true, ``output`` is the input itself, overwritten, and ``gradInput`` is gradOutput likewise.
    """

    inplace = False

    def setInplace(self, inplace: bool | None) -> None:
        """Set the flag from a constructor's argument; ``TypeError`` unless it is True, False or None."""
        if inplace is not None and not isinstance(inplace, bool):
            raise TypeError("in-place flag must be boolean")
        self.inplace = bool(inplace)

    def outputFor(self, input: Any) -> Any:
        """Where the output goes: the input itself in place, else the buffer ``self.output``."""
        if not self.inplace:
            return self.resizeOutput(input)
        self.checkType(input)
        self.output = input
        return input

    def map(self, kernel: Callable, input: Any, *parameters: Any) -> Any:
        """Run ``kernel(input, output, *parameters)``; returns output."""
        parameters = parameters and proved(self, parameters)
        if not self.inplace:
            output = self.resizeOutput(input)
            kernel(thnn.contiguous(input), output, *parameters)
            return output
        output = self.outputFor(input)
        x = thnn.contiguous(input)
        kernel(x, x, *parameters)
        if x is not input:
            input[...] = x
        return output

    def mapGradient(self, kernel: Callable, known: Any, gradOutput: Any, *parameters: Any) -> Any:
        """Run ``kernel(known, gradOutput, gradInput, *parameters)``, known being input or output; returns gradInput."""
        parameters = parameters and proved(self, parameters)
        if not self.inplace:
            gradInput = self.resizeGradInput(known, gradOutput)
            g = thnn.contiguous(self.gradOutputAs(gradOutput, known))
            kernel(thnn.contiguous(known), g, gradInput, *parameters)
            return gradInput
        self.checkType(known)
        self.checkType(gradOutput, "gradOutput")
        g = thnn.contiguous(self.gradOutputAs(gradOutput, known))
        kernel(thnn.contiguous(known), g, g, *parameters)
        if g is not gradOutput:
            gradOutput[...] = g.reshape(gradOutput.shape)
        self.gradInput = gradOutput
        return gradOutput
