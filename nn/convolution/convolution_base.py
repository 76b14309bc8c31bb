"""What convolutions of planes and volumes share: sizes, checks, parameters and calls of the kernels."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any, NamedTuple, Self

from numpy import ndarray

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn
from ..module import Module
from ..numbers import Whole
from .sizes import as_batch, batch_of, convolution_size, parameter

Sizes = tuple[int, ...]


class Shapes(NamedTuple):
    """What a module's numbers and a batch give: the shapes of output, weight and bias, and what kernels take."""

    output: Sizes
    weight: Sizes
    bias: Sizes
    geometry: tuple[Sizes, Sizes, Sizes, int]


#: Shapes by class, numbers and shape of the batch, the first ones dropped when they are many.
_SHAPES: dict[tuple, Shapes] = {}
MANY = 1024


class Convolution(Module):
    """Base of convolutions over ``dims`` dimensions.

    A subclass sets ``nInputPlane``, ``nOutputPlane`` and its geometry, names these fields by ``numbers``, then calls
    :meth:`makeParameters`. Geometries are tuples in the order of the tensors' axes: (height, width) or (time, height,
    width).
    """

    dims = 2
    numbers: Whole

    def kernel(self) -> Sizes:
        raise NotImplementedError

    def stride(self) -> Sizes:
        raise NotImplementedError

    def pad(self) -> Sizes:
        raise NotImplementedError

    def dilation(self) -> Sizes:
        return (1,) * self.dims

    def weightShape(self) -> Sizes:
        """The shape in which ``weight`` is kept."""
        return self.kernelShape()

    def kernelShape(self) -> Sizes:
        """The shape in which the kernels see ``weight``."""
        return self.nOutputPlane, self.nInputPlane, *self.kernel()

    def biasShape(self) -> Sizes:
        """The shape of ``bias``: one number for each output plane."""
        return (self.nOutputPlane,)

    def makeParameters(self) -> None:
        """Make and draw ``weight`` and ``bias``."""
        self.numbers(self)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty(self.weightShape(), dtype), xp.zeros(self.weightShape(), dtype)
        self.bias, self.gradBias = xp.empty(self.biasShape(), dtype), xp.zeros(self.biasShape(), dtype)
        self.reset()

    def noBias(self) -> Self:
        """Take the bias away; returns the module."""
        self.bias = self.gradBias = None
        return self

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(kernel size * nInputPlane)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(prod(self.kernel()) * self.nInputPlane)
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        numbers = self.numbers(self)
        batch = batch_of(self, input, self.nInputPlane, self.dims)
        shapes = _SHAPES.get((type(self), numbers, batch.shape)) or self._shapes(numbers, batch)
        weight, bias = self.fitting("weight", "bias", shapes)
        single = batch is not input
        output = self.resizeOutput(input, shapes.output[1:] if single else shapes.output)
        self.convolve(thnn.contiguous(batch), output[None] if single else output, weight, bias, shapes.geometry)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        _, gradBatch, shapes = self.batches(input, gradOutput)
        weight, _ = self.fitting("weight", "bias", shapes)
        gradInput = self.resizeGradInput(input, gradOutput)
        self.convolveBack(gradBatch, as_batch(gradInput, self.dims), weight, shapes.geometry)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        batch, gradBatch, shapes = self.batches(input, gradOutput)
        gradWeight, gradBias = self.fitting("gradWeight", "gradBias", shapes)
        self.accumulate(batch, gradBatch, gradWeight, gradBias, shapes.geometry, 1 if scale is None else scale)
        thnn.copy_back(gradWeight, self.gradWeight)
        thnn.copy_back(gradBias, self.gradBias)

    def _shapes(self, numbers: tuple, batch: Any) -> Shapes:
        output = len(batch), self.outputPlanes(), *self.outputSize(batch)
        shapes = Shapes(output, self.kernelShape(), self.biasShape(), self.geometry())
        if type(self).outputSize is Convolution.outputSize:  # others look at more than the numbers
            if len(_SHAPES) >= MANY:
                _SHAPES.pop(next(iter(_SHAPES)), None)
            _SHAPES[type(self), numbers, batch.shape] = shapes
        return shapes

    def fitting(self, weight: str, bias: str, shapes: Shapes | None = None) -> list:
        """Two fields, the parameters or their gradients, as the kernels take them."""
        wanted = (self.kernelShape(), self.biasShape()) if shapes is None else shapes[1:3]
        found = [getattr(self, weight), getattr(self, bias)]
        for n, x in enumerate(found):
            if type(x) is not ndarray or x.shape != wanted[n] or x.dtype is not self._dtype or not x.flags.carray:
                found[n] = parameter(self, (weight, bias)[n], wanted[n])
        return found

    def outputPlanes(self) -> int:
        return self.nOutputPlane

    def convolve(self, input: Any, output: Any, weight: Any, bias: Any, geometry: tuple) -> None:
        """``output`` for a batch; all tensors are contiguous, ``weight`` is of :meth:`kernelShape`."""
        thnn.Convolution_updateOutput(input, output, weight, bias, geometry)

    def convolveBack(self, gradOutput: Any, gradInput: Any, weight: Any, geometry: tuple) -> None:
        """``gradInput`` for a batch."""
        thnn.Convolution_updateGradInput(gradOutput, gradInput, weight, geometry)

    def accumulate(
        self, input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: tuple, scale: float
    ) -> None:
        """Add to the gradients of the parameters for a batch."""
        thnn.Convolution_accGradParameters(input, gradOutput, gradWeight, gradBias, geometry, scale)

    def geometry(self) -> tuple[Sizes, Sizes, Sizes, int]:
        """Stride, padding, dilation and groups, as the kernels take them."""
        return self.stride(), self.pad(), self.dilation(), 1

    def outputSize(self, batch: Any) -> Sizes:
        """The output's size for a batch; ``ValueError`` where the kernel does not fit."""
        spans = (gap * (k - 1) + 1 for k, gap in zip(self.kernel(), self.dilation()))
        return tuple(
            convolution_size(self, batch, size, span, step, pad)
            for size, span, step, pad in zip(batch.shape[2:], spans, self.stride(), self.pad())
        )

    def batches(self, input: Any, gradOutput: Any) -> tuple[Any, Any, Shapes]:
        """Input and gradOutput as contiguous batches, and their shapes; ``ValueError`` where they do not fit."""
        numbers = self.numbers(self)
        batch = batch_of(self, input, self.nInputPlane, self.dims)
        shapes = _SHAPES.get((type(self), numbers, batch.shape)) or self._shapes(numbers, batch)
        return thnn.contiguous(batch), thnn.contiguous(self.gradOutputAs(gradOutput, shapes.output)), shapes

    def text(self, *optional: tuple[Sizes, Sizes]) -> str:
        """The printed form: planes, kernel, then (numbers, default) pairs up to the last that is not the default."""
        kernel = "x".join(map(str, reordered(self.kernel())))
        groups = [",".join(map(str, reordered(value))) for value, default in trimmed(optional)]
        numbers = ", ".join([kernel, *groups])
        return f"{registry.class_name(type(self))}({self.nInputPlane} -> {self.nOutputPlane}, {numbers})"


def reordered(sizes: Sizes) -> Sizes:
    """Sizes in the order of constructors: (height, width) -> (width, height), (t, h, w) -> (t, w, h)."""
    return (*sizes[:-2], sizes[-1], sizes[-2])


def trimmed(groups: tuple) -> list:
    """``groups`` without those at the end that have their default."""
    groups = list(groups)
    while groups and groups[-1][0] == groups[-1][1]:
        groups.pop()
    return groups
