"""Convolution, pooling and resampling in all their forms, as the tape computes them."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn.pytorch.functional as F
from nn.pytorch.functional.interpolation import cubic_filter

from .tape_operators import integers, operator


def borders(a: dict, sizes: tuple, kernel: list, strides: list, dilations: list) -> tuple[list, list]:
    """Pads in front and behind; automatic ones keep ceil(size / stride), an odd one behind unless SAME_LOWER."""
    dims, auto = len(kernel), a.get("auto_pad", "NOTSET")
    if not auto.startswith("SAME"):
        pads = list(a.get("pads") or [0] * 2 * dims) if auto == "NOTSET" else [0] * 2 * dims
        return pads[:dims], pads[dims:]
    wanted = [-(-n // s) for n, s in zip(sizes, strides)]
    total = [
        max(0, (o - 1) * s + d * (k - 1) + 1 - n) for o, s, d, k, n in zip(wanted, strides, dilations, kernel, sizes)
    ]
    less, more = [t // 2 for t in total], [t - t // 2 for t in total]
    return (less, more) if auto == "SAME_UPPER" else (more, less)


def padded(x: Any, front: list, behind: list, value: float = 0.0) -> Any:
    sides = [n for pair in reversed(list(zip(front, behind))) for n in pair]
    return F.pad(x, tuple(sides), "constant", value) if any(sides) else x


def window(a: dict, kernel: list) -> tuple[list, list]:
    dims = len(kernel)
    return list(a.get("strides") or [1] * dims), list(a.get("dilations") or [1] * dims)


@operator("Conv")
def convolution(x: list, a: dict) -> Any:
    kernel = list(x[1].shape[2:])
    strides, dilations = window(a, kernel)
    value = padded(x[0], *borders(a, x[0].shape[2:], kernel, strides, dilations))
    bias = x[2] if len(x) > 2 else None
    function = getattr(F, f"conv{len(kernel)}d")
    return function(value, x[1], bias, tuple(strides), 0, tuple(dilations), a.get("group", 1))


@operator("ConvTranspose")
def transposed(x: list, a: dict) -> Any:
    """The whole convolution, cut by the pads; an odd unit of automatic ones lies in front unless SAME_UPPER."""
    kernel, sizes = list(x[1].shape[2:]), x[0].shape[2:]
    strides, dilations = window(a, kernel)
    dims, extra = len(kernel), list(a.get("output_padding") or [0] * len(kernel))
    full = [(n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(sizes, strides, dilations, kernel, extra)]
    auto, wanted = a.get("auto_pad", "NOTSET"), a.get("output_shape")
    if wanted is None and auto.startswith("SAME"):
        wanted = [n * s for n, s in zip(sizes, strides)]
    if wanted is not None:
        total = [f - w for f, w in zip(full, list(wanted)[-dims:])]
        half, rest = [t // 2 for t in total], [t - t // 2 for t in total]
        front, behind = (half, rest) if auto == "SAME_UPPER" else (rest, half)
    else:
        front, behind = borders(a, sizes, kernel, strides, dilations)
    function, bias = getattr(F, f"conv_transpose{dims}d"), x[2] if len(x) > 2 else None
    y = function(x[0], x[1], bias, tuple(strides), 0, 0, a.get("group", 1), tuple(dilations))
    missing = [max(0, e - b) for e, b in zip(extra, behind)]  # places that no product reaches hold the bias
    if any(missing):
        base = 0 if bias is None else bias.reshape(1, -1, *[1] * dims)
        y = padded(y - base, [0] * dims, missing) + base
    cut = [slice(f, y.shape[2 + i] - max(0, b - extra[i])) for i, (f, b) in enumerate(zip(front, behind))]
    return y[(slice(None), slice(None), *cut)]


@operator("MaxPool")
def max_pool(x: list, a: dict) -> Any:
    kernel = list(a["kernel_shape"])
    strides, dilations = window(a, kernel)
    value = padded(x[0], *borders(a, x[0].shape[2:], kernel, strides, dilations), -np.inf)
    function = getattr(F, f"max_pool{len(kernel)}d")
    return function(value, tuple(kernel), tuple(strides), 0, tuple(dilations), bool(a.get("ceil_mode", 0)))


@operator("AveragePool")
def average_pool(x: list, a: dict) -> Any:
    """Sums of what is there, by the numbers of what counts."""
    kernel, dims = list(a["kernel_shape"]), len(a["kernel_shape"])
    strides, dilations = window(a, kernel)
    front, behind = borders(a, x[0].shape[2:], kernel, strides, dilations)
    weight = np.ones((1, 1, *kernel), x[0].dtype)
    ones = np.ones((1, 1, *x[0].shape[2:]), x[0].dtype)
    counted = padded(ones, front, behind, 1.0 if a.get("count_include_pad", 0) else 0.0)
    value = padded(x[0], front, behind)
    if a.get("ceil_mode", 0):  # windows that begin inside
        more = [_missing(n, k, s, d) for n, k, s, d in zip(value.shape[2:], kernel, strides, dilations)]
        value, counted = padded(value, [0] * dims, more), padded(counted, [0] * dims, more)
    function = getattr(F, f"conv{dims}d")
    settings = tuple(strides), 0, tuple(dilations)
    planes = value.reshape(-1, 1, *value.shape[2:])
    sums = function(planes, weight, None, *settings)
    means = sums / np.maximum(function(np.asarray(counted), weight, None, *settings), 1)
    return means.reshape(*value.shape[:2], *means.shape[2:])


def _missing(n: int, k: int, s: int, d: int) -> int:
    """What is added behind so that a last window that begins inside fits."""
    reach = d * (k - 1) + 1
    outputs = -(-(n - reach) // s) + 1
    outputs -= (outputs - 1) * s >= n
    return max(0, (outputs - 1) * s + reach - n)


@operator("LpPool")
def power_pool(x: list, a: dict) -> Any:
    p = a.get("p", 2)
    kernel = list(a["kernel_shape"])
    strides, dilations = window(a, kernel)
    value = padded(abs(x[0]) ** p, *borders(a, x[0].shape[2:], kernel, strides, dilations))
    weight = np.ones((1, 1, *kernel), x[0].dtype)
    planes = value.reshape(-1, 1, *value.shape[2:])
    sums = getattr(F, f"conv{len(kernel)}d")(planes, weight, None, tuple(strides), 0, tuple(dilations))
    return sums.reshape(*value.shape[:2], *sums.shape[2:]) ** (1 / p)


# -- resampling


@operator("Resize", "Upsample")
def resize(x: list, a: dict) -> Any:
    """One axis after the other, by places or by taps; until operator set 10 places are i / scale, rounded down."""
    old = "coordinate_transformation_mode" not in a and (len(x) < 3 or a["opset"] <= 10)
    value, scales, sizes = x[0], a.get("scales"), None
    if scales is None:
        scales = x[1] if len(x) == 2 else x[2] if len(x) > 2 else None
        sizes = x[3] if len(x) > 3 else None
    axes = integers(a["axes"]) if a.get("axes") is not None else list(range(value.ndim))
    for i, axis in enumerate(axes):
        n = value.shape[axis]
        given = float(np.reshape(scales, -1)[i]) if scales is not None and np.size(scales) else None
        outputs = int(np.floor(n * given)) if given is not None else integers(sizes)[i]
        scale = given if given is not None else outputs / n
        if outputs != n or scale != 1:
            mode = "asymmetric" if old else a.get("coordinate_transformation_mode", "half_pixel")
            value = _along(value, axis, _taps(n, outputs, scale, mode, a | ({"nearest_mode": "floor"} if old else {})))
    return value


def _along(value: Any, axis: int, taps: tuple) -> Any:
    places, weights = taps
    if weights is None:
        return value[(*[slice(None)] * axis, places)]
    matrix = np.zeros((len(places), value.shape[axis]), value.dtype)
    np.add.at(matrix, (np.arange(len(places))[:, None], places), weights)
    return (value.swapaxes(axis, -1) @ matrix.T).swapaxes(axis, -1)


def _sources(n: int, outputs: int, scale: float, mode: str) -> np.ndarray:
    """Where each output lies among the inputs."""
    i = np.arange(outputs)
    if mode == "align_corners":
        return i * ((n - 1) / (outputs - 1)) if outputs > 1 else np.zeros(1)
    if mode == "asymmetric":
        return i / scale
    if mode == "tf_half_pixel_for_nn":
        return (i + 0.5) / scale
    if mode == "half_pixel_symmetric":
        shift = n / 2 * (1 - outputs / (scale * n))
        return shift + (i + 0.5) / scale - 0.5
    if mode == "pytorch_half_pixel" and outputs == 1:
        return np.zeros(1)
    if mode not in ("half_pixel", "pytorch_half_pixel"):
        raise ValueError(f"Resize: coordinates by {mode} are not known")
    return (i + 0.5) / scale - 0.5


ROUNDINGS = {
    "round_prefer_floor": lambda x: np.ceil(x - 0.5), "round_prefer_ceil": lambda x: np.floor(x + 0.5),
    "floor": np.floor, "ceil": np.ceil,
}  # fmt: skip


def _taps(n: int, outputs: int, scale: float, mode: str, a: dict) -> tuple:
    """Places, and weights where there are several for an output; the border stands for what lies outside."""
    source, kind = _sources(n, outputs, scale, mode), a.get("mode", "nearest")
    if kind == "nearest":
        places = ROUNDINGS[a.get("nearest_mode", "round_prefer_floor")](source)
        return np.clip(places, 0, n - 1).astype(int), None
    low = np.floor(source)
    taps = np.arange(2) if kind == "linear" else np.arange(-1, 3)
    places = low[:, None] + taps
    apart = np.abs(source[:, None] - places)
    weights = 1 - apart if kind == "linear" else cubic_filter(apart, a.get("cubic_coeff_a", -0.75))
    return np.clip(places, 0, n - 1).astype(int), weights
