"""Max pooling, plain and adaptive: NaN wins, the first of equal values counts, indices are flat from 0 in a plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from .differentiable import pair
from .elementwise import check_float
from .geometry import room
from .windows import Pooling, adaptive_tables, three, volumes


def check_pooled(name: str, input: Any, dims: int, empty: bool = False) -> None:
    """``ValueError`` unless there are ``dims`` sizes behind channels, and no channel or size is 0."""
    check_float(name, input)
    if input.ndim not in (dims + 1, dims + 2):
        raise ValueError(f"{name}: expected {dims + 1} (unbatched) or {dims + 2} dimensions, got {input.shape}")
    if 0 in input.shape[-dims - 1 :] and not empty:
        raise ValueError(f"{name}: only the batch may be empty, got {input.shape}")


def maxima(input: Any, tables: list, steps: tuple, out: Any = None, indices: Any = None) -> tuple:
    """The largest values of windows and their places; ``out`` and ``indices`` as :func:`.geometry.room` takes them."""
    dims = len(tables)
    shape = input.shape[: input.ndim - dims] + tuple(t.shape[-1] for t in tables)
    y, places = room(out, shape, input.dtype, input), room(indices, shape, np.dtype(np.int64), input)
    if y.size:
        x, steps = volumes(thnn.contiguous(input), dims), (1,) * (3 - dims) + steps
        thnn.WindowMaxPooling_updateOutput(x, volumes(y, dims), volumes(places, dims), three(tables), steps)
    return y, places


def pooled(
    dims: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool,
    out: Any = None, indices: Any = None,
) -> tuple:  # fmt: skip
    """Output and indices of max pooling over the last ``dims`` axes."""
    name = f"max_pool{dims}d"
    check_pooled(name, input, dims)
    pooling = Pooling(name, dims, kernel_size, stride, padding, dilation, ceil_mode)
    return maxima(input, pooling.tables(input.shape[-dims:]), pooling.dilation, out, indices)


def adaptive_sizes(name: str, input: Any, output_size: Any, dims: int) -> tuple:
    """The wanted sizes; None keeps the input's, but in one dimension. ``ValueError`` for a negative one."""
    given = output_size if isinstance(output_size, (list, tuple)) else (output_size,) * dims
    if len(given) == 1:
        given = tuple(given) * dims
    if len(given) != dims or (dims == 1 and given[0] is None):
        raise ValueError(f"{name}: output_size must be one number or {dims}, got {output_size}")
    if not all(o is None or (isinstance(o, (int, np.integer)) and not isinstance(o, bool)) for o in given):
        raise TypeError(f"{name}: output_size must be made of integers, got {output_size!r}")
    found = tuple(n if o is None else int(o) for o, n in zip(given, input.shape[-dims:]))
    if min(found) < 0 or max(found) >= 2**31:
        raise ValueError(f"{name}: output_size must lie between 0 and 2^31 - 1, got {output_size}")
    return found


def adaptively(dims: int, input: Any, output_size: Any, out: Any = None, indices: Any = None) -> tuple:
    """Output and indices of adaptive max pooling over the last ``dims`` axes."""
    name = f"adaptive_max_pool{dims}d"
    check_pooled(name, input, dims)
    wanted = adaptive_sizes(name, input, output_size, dims)
    return maxima(input, adaptive_tables(input.shape[-dims:], wanted), (1,) * dims, out, indices)


def max_gradient(name: str, gradOutput: Any, input: Any, indices: Any, dims: int, out: Any = None) -> tuple:
    """Every gradient added at its index; ``ValueError`` for other shapes, ``IndexError`` outside the plane."""
    gradOutput = gradOutput[0] if isinstance(gradOutput, list) else gradOutput
    if not gradOutput.shape == indices.shape or indices.shape[: input.ndim - dims] != input.shape[: input.ndim - dims]:
        raise ValueError(f"{name}: gradOutput {gradOutput.shape}, indices {indices.shape}, input {input.shape}")
    gx = room(out, input.shape, gradOutput.dtype, gradOutput)
    size = int(np.prod(input.shape[input.ndim - dims :]))
    if not gradOutput.size:
        gx.fill(0)
    else:
        places = arrays.dense(indices, np.int64)
        given = thnn.contiguous(gradOutput), gx, places
        if thnn.WindowMaxPooling_updateGradInput(*(volumes(a, dims) for a in given)):
            raise IndexError(f"{name}: indices must lie between 0 and {size - 1}, or be -1 for none")
    return (gx,)


def _made(dims: int) -> tuple:
    name, forms = f"max_pool{dims}d", {1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}

    def backward(
        gradOutput: Any, input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, indices: Any = None, out: Any = None,
    ) -> tuple:  # fmt: skip
        if indices is None:
            indices = pooled(dims, input, kernel_size, stride, padding, dilation, ceil_mode)[1]
        return max_gradient(
            name, gradOutput[0] if isinstance(gradOutput, list) else gradOutput, input, indices, dims, out
        )

    def saving(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False, *, out: Any = None,
    ) -> tuple:  # fmt: skip
        y, indices = pooled(dims, input, kernel_size, stride, padding, dilation, ceil_mode, out)
        return (y, indices) if return_indices else y, {"indices": indices}

    def pool(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False, *, out: Any = None,
    ) -> Any:  # fmt: skip
        return saving(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, out=out)[0]

    doc = f"""The largest value of every window of {forms[dims]}, or without N; ``return_indices`` gives its place too.

    ``floor`` (or, with ``ceil_mode``, ``ceil``) of ``(n + 2 padding - dilation (k - 1) - 1) / stride``, plus 1, windows
    along each axis; ``stride`` None is the kernel size. NaN wins; places are flat in the plane, from 0.
    """
    return pair(name, doc, pool, backward, saving=saving)


def _made_adaptive(dims: int) -> tuple:
    name = f"adaptive_max_pool{dims}d"

    def backward(
        gradOutput: Any, input: Any, output_size: Any, return_indices: bool = False, *, indices: Any = None,
        out: Any = None,
    ) -> tuple:  # fmt: skip
        indices = adaptively(dims, input, output_size)[1] if indices is None else indices
        return max_gradient(
            name, gradOutput[0] if isinstance(gradOutput, list) else gradOutput, input, indices, dims, out
        )

    def saving(input: Any, output_size: Any, return_indices: bool = False, *, out: Any = None) -> tuple:
        y, indices = adaptively(dims, input, output_size, out)
        return (y, indices) if return_indices else y, {"indices": indices}

    def pool(input: Any, output_size: Any, return_indices: bool = False, *, out: Any = None) -> Any:
        return saving(input, output_size, return_indices, out=out)[0]

    doc = "The largest values of ``output_size`` windows that cover each axis; None keeps the input's size."
    return pair(name, doc, pool, backward, saving=saving)


max_pool1d, max_pool1d_backward = _made(1)
max_pool2d, max_pool2d_backward = _made(2)
max_pool3d, max_pool3d_backward = _made(3)
adaptive_max_pool1d, adaptive_max_pool1d_backward = _made_adaptive(1)
adaptive_max_pool2d, adaptive_max_pool2d_backward = _made_adaptive(2)
adaptive_max_pool3d, adaptive_max_pool3d_backward = _made_adaptive(3)
