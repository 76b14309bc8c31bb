"""What layers on planes share: batches and single samples, and sizes of outputs."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

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


def volumes(x: Any, dims: int) -> Any:
    """Contiguous ``x`` as planes x depth x height x width, the last ``dims`` axes kept, those in front of size 1."""
    return x.reshape(prod(x.shape[:-dims]), *(1,) * (3 - dims), *x.shape[-dims:])


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


def indices_for(module: Any, shape: tuple[int, ...]) -> Any:
    """The contiguous ``indices`` of the last forward; ``ValueError`` unless they are of ``shape``."""
    indices = vars(module).get("indices")
    if indices is None or indices.shape != shape:
        found = "none" if indices is None else arrays.describe(indices)
        raise ValueError(
            f"{module}: indices are {found}, for this input they must be {shape}; call forward before backward"
        )
    small = type(indices) is np.ndarray and indices.dtype == module._indexType
    return thnn.contiguous(indices.astype(module._indexType if small else "int64", copy=False))


def check_indices(module: Any, outside: bool, input: Any) -> None:
    """``ValueError`` if ``outside``: some of the module's indices lie outside of ``input``."""
    if outside:
        raise ValueError(f"{module}: indices lie outside of {arrays.describe(input)}; call forward with this input")


def convolution_size(module: Any, input: Any, size: int, kernel: int, stride: int, pad: int) -> int:
    """The output size of a convolution along one dimension; ``ValueError`` where the kernel does not fit."""
    out = (size + 2 * pad - kernel) // stride + 1
    if out < 1:
        raise ValueError(
            f"{module}: {arrays.describe(input)} is too small, "
            f"a kernel of {kernel} does not fit into {size} and a border of {pad} on both sides"
        )
    return out


def pooling_size(size: int, kernel: int, stride: int, pad: int, ceil: bool, padded: bool) -> int:
    """The output size of a pooling along one dimension.

    ``padded``: some dimension of the module has padding; then the last window must start inside the input or its first
    padding.
    """
    span = size - kernel + 2 * pad
    out = -(-span // stride) + 1 if ceil else span // stride + 1
    if padded and (out - 1) * stride >= size + pad:
        out -= 1
    return out


def set_sizes(module: Any, name: str, sizes: tuple, default: Any = None) -> None:
    """Set ``nameW, nameH``, or ``nameT, nameW, nameH``, to ``sizes``, the arguments of a constructor in this order.

    One that is None takes its ``default``: a number for all of them, or a tuple with one for each.
    """
    defaults = default if isinstance(default, tuple) else (default,) * len(sizes)
    for axis, size, instead in zip("TWH"[-len(sizes) :], sizes, defaults):
        setattr(module, f"{name}{axis}", instead if size is None else size)


def set_window(module: Any, kernel: tuple, stride: tuple, pad: tuple = (), step: int | None = 1) -> None:
    """Set a window's fields: ``kW, kH``, the strides ``dW, dH`` and the padding ``padW, padH`` (``T`` first of three).

    A stride that is None is ``step``, or the kernel's size where that is None too; padding that is None is 0.
    """
    set_sizes(module, "k", kernel)
    set_sizes(module, "d", stride, kernel if step is None else step)
    if pad:
        set_sizes(module, "pad", pad, 0)


def following(*sizes: int | None) -> tuple:
    """``sizes`` where one that is None is the one before it, the first one 0: ``padW``, ``padH`` of convolutions."""
    result = (0,)
    for size in sizes:
        result += (result[-1] if size is None else size,)
    return result[1:]


def upgrade_steps(module: Any, fields: dict) -> None:
    """Windows of old files that do not say how they move stand side by side."""
    for axis in "TWH":
        if fields.get(f"d{axis}") is None and fields.get(f"k{axis}") is not None:
            fields[f"d{axis}"] = fields[f"k{axis}"]
