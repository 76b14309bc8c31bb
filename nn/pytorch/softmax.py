"""Softmax, its relatives and GLU (manual, "Non-linear activations")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import functional as F
from .module import Module


class Softmax(Module):
    """``exp(x) / sum(exp(x))`` along ``dim``; None warns and takes 0 for inputs of 0, 1 or 3 dimensions, else 1."""

    function: Callable = staticmethod(F.softmax)
    gradient: Callable = staticmethod(F.softmax_backward)

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        self.check(input)
        return self.function(input, self.dim, out=self.buffer("output", input.shape, input.dtype, input))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        dim = (0 if input.ndim in (0, 1, 3) else 1) if self.dim is None else self.dim
        out = self.buffer("gradInput", input.shape, input.dtype, input)
        return self.gradient(gradOutput, input, dim, output=self.output, out=out)[0]

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """``x - log(sum(exp(x)))`` along ``dim``."""

    function, gradient = staticmethod(F.log_softmax), staticmethod(F.log_softmax_backward)


class Softmin(Softmax):
    """:class:`Softmax` of ``-x``."""

    function, gradient = staticmethod(F.softmin), staticmethod(F.softmin_backward)


class Softmax2d(Module):
    """:class:`Softmax` over the channels of (C, H, W) or (N, C, H, W) at each location; other ranks: ``ValueError``."""

    def forward(self, input: Any) -> Any:
        self.check(input)
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected 3 or 4 dimensions, got {input.shape}")
        return F.softmax(input, -3, out=self.buffer("output", input.shape, input.dtype, input))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        out = self.buffer("gradInput", input.shape, input.dtype, input)
        return F.softmax_backward(gradOutput, input, -3, output=self.output, out=out)[0]


class GLU(Module):
    """``a * sigmoid(b)`` for the halves ``a`` and ``b`` of the input along ``dim``; ``ValueError`` for an odd size."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        self.check(input)
        return F.glu(input, self.dim, out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.glu_backward(gradOutput, input, self.dim, out=self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
