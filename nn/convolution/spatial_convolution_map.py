from __future__ import annotations

from math import sqrt
from typing import Any, Self

import numpy as np

from torch7 import arrays
from torch7.random import uniform

from .. import thnn
from ..extension import register
from ..module import Module
from ..numbers import Whole
from .sizes import as_batch, batch_of, convolution_size, parameter, set_window

NUMBERS = Whole(nInputPlane=1, nOutputPlane=1, kW=1, kH=1, dW=1, dH=1)


class ConnectedPlanes(Module):
    """Base of convolutions whose ``connTable`` says which input plane each kernel reads and which output it adds to."""

    def __init__(self, connTable: Any, kW: int, kH: int, dW: int | None = None, dH: int | None = None) -> None:
        super().__init__()
        set_window(self, (kW, kH), (dW, dH))
        table = connTable if arrays.is_array(connTable) else np.asarray(connTable)
        if table.ndim != 2 or table.shape[1] != 2 or not len(table) or (table < 1).any() or (table % 1 != 0).any():
            raise ValueError(f"connTable: rows (input plane, output plane) from 1 expected, got {connTable!r:.200}")
        xp = arrays.module_of(self._type)
        self.connTable = xp.array(table, self._dtype)
        self.nInputPlane, self.nOutputPlane = (int(n) for n in self.connTable.max(0))
        NUMBERS(self)
        shape = (len(table), self.kH, self.kW)
        self.weight, self.gradWeight = xp.empty(shape, self._dtype), xp.zeros(shape, self._dtype)
        self.bias, self.gradBias = xp.empty(self.nOutputPlane, self._dtype), xp.zeros(self.nOutputPlane, self._dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s).

        s = stdv * sqrt(3), or 1 / sqrt(kernel size * number of the connections of the output plane).
        """
        outputs = self.connections()[:, 1]
        incoming = np.bincount(outputs, minlength=self.nOutputPlane).clip(1)
        bounds = [1 / sqrt(self.kW * self.kH * n) if stdv is None else stdv * sqrt(3) for n in incoming]
        for o, kernel in zip(outputs, self.weight):
            uniform(kernel, -bounds[o], bounds[o])
        for o, bound in enumerate(bounds):
            uniform(self.bias[o : o + 1], -bound, bound)
        return self

    def decayParameters(self, decay: float) -> None:
        """Take ``decay`` times themselves off weight and bias."""
        self.weight -= decay * self.weight
        self.bias -= decay * self.bias

    def updateOutput(self, input: Any) -> Any:
        batch = self.batch(input)
        weight, bias = self.fitting("weight", "bias")
        output = self.resizeOutput(input, (*input.shape[:-3], self.nOutputPlane, *self.outputSize(batch)))
        updateOutput, _, _ = self.kernels()
        updateOutput(batch, as_batch(output), weight, bias, *self.geometry())
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradBatch = self.gradBatch(self.batch(input), gradOutput)
        weight, _ = self.fitting("weight", "bias")
        gradInput = self.resizeGradInput(input, gradOutput)
        _, updateGradInput, _ = self.kernels()
        updateGradInput(gradBatch, as_batch(gradInput), weight, *self.geometry())
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        batch = self.batch(input)
        gradBatch = self.gradBatch(batch, gradOutput)
        gradWeight, gradBias = self.fitting("gradWeight", "gradBias")
        scale = 1 if scale is None else scale
        _, _, accGradParameters = self.kernels()
        accGradParameters(batch, gradBatch, gradWeight, gradBias, *self.geometry(), scale)
        thnn.copy_back(gradWeight, self.gradWeight)
        thnn.copy_back(gradBias, self.gradBias)

    def fitting(self, weight: str, bias: str) -> tuple[Any, Any]:
        """Two fields, the parameters or their gradients, as the kernels take them."""
        shape = (len(self.connections()), self.kH, self.kW)
        return parameter(self, weight, shape), parameter(self, bias, (self.nOutputPlane,))

    def kernels(self) -> tuple[Any, Any, Any]:
        """The entries of the layer's operation: updateOutput, updateGradInput, accGradParameters."""
        raise NotImplementedError

    def geometry(self) -> tuple:
        """Connections from 0 and the strides, as the kernels take them."""
        return self.connections(), self.dW, self.dH

    def connections(self) -> Any:
        table = self.connTable
        if not arrays.is_array(table) or table.ndim != 2 or table.shape[1] != 2 or not len(table):
            raise ValueError(f"{self}: connTable must have rows (input plane, output plane), got {table!r:.80}")
        places = np.ascontiguousarray(arrays.moved(table, np, table.dtype), np.int64) - 1
        if places.min() < 0 or (places.max(0) >= (self.nInputPlane, self.nOutputPlane)).any():
            planes = f"{self.nInputPlane} -> {self.nOutputPlane}"
            raise ValueError(f"{self}: connTable names planes that are not there, {planes}")
        return places

    def batch(self, input: Any) -> Any:
        """``input`` as a contiguous batch; planes beyond those of the table are allowed."""
        NUMBERS(self)
        batch = batch_of(self, input, None, 2)
        if batch.shape[1] < self.nInputPlane:
            raise ValueError(
                f"{self}: invalid number of input planes, got {arrays.describe(input)}, expected {self.nInputPlane}"
            )
        return thnn.contiguous(batch)

    def gradBatch(self, batch: Any, gradOutput: Any) -> Any:
        """gradOutput as a contiguous batch; ``ValueError`` where it does not fit the input."""
        shape = (len(batch), self.nOutputPlane, *self.outputSize(batch))
        return thnn.contiguous(self.gradOutputAs(gradOutput, shape, exact=True))

    def outputSize(self, batch: Any) -> tuple[int, int]:
        raise NotImplementedError


