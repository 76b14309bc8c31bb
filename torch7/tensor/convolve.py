"""Convolutions and cross-correlations of images and volumes: conv2, conv3, xcorr2, xcorr3.

``conv2([res,] x, k, 'V' or 'F')``: the valid part, where the kernel lies inside (``'V'``, the default), or the full
one. A convolution turns the kernel round, a cross-correlation does not. In ``d`` = 2 or 3 dimensions:

- x and k of ``d`` dimensions: one image, one kernel;
- both with a dimension of planes in front: plane i of x with kernel i, as many planes come out;
- x with planes and k with output planes and planes: output plane o is the sum over i of plane i with kernel (o, i).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from ..arrays import array_module, describe
from .checks import destination, need_tensor, same_type


def _function(name: str, d: int, turned: bool) -> Callable[..., Any]:
    """``turned``: the full form meets the taps in order and the valid form backwards, as convolutions do."""

    def compute(x: Any, k: Any, form: str | None = None) -> Any:
        form = "V" if form is None else form
        if form not in ("V", "F"):
            raise ValueError(f"{name}: the form is 'V' (valid) or 'F' (full), got {form!r}")
        planes = need_tensor(x).ndim - d, same_type(x, k).ndim - d
        if planes not in ((0, 0), (1, 1), (1, 2)) or (planes[0] and x.shape[0] != k.shape[planes[1] - 1]):
            raise ValueError(f"{name}: sizes do not fit: {describe(x)} and {describe(k)}")
        images, kernels = x.shape[planes[0] :], k.shape[planes[1] :]
        if min(k.shape) < 1 or min(x.shape) < 1 or (form == "V" and any(m < n for m, n in zip(images, kernels))):
            raise ValueError(f"{name}: the image is smaller than the kernel: {describe(x)} and {describe(k)}")
        slide = _full if form == "F" else _valid
        if turned == (form == "V"):
            k = k[(..., *(slice(None, None, -1),) * d)]
        if planes[1] < 2:
            return slide(x, k, d)
        return sum((slide(plane, k[:, i], d) for i, plane in enumerate(x[1:], 1)), slide(x[0], k[:, 0], d))

    call = destination(sources=2)(compute)
    call.__name__ = call.__qualname__ = name
    call.__doc__ = (
        f"``{name}([res,] x, k, 'V' or 'F')``: the {'convolution' if turned else 'cross-correlation'} of {d}-D images "
        "``x`` with kernels ``k``; planes in front of both, or output planes and planes in front of ``k``."
    )
    return call


def _taps(k: Any, d: int) -> Any:
    """The places of the kernel's taps and the taps themselves, with room for an image behind the planes."""
    for place in product(*map(range, k.shape[k.ndim - d :])):
        yield place, k[(..., *place)].reshape(k.shape[: k.ndim - d] + (1,) * d)


def _valid(x: Any, k: Any, d: int) -> Any:
    """The sum over the taps of the tap times the part of the image that lies under it."""
    sizes = tuple(m - n + 1 for m, n in zip(x.shape[-d:], k.shape[-d:]))
    out = array_module(x).zeros(_planes(x, k, d) + sizes, x.dtype)
    for place, tap in _taps(k, d):
        out += tap * x[(..., *(slice(p, p + n) for p, n in zip(place, sizes)))]
    return out


def _full(x: Any, k: Any, d: int) -> Any:
    """The image times each tap, added where the tap moves it to."""
    sizes = tuple(m + n - 1 for m, n in zip(x.shape[-d:], k.shape[-d:]))
    out = array_module(x).zeros(_planes(x, k, d) + sizes, x.dtype)
    for place, tap in _taps(k, d):
        out[(..., *(slice(p, p + n) for p, n in zip(place, x.shape[-d:])))] += tap * x
    return out


def _planes(x: Any, k: Any, d: int) -> tuple[int, ...]:
    return k.shape[: k.ndim - d] or x.shape[: x.ndim - d]


conv2 = _function("conv2", 2, True)
xcorr2 = _function("xcorr2", 2, False)
conv3 = _function("conv3", 3, True)
xcorr3 = _function("xcorr3", 3, False)
