"""Geometries of convolutions and poolings on small images, for sweeps over all of them.

An axis is (kernel, stride, pad, dilation, size); a geometry is one axis for each dimension of the image, in the order
of the tensors. Small images are where kernels go wrong: taps that meet no pixel, strides and borders larger than the
image.
"""

from itertools import product
from typing import NamedTuple

import numpy as np


class Axis(NamedTuple):
    kernel: int
    stride: int
    pad: int
    gap: int
    size: int

    @property
    def span(self):
        return self.gap * (self.kernel - 1) + 1

    @property
    def outputs(self):
        return (self.size + 2 * self.pad - self.span) // self.stride + 1

    def meets(self):
        """Whether tap t of output o meets pixel i, as numbers [t][o][i]."""
        tap, out, pixel = np.ogrid[: self.kernel, : self.outputs, : self.size]
        return (out * self.stride - self.pad + tap * self.gap == pixel).astype(float)


def axes(kernels, strides, pads, gaps, sizes):
    """All axes of these numbers that have an output."""
    found = (Axis(*numbers) for numbers in product(kernels, strides, pads, gaps, sizes))
    return [axis for axis in found if axis.outputs > 0]


#: Kernels of 1 to 7, strides up to 4, pads up to 3, images of 1 to 8 pixels; with gaps; and fewer for volumes.
PLAIN = axes(range(1, 8), range(1, 5), range(4), [1], range(1, 9))
DILATED = axes(range(1, 4), range(1, 4), range(4), [2, 3], range(1, 7))
SMALL = axes(range(1, 4), range(1, 4), range(3), [1], range(1, 5))
SMALL_DILATED = axes(range(1, 4), range(1, 4), range(2), [1, 2], range(1, 5))


def square(axes, dims):
    """Geometries whose axes are alike."""
    return [(axis,) * dims for axis in axes]


def mixed(axes, dims):
    """Geometries whose axes differ; in each dimension every axis occurs once."""
    count = len(axes)
    return [tuple(axes[(i * (2 * n + 1) + n * count // 3) % count] for n in range(dims)) for i in range(count)]


def numbers(geometry, *names):
    """Kernels, strides ... of all axes in the order of constructors: width before height, time first."""
    order = [*range(len(geometry) - 2), *range(len(geometry))[:-3:-1]]
    return [getattr(geometry[n], name) for name in names for n in order]
