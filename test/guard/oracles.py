"""Results of poolings by the definition, window by window, and the size of terms that cancel each other."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np


def axes(module, sizes):
    """Size, kernel, stride, border and gap of each axis, outermost first."""
    for letter, size in zip("THW"[-len(sizes) :], sizes):
        field = vars(module).get
        yield size, field(f"k{letter}"), field(f"d{letter}"), field(f"pad{letter}", 0), field(f"dilation{letter}", 1)


def windows(size, kernel, stride, pad, gap, up, padded):
    """(first, end) of every window of an axis; with borders the last one begins inside the image or its left border."""
    span = gap * (kernel - 1) + 1
    steps = size + 2 * pad - span
    count = (-(-steps // stride) if up else steps // stride) + 1
    if padded and (count - 1) * stride >= size + pad:
        count -= 1
    return [(i * stride - pad, i * stride - pad + span) for i in range(count)]


def pooled(module, x):
    """The output of a max or average pooling for a batch."""
    lines = list(axes(module, x.shape[2:]))
    padded = any(pad for _, _, _, pad, _ in lines)
    places = [windows(*line, getattr(module, "ceil_mode", False), padded) for line in lines]
    one = average if "Average" in type(module).__name__ else largest
    y = np.empty((*x.shape[:2], *map(len, places)))
    for place in product(*(range(len(p)) for p in places)):
        y[(..., *place)] = one(module, x, lines, [p[n] for p, n in zip(places, place)])
    return y


def largest(module, x, lines, window):
    inside = tuple(
        np.arange(first, end, gap)[(np.arange(first, end, gap) >= 0) & (np.arange(first, end, gap) < size)]
        for (first, end), (size, _, _, _, gap) in zip(window, lines)
    )
    pixels = x[(slice(None), slice(None), *np.ix_(*inside))]
    return pixels.max(tuple(range(2, x.ndim)), initial=np.finfo(np.float64).min)


def average(module, x, lines, window):
    ends = [min(end, size + pad) for (_, end), (size, _, _, pad, _) in zip(window, lines)]
    clipped = [(max(first, 0), min(end, size)) for (first, end), (size, *_) in zip(window, lines)]
    extents = [end - first for (first, _), end in zip(window, ends)]
    counted = extents if getattr(module, "count_include_pad", True) else [end - first for first, end in clipped]
    total = x[(..., *(slice(first, max(first, end)) for first, end in clipped))].sum(tuple(range(2, x.ndim)))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / np.float64(prod(counted))
    return mean if getattr(module, "divide", True) else mean * prod(line[1] for line in lines)


def chosen(module, x):
    """The elements that a max pooling's indices, 1 for the first element of a plane, name."""
    planes = x.reshape(*x.shape[:2], -1)
    return np.take_along_axis(planes, module.indices.reshape(*x.shape[:2], -1) - 1, 2).reshape(module.indices.shape)


#: What the output must be, from a module after its forward and the input.
OUTPUTS = {
    **dict.fromkeys(
        ("SpatialMaxPooling", "SpatialDilatedMaxPooling", "VolumetricMaxPooling", "VolumetricDilatedMaxPooling",
         "SpatialAveragePooling", "VolumetricAveragePooling"),
        pooled,
    ),
    "FractionalMaxPooling": chosen,
}  # fmt: skip


def cosine(module, x, flow):
    """A vector of one number is as long as the number: its direction does not change."""
    if type(module).__name__ != "Cosine" or x.shape[-1] > 1:
        return 0, 0, 0
    flows = np.abs(flow).sum()
    return 0, flows / np.abs(x).min(), flows / np.abs(module.weight).min()


def normalized(module, x, flow):
    """Two numbers less their mean, over their deviation, are 1 and -1."""
    if x.size // x.shape[1] > 2:
        return 0, 0, 0
    deviation = np.sqrt(x.var((0, *range(2, x.ndim))) + 1e-3)
    return 0, np.abs(flow).max() / deviation.min(), 0


def beside_itself(module, x, flow):
    """One pixel of one plane less itself is 0, over itself 1."""
    if x.shape[1] * module.kernel.size > 1:
        return 0, 0, 0
    flows = np.abs(flow).max()
    return np.abs(x).max(), flows / np.abs(x).min() if "Divisive" in type(module).__name__ else flows, 0


#: Where all terms cancel: the sizes of the terms of output, gradInput and gradients.
CANCELLING = {"Distances": cosine, "BatchNormalization": normalized, "SpatialNormalizations": beside_itself}


def shifted(module, y):
    """Gradients of distances divide by the distance and 1e-7."""
    return 0 if type(module).__name__ == "Cosine" else 1e-7 / y.min()


#: How inexact gradients are by their formula, from the module and its output.
INEXACT = {"Distances": shifted}
