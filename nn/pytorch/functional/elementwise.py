"""What all functions of every element have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from ..checks import is_float, together
from .differentiable import differentiable


def check_float(name: str, *given: Any) -> None:
    """``TypeError`` unless the arrays are float32 or all float64, in the machine's byte order."""
    if arrays.cuda_is_used():
        together(name, *given)
    for x in given:
        if not (isinstance(x, np.ndarray) or arrays.is_array(x)) or not is_float(x):
            raise TypeError(f"{name}: float32 or float64 expected, got {getattr(x, 'dtype', type(x).__name__)}")
        if x.dtype != given[0].dtype:
            raise TypeError(f"{name}: {given[0].dtype} and {x.dtype} in one call: use x.astype({str(x.dtype)!r})")


def result(x: Any, inplace: bool = False, out: Any = None) -> Any:
    """Where an array like ``x`` is written: itself, ``out`` or a fresh one; ``ValueError`` for a wrong ``out``."""
    if inplace:
        if not getattr(x.flags, "writeable", True):
            raise ValueError("inplace=True: the input is not writeable; use input.copy()")
        return x
    if out is None:
        return np.empty(x.shape, x.dtype, like=x)
    if not isinstance(out, np.ndarray) and not arrays.is_array(out):
        raise TypeError(f"out must be an array, got {type(out).__name__}")
    if out.shape != x.shape or out.dtype != x.dtype or not getattr(out.flags, "writeable", True):
        raise ValueError(f"out is {out.shape} of {out.dtype}, the result {x.shape} of {x.dtype}, to be written")
    return out


def fill(kernel: Callable, inputs: tuple, y: Any, *numbers: Any) -> Any:
    """Let a kernel of every element write ``y``, of any strides, and return it; ``TypeError`` for no numbers.

    An array in the place of a number would be read as one more input.
    """
    for n in numbers:
        if type(n) is not float and type(n) is not int and not isinstance(n, (int, float, np.number)):
            raise TypeError(f"a number expected, got {n!r}")
    if y.size:
        target = y if y.flags.c_contiguous else np.empty(y.shape, y.dtype, like=y)
        kernel(*map(thnn.contiguous, inputs), target, *numbers)
        if target is not y:
            y[...] = target
    return y


def forward(kernel: Callable, input: Any, *numbers: Any, inplace: bool = False, out: Any = None) -> Any:
    """The values of ``kernel(input, output, *numbers)``."""
    check_float("input", input)
    return fill(kernel, (input,), result(input, inplace, out), *numbers)


def gradient(kernel: Callable, x: Any, gradOutput: Any, *numbers: Any, out: Any = None) -> tuple:
    """The values of ``kernel(x, gradOutput, gradInput, *numbers)``, in a tuple."""
    if gradOutput.shape != x.shape:
        raise ValueError(f"gradOutput is {gradOutput.shape}, the input {x.shape}")
    check_float("gradOutput", x, gradOutput)
    return (fill(kernel, (x, gradOutput), result(x, out=out), *numbers),)


def activation(backward: Callable) -> Callable:
    """Decorate a function of every element; a tape never lets it overwrite, as other functions still need the array."""

    def decorate(function: Callable) -> Callable:
        signature = inspect.signature(function)

        def kept(*args: Any, **settings: Any) -> tuple:
            bound = signature.bind(*args, **settings)
            bound.arguments.pop("inplace", None)
            return function(**bound.arguments), {}

        return differentiable(backward, saving=kept)(function)

    return decorate
