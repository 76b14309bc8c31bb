from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..numbers import Whole
from ..utils import is_table
from .convolution_base import Convolution, Sizes
from .sizes import as_batch, batch_of, set_sizes, set_window
from .spatial_convolution import SpatialConvolution


class FullConvolution(Convolution):
    """Base of full (transposed) convolutions: forward is the gradient of a convolution with respect to its input."""

    def adj(self) -> Sizes:
        """Rows and columns that are added to the output."""
        raise NotImplementedError

    def kernelShape(self) -> Sizes:
        return self.nInputPlane, self.nOutputPlane, *self.kernel()

    def makeParameters(self) -> None:
        self.numbers(self)
        self.checkAdj()
        super().makeParameters()

    def checkAdj(self) -> None:
        """``ValueError`` unless fewer rows and columns are added than the stride."""
        if any(a >= d for a, d in zip(self.adj(), self.stride())):
            raise ValueError(f"adj must be smaller than the stride, got {self.adj()} and {self.stride()}")

    def updateOutput(self, input: Any) -> Any:
        self.numbers(self)
        x, target = self.split(input)
        batch = batch_of(self, x, self.nInputPlane, self.dims)
        weight, bias = self.fitting("weight", "bias")
        output = self.resizeOutput(x, (*x.shape[: -self.dims - 1], self.nOutputPlane, *self.sizeFor(batch, target)))
        thnn.FullConvolution_updateOutput(
            thnn.contiguous(batch), as_batch(output, self.dims), weight, bias, self.geometry()
        )
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        x, target = self.split(input)
        gradBatch = self.gradBatch(x, target, gradOutput)
        weight, _ = self.fitting("weight", "bias")
        gradX, zeros = [*self.gradInput, None, None][:2] if is_table(self.gradInput) else (self.gradInput, None)
        gradX = arrays.resized(self.unshared(gradX, x, gradOutput), x.shape, x)
        thnn.FullConvolution_updateGradInput(gradBatch, as_batch(gradX, self.dims), weight, self.geometry())
        if target is not None:
            zeros = arrays.resized(zeros, target.shape, target)
            zeros.fill(0)
        self.gradInput = gradX if target is None else [gradX, zeros]
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, target = self.split(input)
        gradBatch = self.gradBatch(x, target, gradOutput)
        batch = thnn.contiguous(as_batch(x, self.dims))
        gradWeight, gradBias = self.fitting("gradWeight", "gradBias")
        scale = 1 if scale is None else scale
        thnn.FullConvolution_accGradParameters(batch, gradBatch, gradWeight, gradBias, self.geometry(), scale)
        thnn.copy_back(gradWeight, self.gradWeight)
        thnn.copy_back(gradBias, self.gradBias)

    def split(self, input: Any) -> tuple[Any, Any]:
        """The input proper, and the tensor whose size is wanted or None."""
        if not is_table(input):
            return input, None
        if len(input) != 2 or not all(map(arrays.is_array, input)) or input[1].ndim < self.dims:
            raise ValueError(f"{self}: a table of the input and a tensor of the size expected, got {input!r:.200}")
        return input[0], input[1]

    def sizeFor(self, batch: Any, target: Any) -> Sizes:
        """The output's size; with a ``target`` the one nearest to its size that these strides can give."""
        if target is None:
            self.checkAdj()
        adj, wanted = self.adj(), (target if target is not None else batch).shape[-self.dims :]
        shape = []
        for size, t, k, d, p, a in zip(batch.shape[2:], wanted, self.kernel(), self.stride(), self.pad(), adj):
            shape.append((size - 1) * d - 2 * p + k + (a if target is None else (t + 2 * p - k) % d))
        if min(shape) < 1:
            raise ValueError(f"{self}: {arrays.describe(batch)} is too small, its output would be {shape}")
        return tuple(shape)

    def gradBatch(self, x: Any, target: Any, gradOutput: Any) -> Any:
        """gradOutput as a contiguous batch; ``ValueError`` where it does not fit the input."""
        self.numbers(self)
        batch = batch_of(self, x, self.nInputPlane, self.dims)
        shape = (len(batch), self.nOutputPlane, *self.sizeFor(batch, target))
        return thnn.contiguous(self.gradOutputAs(gradOutput, shape, exact=True))


@register
class SpatialFullConvolution(FullConvolution):
    """A full convolution (also called transposed convolution or deconvolution): every input pixel paints a kernel.

    ``output[o, y dH - padH + a, x dW - padW + b] += input[i, y, x] * weight[i, o, a, b]``, then ``+ bias[o]``

    Input: ``nInputPlane x H x W`` or ``N x nInputPlane x H x W``; output ``nOutputPlane x oH x oW``,
    ``oW = (W - 1) dW - 2 padW + kW + adjW``. Strides ``dW, dH`` are 1 by default, ``padW, padH``, which cut the border
    off, and ``adjW, adjH``, extra columns and rows (fewer than the stride), are 0; all in pixels, width first.
    ``weight`` is ``nInputPlane x nOutputPlane x kH x kW``. With the input ``[x, t]``, adj is chosen so that the output
    gets the height and width of the tensor ``t``; ``gradInput`` is then ``[gradient, zeros like t]``.

    ``ValueError`` for an adj that is too large or an output that would be empty. Source: manual chapter "convolution".
    """

    numbers = Whole(**SpatialConvolution.numbers.least, adjW=0, adjH=0)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
        adjW: int | None = None,
        adjH: int | None = None,
    ) -> None:
        super().__init__()
        self.nInputPlane, self.nOutputPlane = nInputPlane, nOutputPlane
        set_window(self, (kW, kH), (dW, dH), (padW, padH))
        set_sizes(self, "adj", (adjW, adjH), 0)
        self.makeParameters()

    def kernel(self) -> Sizes:
        return self.kH, self.kW

    def stride(self) -> Sizes:
        return self.dH, self.dW

    def pad(self) -> Sizes:
        return self.padH, self.padW

    def adj(self) -> Sizes:
        return self.adjH, self.adjW

    def __tostring__(self) -> str:
        extra = [(size, None) for size in (self.pad(), self.adj()) if any(size)]
        text = self.text((self.stride(), None if extra else (1, 1)), *extra)
        return text if self.bias is not None else f"{text} without bias"
