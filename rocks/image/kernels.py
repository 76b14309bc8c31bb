"""Kernels (gaussian, laplacian) and what is done with them: convolve, lcn, gaussianpyramid, erode, dilate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import torch7
from torch7.arrays import default_dtype, describe
from torch7.tensor.checks import store

from ..arguments import named
from .scaling import scale


def _steps(n: int, mean: float, sigma: float) -> np.ndarray:
    """How many sigmas the n places lie from the mean; both are parts of the whole width."""
    return (np.arange(1, n + 1) - (mean * n + 0.5)) / (sigma * n)


def _finished(kernel: np.ndarray, amplitude: float, normalize: Any, tensor: Any) -> Any:
    kernel = kernel / kernel.sum() if normalize else kernel * amplitude
    if tensor is None:
        return kernel.astype(default_dtype())
    tensor[...] = kernel
    return tensor


@named
def gaussian(
    size: Any = None,
    sigma: Any = None,
    amplitude: Any = None,
    normalize: Any = None,
    width: Any = None,
    height: Any = None,
    sigma_horz: Any = None,
    sigma_vert: Any = None,
    mean_horz: Any = None,
    mean_vert: Any = None,
    tensor: Any = None,
) -> Any:
    """A kernel of height x width (``size``, 3): amplitude (1) x exp(-(du^2 + dv^2) / 2), or of sum 1 if ``normalize``.

    sigma (0.25) and the means (0.5) are parts of the kernel's size. ``tensor`` takes the result in its own size.
    """
    if tensor is not None:
        height, width = tensor.shape
    size, sigma = 3 if size is None else size, 0.25 if sigma is None else sigma
    u = _steps(int(width or size), _or(mean_horz, 0.5), _or(sigma_horz, sigma))
    v = _steps(int(height or size), _or(mean_vert, 0.5), _or(sigma_vert, sigma))
    return _finished(np.exp(-(u**2 + v[:, None] ** 2) / 2), _or(amplitude, 1), normalize, tensor)


@named
def gaussian1D(
    size: Any = None,
    sigma: Any = None,
    amplitude: Any = None,
    normalize: Any = None,
    mean: Any = None,
    tensor: Any = None,
) -> Any:
    """A row of ``size`` (3) values of the Gaussian; arguments as in :func:`gaussian`."""
    n = len(tensor) if tensor is not None else int(_or(size, 3))
    steps = _steps(n, _or(mean, 0.5), _or(sigma, 0.25))
    return _finished(np.exp(-(steps**2) / 2), _or(amplitude, 1), normalize, tensor)


@named
def laplacian(
    size: Any = None,
    sigma: Any = None,
    amplitude: Any = None,
    normalize: Any = None,
    width: Any = None,
    height: Any = None,
    sigma_horz: Any = None,
    sigma_vert: Any = None,
    mean_horz: Any = None,
    mean_vert: Any = None,
) -> Any:
    """A kernel of height x width (``size``, 3): amplitude (1) x (1 - s) x exp(-s), s = (dx^2 + dy^2) / 2; sigma 0.1.

    As in Torch rows are measured by the horizontal mean, sigma and width, columns by the vertical ones.
    """
    size, sigma = 3 if size is None else size, 0.1 if sigma is None else sigma
    width, height = int(width or size), int(height or size)
    x = np.arange(1, height + 1)[:, None] - (_or(mean_horz, 0.5) * width + 0.5)
    y = np.arange(1, width + 1) - (_or(mean_vert, 0.5) * height + 0.5)
    s = (x / (_or(sigma_horz, sigma) * width)) ** 2 / 2 + (y / (_or(sigma_vert, sigma) * height)) ** 2 / 2
    return _finished((1 - s) * np.exp(-s), _or(amplitude, 1), normalize, None)


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def convolve(*args: Any) -> Any:
    """``convolve([dst,] x, kernel [, mode])``: each plane with the kernel (or its own), which is turned round.

    The mode is ``'valid'`` (default), ``'full'``, or ``'same'``, the middle of full in the size of ``x``.
    """
    if len(args) > 2 and torch7.isTensor(args[2]):
        return store(args[0], _convolved(*args[1:]))
    return _convolved(*args)


convolve.sources = 2


def _convolved(x: Any, kernel: Any, mode: str | None = None) -> Any:
    mode = mode or "valid"
    if mode not in ("valid", "full", "same"):
        raise ValueError(f"image.convolve: the mode is full, valid or same, not {mode!r}")
    if kernel.ndim == 2 and x.ndim == 3:
        kernel = np.repeat(kernel[None], len(x), 0)
    y = torch7.conv2(x, kernel, "V" if mode == "valid" else "F")
    if mode == "same":
        top, left = (math.ceil(n / 2) - 1 for n in kernel.shape[-2:])
        y = y[..., top : top + x.shape[-2], left : left + x.shape[-1]]
    return np.ascontiguousarray(y)


def lcn(x: Any, kernel: Any = None) -> Any:
    """Local contrast normalisation of a gray picture: (x - mean) / max(deviation, 1) under the kernel, valid part.

    The whole picture gets mean 0 and deviation 1 before. Without a kernel it is a Gaussian of 9 x 9.
    """
    if x.ndim not in (2, 3) or (x.ndim == 3 and len(x) != 1):
        raise ValueError(f"image.lcn: a gray picture, [1 x] height x width, got {describe(x)}")
    if kernel is None:
        kernel = gaussian(size=9, sigma=1.591 / 9, normalize=True)
    kernel = kernel.astype(np.float64)
    x = (x[0] if x.ndim == 3 else x).astype(np.float64)
    x = (x - x.mean()) / x.std(ddof=1)
    mean = torch7.conv2(x, kernel)
    deviation = np.sqrt(np.maximum(torch7.conv2(x * x, kernel) - mean**2, 0))
    top, left = (n // 2 for n in kernel.shape)
    return (x[top : top + len(mean), left : left + mean.shape[1]] - mean) / np.maximum(deviation, 1)


def gaussianpyramid(*args: Any) -> list:
    """``gaussianpyramid([dst,] x, scales)``: a list of the picture in each scale, smoothed between them."""
    dst, x, scales = args if len(args) == 3 else ([], *args)
    kernel = gaussian(width=3, normalize=True).astype(x.dtype)
    level = x
    for i, part in enumerate(scales):
        sizes = [int(n * part) for n in x.shape[-2:]]
        made = level.copy() if part == 1 else scale(level, sizes[1], sizes[0], "simple")
        if i < len(dst):
            dst[i] = made
        else:
            dst.append(made)
        level = _convolved(made, kernel, "same")
    return dst


def erode(x: Any, kernel: Any = None, pad: float | None = None) -> Any:
    """1 where the picture of 0 and 1 is 1 under the whole kernel (3 x 3); ``pad`` (1) lies outside."""
    kernel = np.ones((3, 3), x.dtype) if kernel is None else kernel
    return (torch7.conv2(_padded(x, kernel, _or(pad, 1)), kernel) == kernel.sum()).astype(x.dtype)


def dilate(x: Any, kernel: Any = None, pad: float | None = None) -> Any:
    """1 where the picture of 0 and 1 is 1 anywhere under the kernel (3 x 3); ``pad`` (0) lies outside."""
    kernel = np.ones((3, 3), x.dtype) if kernel is None else kernel[::-1, ::-1]
    return (torch7.conv2(_padded(x, kernel, _or(pad, 0)), np.ascontiguousarray(kernel)) > 0).astype(x.dtype)


def _padded(x: Any, kernel: Any, value: float) -> Any:
    if x.ndim != 2 or any(n % 2 == 0 for n in kernel.shape):
        raise ValueError(
            f"a picture of height x width and a kernel of odd sizes, got {describe(x)} and {describe(kernel)}"
        )
    return np.pad(x, [(n // 2, n // 2) for n in kernel.shape], constant_values=value)
