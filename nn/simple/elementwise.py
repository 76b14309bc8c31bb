"""Exp, Log, Abs, Square, Sqrt and Power: functions of every element, for inputs of any shape."""

from __future__ import annotations

from numbers import Real
from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..module import Module


class Pointwise(Module):
    """Base of functions of every element: ``kernel(input, output)`` and ``kernel(gradOutput, known, gradInput)``."""

    def map(self, kernel: Any, input: Any) -> Any:
        output = self.resizeOutput(input)
        kernel(thnn.contiguous(input), output)
        return output

    def mapGradient(self, kernel: Any, gradOutput: Any, known: Any) -> Any:
        """``known`` is what the derivative is computed from, input or output."""
        gradInput = self.resizeGradInput(known, gradOutput)
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, known))
        kernel(gradOutput, thnn.contiguous(known), gradInput)
        return gradInput


@register
class Exp(Pointwise):
    """The exponential: ``y = e^x``, ``dy/dx = y``.

    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.Exp_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.Exp_updateGradInput, gradOutput, self.output)


@register
class Log(Pointwise):
    """The natural logarithm: ``y = ln x``, ``dy/dx = 1 / x``; 0 gives -inf, what is negative NaN.

    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.Log_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.Log_updateGradInput, gradOutput, input)


@register
class Abs(Pointwise):
    """The absolute value: ``y = |x|``; ``dy/dx`` is -1 if x < 0, else 1.

    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.Abs_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.Abs_updateGradInput, gradOutput, input)


@register
class Square(Pointwise):
    """The square: ``y = x^2``, ``dy/dx = 2 x``. Constructor arguments are ignored.

    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.Square_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.Square_updateGradInput, gradOutput, input)


@register
class Sqrt(Pointwise):
    """The square root: ``y = sqrt(x)``, ``dy/dx = 1 / (2 y)``, and 0 where y is 0; what is negative gives NaN.

    ``eps`` is kept and not used. ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another
    size. Source: manual chapter "simple".
    """

    def __init__(self, eps: float | None = None) -> None:
        super().__init__()
        self.eps = 0 if eps is None else eps

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.Sqrt_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.Sqrt_updateGradInput, gradOutput, self.output)


@register
class Power(Module):
    """A power: ``y = x^p``, ``dy/dx = p x^(p-1)``. NaN for x < 0 and a broken p.

    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if isinstance(p, bool) or not isinstance(p, Real):
            raise TypeError(f"nn.Power(power): a number expected, got {arrays.describe(p)}")
        self.pow: Any = p

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        return arrays.array_module(input).power(input, self.pow, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        if arrays.array_module(input).may_share_memory(gradOutput, gradInput):
            gradOutput = gradOutput.copy()
        arrays.array_module(input).power(input, self.pow - 1, out=gradInput)
        gradInput *= self.pow
        gradInput *= gradOutput
        return gradInput
