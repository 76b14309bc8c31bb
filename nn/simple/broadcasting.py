"""How CAdd and CMul lay their parameter over an input."""

from __future__ import annotations

from typing import Any

from torch7 import arrays, registry


def aligned(module: Any, parameter: Any, input: Any) -> Any:
    """A view of ``parameter`` that NumPy broadcasts against ``input``, element for element.

    With as many elements as the input, or as one sample of a batch, they correspond in memory order; with as many
    dimensions, sizes of 1 are repeated. ``ValueError`` where none of these fits.
    """
    if parameter.size == input.size:
        return parameter.reshape(input.shape)
    if parameter.ndim == input.ndim:
        if all(p in (1, n) for p, n in zip(parameter.shape, input.shape)):
            return parameter
    elif input.ndim and parameter.size * input.shape[0] == input.size:
        return parameter.reshape(input.shape[1:])
    raise ValueError(
        f"{registry.class_name(type(module))}: size mismatch, input is {arrays.describe(input)}, "
        f"parameter {arrays.describe(parameter)}"
    )


def accumulate(gradient: Any, scale: float, x: Any, buffer: Any) -> Any:
    """Add ``scale * x``, summed over the dimensions that ``gradient`` repeats, to it; returns the buffer it used."""
    if gradient.shape == x.shape:
        buffer = arrays.resized(buffer, x.shape, x)
        arrays.array_module(x).multiply(x, x.dtype.type(scale), out=buffer)
    else:
        lead = x.ndim - gradient.ndim
        axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(gradient.shape) if n != x.shape[lead + i])
        buffer = arrays.resized(buffer, gradient.shape, x)
        x.sum(axes, keepdims=not lead, out=buffer)
        buffer *= scale
    gradient += buffer
    return buffer
