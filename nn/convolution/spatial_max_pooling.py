from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import thnn
from ..doors import register
from ..module import Module
from .planes import as_batch, batch_of, gradient_for, places_for, pooled, positive, refuse_places


@register
class SpatialMaxPooling(Module):
    """The largest element of every ``kW x kH`` window.

    The window moves by ``dW, dH`` over planes with borders ``padW, padH``, all in pixels.
    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x oH x oW``, ``oW = floor((W - kW + 2 padW) / dW) + 1``, or
    with ceil after :meth:`ceil`. Strides default to the kernel, borders to 0; a border may be at most half the kernel.
    ``indices`` holds the place of each maximum in its plane, ``row W + column + 1``; the first of several wins.
    Source: manual chapter "convolution".
    """

    ceil_mode = False

    def __init__(
        self,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        self.kW, self.kH = kW, kH
        self.dW = kW if dW is None else dW
        self.dH = kH if dH is None else dH
        self.padW = 0 if padW is None else padW
        self.padH = 0 if padH is None else padH
        self.ceil_mode = False
        self.indices = arrays.module_of(self._type).empty(0, "int64")

    def ceil(self) -> SpatialMaxPooling:
        """Round output sizes up: windows may reach over the border. Returns the module."""
        self.ceil_mode = True
        return self

    def floor(self) -> SpatialMaxPooling:
        """Round output sizes down, the default. Returns the module."""
        self.ceil_mode = False
        return self

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 2)
        self.iheight, self.iwidth = batch.shape[2:]
        shape = (*input.shape[:-2], *self._outputSize(batch))
        output = self.resizeOutput(input, shape)
        if self.indices.shape != shape or self.indices.dtype != "int64":
            self.indices = arrays.array_module(input).empty(shape, "int64")
        self._pool(thnn.contiguous(batch), as_batch(output), as_batch(self.indices))
        return output

    def _pool(self, input: Any, output: Any, indices: Any) -> None:
        thnn.SpatialMaxPooling_updateOutput(input, output, indices, *self._geometry())

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape = (*input.shape[:-2], *self._outputSize(batch_of(self, input, None, 2)))
        gradOutput, indices = gradient_for(self, gradOutput, shape), places_for(self, shape)
        gradInput = self.resizeGradInput(input, gradOutput)
        outside = thnn.SpatialMaxPooling_updateGradInput(*map(as_batch, (gradOutput, gradInput, indices)))
        refuse_places(self, outside, input)
        return gradInput

    def _geometry(self) -> tuple[int, ...]:
        return self.kW, self.kH, self.dW, self.dH, self.padW, self.padH

    def _span(self) -> tuple[int, int]:
        """Height and width of a window."""
        return self.kH, self.kW

    def _outputSize(self, batch: Any) -> tuple[int, int]:
        if self.padW > self.kW // 2 or self.padH > self.kH // 2:
            raise ValueError(f"{self}: pad should be at most half of the kernel size")
        padded = bool(self.padW or self.padH)
        spanH, spanW = self._span()
        positive(self, self.kW, self.kH, self.dW, self.dH)
        height = pooled(batch.shape[2], spanH, self.dH, self.padH, self.ceil_mode, padded)
        width = pooled(batch.shape[3], spanW, self.dW, self.padW, self.ceil_mode, padded)
        if height < 1 or width < 1:
            raise ValueError(f"{self}: {arrays.describe(batch)} is too small, its output would be {height}x{width}")
        return height, width

    def empty(self) -> SpatialMaxPooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def clearState(self) -> SpatialMaxPooling:
        self.indices = self.indices[:0].reshape(-1).copy()
        return super().clearState()

    def __tostring__(self) -> str:
        text = f"{registry.class_name(type(self))}({self.kW}x{self.kH}, {self.dW},{self.dH}"
        return text + (f", {self.padW},{self.padH})" if (self.padW, self.padH) != (0, 0) else ")")


@registry.reader(SpatialMaxPooling)
def _upgrade(module: SpatialMaxPooling, fields: dict) -> None:
    """Old files have no ceil_mode, borders or indices."""
    for name, default in (("ceil_mode", False), ("padW", 0), ("padH", 0)):
        if fields.get(name) is None:
            fields[name] = default
    if not arrays.is_array(fields.get("indices")):
        fields["indices"] = arrays.module_of("torch.LongTensor").empty(0, "int64")
