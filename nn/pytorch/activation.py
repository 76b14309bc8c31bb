"""Activations without parameters (manual, "Non-linear activations")."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from . import functional as F
from .module import Module


class Activation(Module):
    """Base of functions of every element: input of any shape, output of the same; ``inplace`` overwrites the input.

    A class names ``function`` and ``gradient``, functions of an array and of what ``settings()`` gives.
    """

    function: Callable
    gradient: Callable
    inplace = False

    def settings(self) -> tuple:
        return ()

    def forward(self, input: Any) -> Any:
        self.check(input)
        if not self.inplace:
            return self.function(input, *self.settings(), out=self.buffer("output", input.shape, input.dtype, input))
        self.saved = self.buffer("kept", input.shape, input.dtype, input)
        self.saved[...] = input
        return self.function(input, *self.settings(), inplace=True)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        given = self.saved if self.inplace else input
        out = self.buffer("gradInput", input.shape, input.dtype, input)
        return self.gradient(gradOutput, given, *self.settings(), out=out)[0]

    def described(self, *settings: str) -> str:
        """The named attributes as the printed form has them."""
        parts = [f"{name}={getattr(self, name)}" for name in settings]
        return ", ".join(parts + ["inplace=True"] * bool(self.inplace))

    def extra_repr(self) -> str:
        return self.described()


class Inplace(Activation):
    """Base of activations whose only setting is ``inplace``."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class Plain(Activation):
    """Base of activations without settings; arguments are ignored, as PyTorch does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()


class ReLU(Inplace):
    """``max(x, 0)``; the slope at 0 is 0."""

    function, gradient = staticmethod(F.relu), staticmethod(F.relu_backward)


class ReLU6(Inplace):
    """``min(max(x, 0), 6)``; the slope at both bounds is 0."""

    function, gradient = staticmethod(F.relu6), staticmethod(F.relu6_backward)
    min_val, max_val = 0.0, 6.0


class SELU(Inplace):
    """``scale * (x > 0 ? x : alpha * (exp(x) - 1))``, scale 1.0507009873554805 and alpha 1.6732632423543772."""

    function, gradient = staticmethod(F.selu), staticmethod(F.selu_backward)


class SiLU(Inplace):
    """``x / (1 + exp(-x))``."""

    function, gradient = staticmethod(F.silu), staticmethod(F.silu_backward)


class Mish(Inplace):
    """``x * tanh(log(1 + exp(x)))``."""

    function, gradient = staticmethod(F.mish), staticmethod(F.mish_backward)


class Hardsigmoid(Inplace):
    """``min(max(x + 3, 0), 6) / 6``."""

    function, gradient = staticmethod(F.hardsigmoid), staticmethod(F.hardsigmoid_backward)

    def extra_repr(self) -> str:
        return ""


class Hardswish(Inplace):
    """``x * min(max(x + 3, 0), 6) / 6``."""

    function, gradient = staticmethod(F.hardswish), staticmethod(F.hardswish_backward)

    def extra_repr(self) -> str:
        return ""


class Tanhshrink(Plain):
    """``x - tanh(x)``."""

    function, gradient = staticmethod(F.tanhshrink), staticmethod(F.tanhshrink_backward)


class Softsign(Plain):
    """``x / (1 + |x|)``."""

    function, gradient = staticmethod(F.softsign), staticmethod(F.softsign_backward)


class LogSigmoid(Plain):
    """``-log(1 + exp(-x))``."""

    function, gradient = staticmethod(F.logsigmoid), staticmethod(F.logsigmoid_backward)


class FromOutput(Plain):
    """Base of activations whose slope is a function of the output."""

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        out = self.buffer("gradInput", input.shape, input.dtype, input)
        return self.gradient(gradOutput, input, output=self.output, out=out)[0]


class Sigmoid(FromOutput):
    """``1 / (1 + exp(-x))``."""

    function, gradient = staticmethod(F.sigmoid), staticmethod(F.sigmoid_backward)


class Tanh(FromOutput):
    """The hyperbolic tangent."""

    function, gradient = staticmethod(F.tanh), staticmethod(F.tanh_backward)


class ELU(Activation):
    """``x > 0 ? x : alpha * (exp(x) - 1)``; the slope at 0 is ``alpha``."""

    function, gradient = staticmethod(F.elu), staticmethod(F.elu_backward)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def settings(self) -> tuple:
        return (self.alpha,)

    def extra_repr(self) -> str:
        return self.described("alpha")


class CELU(ELU):
    """``x > 0 ? x : alpha * (exp(x / alpha) - 1)``."""

    function, gradient = staticmethod(F.celu), staticmethod(F.celu_backward)


class LeakyReLU(Activation):
    """``x > 0 ? x : negative_slope * x``; the slope at 0 is ``negative_slope``."""

    function, gradient = staticmethod(F.leaky_relu), staticmethod(F.leaky_relu_backward)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def settings(self) -> tuple:
        return (self.negative_slope,)

    def extra_repr(self) -> str:
        return self.described("negative_slope")


class Hardtanh(Activation):
    """``min(max(x, min_val), max_val)``; the slope at both bounds is 0. ``ValueError`` unless min_val < max_val.

    ``min_value`` and ``max_value`` are the old names: they warn and win.
    """

    function, gradient = staticmethod(F.hardtanh), staticmethod(F.hardtanh_backward)

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        if min_value is not None or max_value is not None:
            warnings.warn("min_value and max_value are called min_val and max_val", FutureWarning, stacklevel=2)
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if not self.max_val > self.min_val:
            raise ValueError(f"Hardtanh: max_val {self.max_val} must be larger than min_val {self.min_val}")

    def settings(self) -> tuple:
        return self.min_val, self.max_val

    def extra_repr(self) -> str:
        return self.described("min_val", "max_val")


class Threshold(Activation):
    """``x > threshold ? x : value``."""

    function, gradient = staticmethod(F.threshold), staticmethod(F.threshold_backward)

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def settings(self) -> tuple:
        return self.threshold, self.value

    def extra_repr(self) -> str:
        return self.described("threshold", "value")


class Hardshrink(Activation):
    """``|x| > lambd ? x : 0``."""

    function, gradient = staticmethod(F.hardshrink), staticmethod(F.hardshrink_backward)

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def settings(self) -> tuple:
        return (self.lambd,)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(Hardshrink):
    """``x`` moved towards 0 by ``lambd``, not beyond; ``ValueError`` at the call if ``lambd < 0``."""

    function, gradient = staticmethod(F.softshrink), staticmethod(F.softshrink_backward)


class Softplus(Activation):
    """``log(1 + exp(beta * x)) / beta``, and ``x`` where ``beta * x > threshold``."""

    function, gradient = staticmethod(F.softplus), staticmethod(F.softplus_backward)

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def settings(self) -> tuple:
        return self.beta, self.threshold

    def extra_repr(self) -> str:
        return self.described("beta", "threshold")


class GELU(Activation):
    """``x`` times the normal distribution's value at ``x``; ``approximate="tanh"`` takes a tanh for it."""

    function, gradient = staticmethod(F.gelu), staticmethod(F.gelu_backward)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def settings(self) -> tuple:
        return (self.approximate,)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"
