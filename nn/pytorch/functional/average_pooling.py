"""Average pooling, plain and adaptive, and power-average pooling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf, prod
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import pair
from .geometry import fits, fresh, room
from .max_pooling import adaptive_sizes, check_pooled, max_gradient, maxima
from .windows import Pooling, adaptive_tables, three, volumes


def means(input: Any, tables: list, divisor: float, out: Any = None) -> Any:
    """The sums of windows over ``divisor``, or what each window counts if it is 0."""
    dims = len(tables)
    shape = input.shape[: input.ndim - dims] + tuple(t.shape[1] for t in tables)
    y = room(out, shape, input.dtype, input)
    if y.size:
        x = volumes(thnn.contiguous(input), dims)
        thnn.WindowAveragePooling_updateOutput(x, volumes(y, dims), three(tables), divisor)
    return y


def spread(gradOutput: Any, input: Any, tables: list, divisor: float, out: Any = None) -> Any:
    """The transpose of :func:`means`; ``ValueError`` for a gradient of another shape."""
    dims = len(tables)
    if gradOutput.shape != input.shape[: input.ndim - dims] + tuple(t.shape[1] for t in tables):
        raise ValueError(f"average pooling: gradOutput is {gradOutput.shape} for an input {input.shape}")
    gx = room(out, input.shape, gradOutput.dtype, gradOutput)
    if gx.size and gradOutput.size:
        g = volumes(thnn.contiguous(gradOutput), dims)
        thnn.WindowAveragePooling_updateGradInput(g, volumes(gx, dims), three(tables), divisor)
    else:
        gx.fill(0)
    return gx


def average_tables(dims: int, input: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
                   count_include_pad: bool) -> list:  # fmt: skip
    """The windows of average pooling of ``input``."""
    name = f"avg_pool{dims}d"
    check_pooled(name, input, dims)
    pooling = Pooling(name, dims, kernel_size, stride, padding, 1, ceil_mode)
    if dims == 3 and any(n < k for n, k in zip(input.shape[-3:], pooling.kernel)):  # in volumes alone, as in PyTorch
        raise ValueError(f"{name}: an input {input.shape} is smaller than the kernel {pooling.kernel}")
    return pooling.tables(input.shape[-dims:], count_include_pad)


def _divisor(divisor_override: Any) -> float:
    if divisor_override == 0:
        raise ValueError("divisor_override must not be 0")
    return 0 if divisor_override is None else divisor_override


def _made(dims: int) -> tuple:
    name = f"avg_pool{dims}d"

    def backward(
        gradOutput: Any, input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, out: Any = None,
    ) -> tuple:  # fmt: skip
        tables = average_tables(dims, input, kernel_size, stride, padding, ceil_mode, count_include_pad)
        return (spread(gradOutput, input, tables, _divisor(divisor_override), out),)

    def pool(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, out: Any = None,
    ) -> Any:  # fmt: skip
        tables = average_tables(dims, input, kernel_size, stride, padding, ceil_mode, count_include_pad)
        return means(input, tables, _divisor(divisor_override), out)

    doc = """The mean of every window; sizes as for max pooling.

    The divisor counts the border, up to ``n + padding``, or with ``count_include_pad=False`` only what is inside;
    ``divisor_override``, not 0, replaces it.
    """
    return pair(name, doc, pool, backward)


def _made_adaptive(dims: int) -> tuple:
    name = f"adaptive_avg_pool{dims}d"

    def tables(input: Any, output_size: Any) -> list:
        check_pooled(name, input, dims)
        return adaptive_tables(input.shape[-dims:], adaptive_sizes(name, input, output_size, dims))

    def backward(gradOutput: Any, input: Any, output_size: Any, *, out: Any = None) -> tuple:
        return (spread(gradOutput, input, tables(input, output_size), 0, out),)

    def pool(input: Any, output_size: Any, *, out: Any = None) -> Any:
        return means(input, tables(input, output_size), 0, out)

    doc = "The means of ``output_size`` windows that cover each axis; None keeps the input's size."
    return pair(name, doc, pool, backward)


def _made_power(dims: int) -> tuple:
    name = f"lp_pool{dims}d"

    def windows(input: Any, kernel_size: Any, stride: Any, ceil_mode: bool) -> tuple:
        """Tables, the divisor of their sums, and by what these are multiplied: nothing where all windows are whole."""
        if dims == 1 and not isinstance(kernel_size, (int, np.integer)):  # as in PyTorch
            raise TypeError(f"{name}: kernel_size must be one integer, got {kernel_size!r}")
        tables = average_tables(dims, input, kernel_size, stride, 0, ceil_mode, True)
        count = prod(kernel_size if isinstance(kernel_size, (list, tuple)) else (kernel_size,) * dims)
        whole = prod(int(t[2, -1]) for t in tables) == count
        return tables, (1, 1) if whole else (0, count)

    def saving(
        input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False, *,
        buffer: Callable = fresh,
    ) -> tuple:  # fmt: skip
        if norm_type == inf:
            y, places = _largest(dims, input, kernel_size, stride, ceil_mode)
            return y, {"saved": places}
        tables, (divisor, factor) = windows(input, kernel_size, stride, ceil_mode)
        raised = _raised(thnn.contiguous(input), norm_type, partial(buffer, "raised"))
        total = means(raised, tables, divisor, partial(buffer, "total"))
        if factor != 1:
            total *= input.dtype.type(factor)
        y = _rooted(total, norm_type, partial(buffer, "output"))
        return y, {"saved": (total, y)}

    def backward(
        gradOutput: Any, input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False,
        *, saved: Any = None, buffer: Callable = fresh,
    ) -> tuple:  # fmt: skip
        saved = saving(input, norm_type, kernel_size, stride, ceil_mode)[1]["saved"] if saved is None else saved
        if norm_type == inf:
            return (max_gradient(name, gradOutput, input, saved, dims)[0] * np.sign(input),)
        for kept in saved:
            fits(name, gradOutput, kept.shape)
        tables, (divisor, factor) = windows(input, kernel_size, stride, ceil_mode)
        flow = buffer("flow", gradOutput.shape, input.dtype, input)
        if flow.size:
            thnn.RootOfSum_updateGradInput(thnn.contiguous(gradOutput), *saved, flow, float(factor))
        gx = spread(flow, input, tables, divisor, partial(buffer, "gradInput"))
        _times_power(gx, thnn.contiguous(input), norm_type - 1, partial(buffer, "power"))
        return (gx,)

    def pool(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
        return saving(input, norm_type, kernel_size, stride, ceil_mode)[0]

    doc = """``(sum x^p)^(1 / p)`` of every window for p = ``norm_type``; infinite: the largest absolute value.

    The sum is the mean times the kernel's size: what a window at the end lacks counts as much as what it has.
    """
    pool, backward = pair(name, doc, pool, backward, saving=saving)
    pool.saving = saving  # type: ignore[attr-defined]
    return pool, backward


def _largest(dims: int, input: Any, kernel_size: Any, stride: Any, ceil_mode: bool) -> tuple:
    check_pooled(f"lp_pool{dims}d", input, dims)
    pooling = Pooling(f"lp_pool{dims}d", dims, kernel_size, stride, 0, 1, ceil_mode)
    return maxima(np.abs(input), pooling.tables(input.shape[-dims:]), (1,) * dims)


def _power(x: Any, p: float, y: Any) -> Any:
    """``y = x ** p``; NaN and infinity without a warning."""
    with np.errstate(all="ignore"):
        return np.power(x, x.dtype.type(p), out=y)


def _raised(x: Any, p: float, room: Callable) -> Any:
    """``x ** p``, contiguous."""
    if p == 1 or not x.size:
        return x
    y = room(x.shape, x.dtype, x)
    if p == 2:  # products take a hundredth of the time
        thnn.Square_updateOutput(x, y)
    elif p == 3:
        thnn.Cube_updateOutput(x, y)
    else:
        _power(x, p, y)
    return y


def _rooted(x: Any, p: float, room: Callable) -> Any:
    """``x ** (1 / p)`` in an array of its own."""
    y = room(x.shape, x.dtype, x)
    if p == 2 and x.size:
        thnn.Sqrt_updateOutput(x, y)
    elif p == 3 and x.size:
        thnn.CubeRoot_updateOutput(x, y)
    else:
        _power(x, 1 / p, y)
    return y


def _times_power(y: Any, x: Any, p: float, room: Callable) -> None:
    """``y *= x ** p``"""
    if p in (1, 2) and y.size:
        for _ in range(int(p)):
            thnn.Product_updateOutput(y, x, y)
    elif p != 0:
        y *= _power(x, p, room(x.shape, x.dtype, x))


avg_pool1d, avg_pool1d_backward = _made(1)
avg_pool2d, avg_pool2d_backward = _made(2)
avg_pool3d, avg_pool3d_backward = _made(3)
adaptive_avg_pool1d, adaptive_avg_pool1d_backward = _made_adaptive(1)
adaptive_avg_pool2d, adaptive_avg_pool2d_backward = _made_adaptive(2)
adaptive_avg_pool3d, adaptive_avg_pool3d_backward = _made_adaptive(3)
lp_pool1d, lp_pool1d_backward = _made_power(1)
lp_pool2d, lp_pool2d_backward = _made_power(2)
lp_pool3d, lp_pool3d_backward = _made_power(3)
