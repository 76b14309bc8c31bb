"""Activations made of exponentials."""

from __future__ import annotations

from math import pi, prod, sqrt
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import differentiable
from .elementwise import activation, check_float, forward, gradient
from .geometry import room

#: The two constants of self-normalising networks (Klambauer et al. 2017).
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
#: tanh(FACTOR * (x + CUBIC * x^3)) is close to erf(x / sqrt 2) (Hendrycks and Gimpel 2016).
FACTOR, CUBIC = sqrt(2 / pi), 0.044715


def elu_backward(gradOutput: Any, input: Any, alpha: float = 1.0, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput`` where ``input > 0``, else ``gradOutput * alpha * exp(input)``."""
    return gradient(thnn.ExponentialLinear_updateGradInput, input, gradOutput, 1, alpha, 1, out=out)


@activation(elu_backward)
def elu(input: Any, alpha: float = 1.0, inplace: bool = False, *, out: Any = None) -> Any:
    """``input > 0 ? input : alpha * (exp(input) - 1)``."""
    return forward(thnn.ExponentialLinear_updateOutput, input, 1, alpha, 1, inplace=inplace, out=out)


def celu_backward(gradOutput: Any, input: Any, alpha: float = 1.0, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput`` where ``input > 0``, else ``gradOutput * exp(input / alpha)``.

    As in PyTorch, the division is by ``alpha`` rounded to float32: at 0 the slope of ``alpha = 0.7`` is 1.000000017.
    """
    rate = 1 / float(np.float32(alpha))
    return gradient(thnn.ExponentialLinear_updateGradInput, input, gradOutput, 1, alpha, rate, out=out)


@activation(celu_backward)
def celu(input: Any, alpha: float = 1.0, inplace: bool = False, *, out: Any = None) -> Any:
    """``input > 0 ? input : alpha * (exp(input / alpha) - 1)``; ``ValueError`` if ``alpha`` is 0."""
    if alpha == 0:
        raise ValueError("celu: alpha cannot be 0")
    return forward(thnn.ExponentialLinear_updateOutput, input, 1, alpha, 1 / alpha, inplace=inplace, out=out)


def selu_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """``scale * gradOutput`` where ``input > 0``, else that times ``alpha * exp(input)``."""
    numbers = SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1
    return gradient(thnn.ExponentialLinear_updateGradInput, input, gradOutput, *numbers, out=out)


@activation(selu_backward)
def selu(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``scale * (input > 0 ? input : alpha * (exp(input) - 1))`` with the constants of self-normalising networks."""
    numbers = SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1
    return forward(thnn.ExponentialLinear_updateOutput, input, *numbers, inplace=inplace, out=out)


def softplus_backward(
    gradOutput: Any, input: Any, beta: float = 1.0, threshold: float = 20.0, *, out: Any = None
) -> tuple:
    """``gradOutput / (1 + exp(-beta * input))``; ``gradOutput`` where ``beta * input > threshold``."""
    return gradient(thnn.SmoothRectifier_updateGradInput, input, gradOutput, beta, threshold, out=out)


@activation(softplus_backward)
def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0, *, out: Any = None) -> Any:
    """``log(1 + exp(beta * input)) / beta``; ``input`` where ``beta * input > threshold``."""
    return forward(thnn.SmoothRectifier_updateOutput, input, beta, threshold, out=out)


def logsigmoid_backward(gradOutput: Any, input: Any, *, out: Any = None) -> tuple:
    """``gradOutput / (1 + exp(input))``."""
    return gradient(thnn.LogSigmoid_updateGradInput, input, gradOutput, out=out)


@activation(logsigmoid_backward)
def logsigmoid(input: Any, *, out: Any = None) -> Any:
    """``-log(1 + exp(-input))``."""
    return forward(thnn.LogSigmoid_updateOutput, input, out=out)


def _from_output(kernel: Any, function: Any, gradOutput: Any, input: Any, output: Any, out: Any) -> tuple:
    return gradient(kernel, function(input) if output is None else output, gradOutput, out=out)


def sigmoid_backward(gradOutput: Any, input: Any, *, output: Any = None, out: Any = None) -> tuple:
    """``gradOutput * y * (1 - y)`` with the output ``y``."""
    return _from_output(thnn.Sigmoid_updateGradInput, sigmoid, gradOutput, input, output, out)


@activation(sigmoid_backward)
def sigmoid(input: Any, *, out: Any = None) -> Any:
    """``1 / (1 + exp(-input))``."""
    return forward(thnn.Sigmoid_updateOutput, input, out=out)


def tanh_backward(gradOutput: Any, input: Any, *, output: Any = None, out: Any = None) -> tuple:
    """``gradOutput * (1 - y^2)`` with the output ``y``."""
    return _from_output(thnn.Tanh_updateGradInput, tanh, gradOutput, input, output, out)


@activation(tanh_backward)
def tanh(input: Any, *, out: Any = None) -> Any:
    """The hyperbolic tangent."""
    return forward(thnn.Tanh_updateOutput, input, out=out)


def softsign_backward(gradOutput: Any, input: Any, *, out: Any = None) -> tuple:
    """``gradOutput / (1 + |input|)^2``."""
    return gradient(thnn.SoftRatio_updateGradInput, input, gradOutput, out=out)


@activation(softsign_backward)
def softsign(input: Any, *, out: Any = None) -> Any:
    """``input / (1 + |input|)``."""
    return forward(thnn.SoftRatio_updateOutput, input, out=out)


def tanhshrink_backward(gradOutput: Any, input: Any, *, out: Any = None) -> tuple:
    """``gradOutput * tanh(input)^2``."""
    return gradient(thnn.TanhRest_updateGradInput, input, gradOutput, out=out)


@activation(tanhshrink_backward)
def tanhshrink(input: Any, *, out: Any = None) -> Any:
    """``input - tanh(input)``."""
    return forward(thnn.TanhRest_updateOutput, input, out=out)


def silu_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput * s * (1 + input * (1 - s))`` with the sigmoid ``s``."""
    return gradient(thnn.SiLU_updateGradInput, input, gradOutput, out=out)


@activation(silu_backward)
def silu(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``input / (1 + exp(-input))``."""
    return forward(thnn.SiLU_updateOutput, input, inplace=inplace, out=out)


def mish_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput * (t + input * s * (1 - t^2))``, ``t = tanh(softplus(input))``, ``s`` the sigmoid."""
    return gradient(thnn.Mish_updateGradInput, input, gradOutput, out=out)


@activation(mish_backward)
def mish(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``input * tanh(log(1 + exp(input)))``."""
    return forward(thnn.Mish_updateOutput, input, inplace=inplace, out=out)


def gelu_backward(gradOutput: Any, input: Any, approximate: str = "none", *, out: Any = None) -> tuple:
    """``gradOutput`` times the derivative of :func:`gelu`."""
    if approximate == "tanh":
        return gradient(thnn.TanhGELU_updateGradInput, input, gradOutput, FACTOR, CUBIC, out=out)
    return gradient(thnn.GELU_updateGradInput, input, gradOutput, out=out)


@activation(gelu_backward)
def gelu(input: Any, approximate: str = "none", *, out: Any = None) -> Any:
    """``input`` times the normal distribution's value there, or with ``"tanh"`` the approximation by a tanh."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    if approximate == "tanh":
        return forward(thnn.TanhGELU_updateOutput, input, FACTOR, CUBIC, out=out)
    return forward(thnn.GELU_updateOutput, input, out=out)


def _halves(x: Any, dim: int) -> tuple:
    """The shape of a half of ``x`` along ``dim``, and that of all as pairs of halves; errors where there are none."""
    check_float("glu", x)
    if not -x.ndim <= dim < x.ndim:
        raise IndexError(f"glu: dimension {dim} of an input {x.shape}")
    if x.shape[dim] % 2:
        raise ValueError(f"glu: dimension {dim} of the input {x.shape} cannot be halved")
    dim %= x.ndim
    half = (*x.shape[:dim], x.shape[dim] // 2, *x.shape[dim + 1 :])
    return half, (prod(x.shape[:dim]), 2, prod(half[dim:]))


def glu_backward(gradOutput: Any, input: Any, dim: int = -1, *, out: Any = None) -> tuple:
    """Gradients of both halves ``a`` and ``b``: ``gradOutput * s`` and ``gradOutput * a * s * (1 - s)``."""
    half, pairs = _halves(input, dim)
    if gradOutput.shape != half:
        raise ValueError(f"glu: gradOutput is {gradOutput.shape}, the output {half}")
    gx = room(out, input.shape, input.dtype, input)
    if gx.size:
        g = thnn.contiguous(gradOutput).reshape(pairs[0], pairs[2])
        thnn.GatedLinear_updateGradInput(thnn.contiguous(input).reshape(pairs), g, gx.reshape(pairs))
    return (gx,)


@differentiable(glu_backward)
def glu(input: Any, dim: int = -1, *, out: Any = None) -> Any:
    """``a * sigmoid(b)`` for the halves ``a`` and ``b`` of the input along ``dim``."""
    half, pairs = _halves(input, dim)
    y = room(out, half, input.dtype, input)
    if y.size:
        thnn.GatedLinear_updateOutput(thnn.contiguous(input).reshape(pairs), y.reshape(pairs[0], pairs[2]))
    return y
