"""What layers on planes share: batches and single samples, and sizes of outputs."""

from __future__ import annotations

from math import prod
from typing import Any

from torch7 import arrays

from .. import thnn


def batch_of(module: Any, input: Any, planes: int | None, dims: int, what: str = "input") -> Any:
    """``input`` as a batch, ``N x planes x`` ``dims`` sizes: a single sample becomes a batch of one.

    ``ValueError`` for another rank or number of planes (``None``: any number).
    """
    module.checkType(input, what)
    if input.ndim == dims + 1:
        input = input[None]
    if input.ndim != dims + 2 or planes not in (None, input.shape[1]):
        rank = f"{dims + 1}D or {dims + 2}D"
        wanted = "" if planes is None else f" with {planes} planes"
        raise ValueError(f"{module}: {rank} {what}{wanted} expected, got {arrays.describe(input)}")
    return input


def as_batch(x: Any, dims: int = 2) -> Any:
    """A sample of planes with ``dims`` sizes as a batch of one; a batch as it is."""
    return x if x.ndim == dims + 2 else x[None]


def parameter(module: Any, name: str, shape: tuple[int, ...]) -> Any:
    """The parameter or gradient ``name``, contiguous and of ``shape``, or None; ``ValueError`` if it does not fit."""
    x = getattr(module, name)
    return None if x is None else fitting(module, name, x, shape)


def fitting(module: Any, name: str, x: Any, shape: tuple[int, ...]) -> Any:
    """``x``, the field ``name``, contiguous and of ``shape``; ``ValueError`` if it does not fit."""
    module.checkType(x, name)
    if x.size != prod(shape):
        raise ValueError(f"{module}: {name} is {arrays.describe(x)}, it must be {shape}")
    x = thnn.contiguous(x)
    return x if x.shape == shape else x.reshape(shape)


def gradient_for(module: Any, gradOutput: Any, shape: tuple[int, ...]) -> Any:
    """Contiguous gradOutput of ``shape``, the output's for this input; ``ValueError`` where it does not fit."""
    return thnn.contiguous(module.gradOutputAs(shape, gradOutput))


def places_for(module: Any, shape: tuple[int, ...]) -> Any:
    """The contiguous ``indices`` of the last forward; ``ValueError`` unless they are of ``shape``."""
    indices = vars(module).get("indices")
    if indices is None or indices.shape != shape:
        found = "none" if indices is None else arrays.describe(indices)
        raise ValueError(
            f"{module}: indices are {found}, for this input they must be {shape}; call forward before backward"
        )
    return thnn.contiguous(indices.astype("int64", copy=False))


def refuse_places(module: Any, outside: bool, input: Any) -> None:
    """``ValueError`` if ``outside``: some of the module's indices lie outside of ``input``."""
    if outside:
        raise ValueError(f"{module}: indices lie outside of {arrays.describe(input)}; call forward with this input")


def convolved(module: Any, input: Any, size: int, kernel: int, stride: int, pad: int) -> int:
    """The output size of a convolution along one dimension; ``ValueError`` where the kernel does not fit."""
    out = (size + 2 * pad - kernel) // stride + 1
    if out < 1:
        raise ValueError(
            f"{module}: {arrays.describe(input)} is too small, "
            f"a kernel of {kernel} does not fit into {size} and a border of {pad} on both sides"
        )
    return out


def pooled(size: int, kernel: int, stride: int, pad: int, ceil: bool, padded: bool) -> int:
    """The output size of a pooling along one dimension.

    ``padded``: some dimension of the module has padding; then the last window must start inside the input or its first
    padding.
    """
    span = size - kernel + 2 * pad
    out = -(-span // stride) + 1 if ceil else span // stride + 1
    if padded and (out - 1) * stride >= size + pad:
        out -= 1
    return out
