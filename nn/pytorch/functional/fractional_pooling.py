"""Fractional max pooling (Graham 2014): windows that begin at irregular places, drawn for every plane."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ... import thnn
from .. import random
from .differentiable import pair
from .geometry import at_least, sizes
from .max_pooling import check_pooled, max_gradient, maxima


def fractional_sizes(name: str, input: Any, kernel_size: Any, output_size: Any, output_ratio: Any, dims: int) -> tuple:
    """Kernel and output sizes; ``ValueError`` unless one of size and ratio is given and the windows fit.

    Volumes need one place more than planes, as in PyTorch.
    """
    kernel = sizes("kernel_size", kernel_size, dims)
    if (output_size is None) == (output_ratio is None):
        raise ValueError(f"{name}: one of output_size and output_ratio is needed, got {output_size}, {output_ratio}")
    if output_size is None:
        ratios = output_ratio if isinstance(output_ratio, (list, tuple)) else (output_ratio,) * dims
        if len(ratios) != dims or not all(0 < r < 1 for r in ratios):
            raise ValueError(f"{name}: output_ratio must be between 0 and 1, one or {dims}, got {output_ratio}")
        output_size = tuple(int(n * r) for n, r in zip(input.shape[-dims:], ratios))
    outputs = sizes("output_size", output_size, dims)
    at_least(f"{name}: kernel_size", kernel, 1)
    at_least(f"{name}: output_size", outputs, 0)
    if any(o + k - 1 + (dims == 3) > n for o, k, n in zip(outputs, kernel, input.shape[-dims:])):
        raise ValueError(f"{name}: {outputs} windows of {kernel} do not fit into {input.shape[-dims:]}")
    return kernel, outputs


def fractionally(
    dims: int, input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, samples: Any = None,
    out: Any = None, indices: Any = None,
) -> tuple:  # fmt: skip
    """Output and indices of fractional max pooling; ``samples`` (N, C, dims) are drawn where they are None."""
    name = f"fractional_max_pool{dims}d"
    check_pooled(name, input, dims)
    kernel, outputs = fractional_sizes(name, input, kernel_size, output_size, output_ratio, dims)
    planes = (*(1,) * (dims + 2 - input.ndim), *input.shape[:-dims])
    if samples is None:
        samples = random.uniform_(np.empty((*planes, dims), input.dtype, like=input))
    if samples.shape != (*planes, dims) or samples.dtype != input.dtype:
        raise ValueError(f"{name}: samples must be {(*planes, dims)} of {input.dtype}, got {samples.shape}")
    u = thnn.contiguous(samples).reshape(prod(planes), dims)
    columns = (1, 0) if dims == 2 else (0, 1, 2)  # planes have the width's number first, volumes the depth's
    axes = zip(columns, zip(input.shape[-dims:], kernel, outputs))
    tables = [thnn.FractionalMaxPooling_starts(u, column, own, True) for column, own in axes]
    return maxima(input, tables, (1,) * dims, out, indices)


def _made(dims: int) -> tuple:
    name = f"fractional_max_pool{dims}d"

    def backward(
        gradOutput: Any, input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
        return_indices: bool = False, _random_samples: Any = None, *, indices: Any = None, out: Any = None,
    ) -> tuple:  # fmt: skip
        if indices is None:
            if _random_samples is None:
                raise ValueError(f"{name}_backward needs the indices or the _random_samples of forward")
            indices = fractionally(dims, input, kernel_size, output_size, output_ratio, _random_samples)[1]
        return max_gradient(name, gradOutput, input, indices, dims, out)

    def saving(
        input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None, *, out: Any = None,
    ) -> tuple:  # fmt: skip
        y, indices = fractionally(dims, input, kernel_size, output_size, output_ratio, _random_samples, out)
        return (y, indices) if return_indices else y, {"indices": indices}

    def pool(
        input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None, *, out: Any = None,
    ) -> Any:  # fmt: skip
        settings = kernel_size, output_size, output_ratio, return_indices, _random_samples
        return saving(input, *settings, out=out)[0]

    doc = """The largest value of ``output_size`` windows, or ``output_ratio`` of the input's, at drawn places.

    ``_random_samples`` (N, C, dimensions) in [0, 1) replaces the draw. NaN wins; places are flat in the plane, from 0.
    """
    return pair(name, doc, pool, backward, saving=saving)


fractional_max_pool2d, fractional_max_pool2d_backward = _made(2)
fractional_max_pool3d, fractional_max_pool3d_backward = _made(3)