@register
class SpatialConvolutionMap(ConnectedPlanes):
    """A convolution of planes in which each output sees only some inputs, those of ``connTable``:

    ``output[o, y, x] = bias[o] + sum over rows k = (i, o), a, b of weight[k, a, b] * input[i, y dH + a, x dW + b]``

    ``connTable``: rows (input plane, output plane), from 1; ``nn.tables`` makes them. Input: ``C x H x W`` or
    ``N x C x H x W``, C at least the largest input plane named; output ``nOutputPlane x oH x oW``,
    ``oW = floor((W - kW) / dW) + 1``. Kernel ``kW x kH`` and strides ``dW, dH`` (default 1) in pixels. ``weight`` has
    a ``kH x kW`` kernel for each row. ``ValueError`` for images smaller than the kernel.
    Source: manual chapter "convolution".
    """

    def outputSize(self, batch: Any) -> tuple[int, int]:
        height = convolution_size(self, batch, batch.shape[2], self.kH, self.dH, 0)
        return height, convolution_size(self, batch, batch.shape[3], self.kW, self.dW, 0)

    def kernels(self) -> tuple[Any, Any, Any]:
        return (
            thnn.SpatialConvolutionMap_updateOutput,
            thnn.SpatialConvolutionMap_updateGradInput,
            thnn.SpatialConvolutionMap_accGradParameters,
        )


@register
class SpatialFullConvolutionMap(ConnectedPlanes):
    """The full (transposed) form of :class:`SpatialConvolutionMap`: every input pixel paints a kernel.

    ``output[o, y dH + a, x dW + b] += weight[k, a, b] * input[i, y, x]`` for rows k = (i, o), then ``+ bias[o]``

    Arguments, ``weight`` and input as there; output ``nOutputPlane x ((H - 1) dH + kH) x ((W - 1) dW + kW)``. Errors as
    there. Source: manual chapter "convolution".
    """

    def outputSize(self, batch: Any) -> tuple[int, int]:
        return (batch.shape[2] - 1) * self.dH + self.kH, (batch.shape[3] - 1) * self.dW + self.kW

    def kernels(self) -> tuple[Any, Any, Any]:
        return (
            thnn.SpatialFullConvolutionMap_updateOutput,
            thnn.SpatialFullConvolutionMap_updateGradInput,
            thnn.SpatialFullConvolutionMap_accGradParameters,
        )
