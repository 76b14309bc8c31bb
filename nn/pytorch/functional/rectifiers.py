"""Activations of straight pieces: rectified, clipped and shrunk values. A NaN stays one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import thnn
from .elementwise import activation, forward, gradient

#: The slope of hardsigmoid as PyTorch has it: of float32 in both types.
SLOPE = float(np.float32(1 / 6))


def relu_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput`` where ``input > 0``, else 0."""
    return gradient(thnn.Rectifier_updateGradInput, input, gradOutput, out=out)


@activation(relu_backward)
def relu(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``max(input, 0)``."""
    return forward(thnn.Rectifier_updateOutput, input, inplace=inplace, out=out)


def hardtanh_backward(
    gradOutput: Any, input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False, *, out: Any = None
) -> tuple:
    """``gradOutput`` strictly between the bounds, else 0."""
    return gradient(thnn.Clip_updateGradInput, input, gradOutput, min_val, max_val, out=out)


@activation(hardtanh_backward)
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False, *, out: Any = None) -> Any:
    """``min(max(input, min_val), max_val)``; ``ValueError`` unless ``min_val <= max_val``."""
    if not min_val <= max_val:
        raise ValueError(f"hardtanh: min_val {min_val} must not exceed max_val {max_val}")
    return forward(thnn.Clip_updateOutput, input, min_val, max_val, inplace=inplace, out=out)


def relu6_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput`` strictly between 0 and 6, else 0."""
    return hardtanh_backward(gradOutput, input, 0.0, 6.0, out=out)


@activation(relu6_backward)
def relu6(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``min(max(input, 0), 6)``."""
    return forward(thnn.Clip_updateOutput, input, 0.0, 6.0, inplace=inplace, out=out)


def leaky_relu_backward(
    gradOutput: Any, input: Any, negative_slope: float = 0.01, inplace: bool = False, *, out: Any = None
) -> tuple:
    """``gradOutput`` where ``input > 0``, else ``negative_slope * gradOutput``."""
    return gradient(thnn.LeakyReLU_updateGradInput, input, gradOutput, negative_slope, out=out)


@activation(leaky_relu_backward)
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False, *, out: Any = None) -> Any:
    """``input > 0 ? input : negative_slope * input``."""
    return forward(thnn.LeakyReLU_updateOutput, input, negative_slope, inplace=inplace, out=out)


def threshold_backward(
    gradOutput: Any, input: Any, threshold: float, value: float, inplace: bool = False, *, out: Any = None
) -> tuple:
    """``gradOutput`` where ``input > threshold``, else 0."""
    return gradient(thnn.Threshold_updateGradInput, input, gradOutput, threshold, True, out=out)


@activation(threshold_backward)
def threshold(input: Any, threshold: float, value: float, inplace: bool = False, *, out: Any = None) -> Any:
    """``input > threshold ? input : value``."""
    return forward(thnn.Threshold_updateOutput, input, threshold, value, True, inplace=inplace, out=out)


def hardshrink_backward(gradOutput: Any, input: Any, lambd: float = 0.5, *, out: Any = None) -> tuple:
    """``gradOutput`` where ``|input| > lambd``, else 0."""
    return gradient(thnn.HardZero_updateGradInput, input, gradOutput, lambd, out=out)


@activation(hardshrink_backward)
def hardshrink(input: Any, lambd: float = 0.5, *, out: Any = None) -> Any:
    """``|input| > lambd ? input : 0``."""
    return forward(thnn.HardZero_updateOutput, input, lambd, out=out)


def softshrink_backward(gradOutput: Any, input: Any, lambd: float = 0.5, *, out: Any = None) -> tuple:
    """``gradOutput`` where ``|input| > lambd``, else 0."""
    return gradient(thnn.HardZero_updateGradInput, input, gradOutput, lambd, out=out)


@activation(softshrink_backward)
def softshrink(input: Any, lambd: float = 0.5, *, out: Any = None) -> Any:
    """``input`` moved towards 0 by ``lambd``; ``ValueError`` if ``lambd < 0``."""
    if not lambd >= 0:
        raise ValueError(f"softshrink: lambd must not be negative, got {lambd}")
    return forward(thnn.SoftZero_updateOutput, input, lambd, out=out)


def hardsigmoid_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """``gradOutput / 6`` strictly between -3 and 3, else 0."""
    return gradient(thnn.HardSigmoid_updateGradInput, input, gradOutput, SLOPE, out=out)


@activation(hardsigmoid_backward)
def hardsigmoid(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``min(max(input + 3, 0), 6) / 6``."""
    return forward(thnn.HardSigmoid_updateOutput, input, inplace=inplace, out=out)


def hardswish_backward(gradOutput: Any, input: Any, inplace: bool = False, *, out: Any = None) -> tuple:
    """0 up to -3, ``gradOutput * (input / 3 + 1 / 2)`` below 3, ``gradOutput`` from there on."""
    return gradient(thnn.HardSwish_updateGradInput, input, gradOutput, out=out)


@activation(hardswish_backward)
def hardswish(input: Any, inplace: bool = False, *, out: Any = None) -> Any:
    """``input * min(max(input + 3, 0), 6) / 6``."""
    return forward(thnn.HardSwish_updateOutput, input, inplace=inplace, out=out)
