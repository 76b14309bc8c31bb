from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from .places import Places
from .pooling_base import SpatialPooling
from .sizes import as_batch, batch_of, check_indices, indices_for, upgrade_steps


@register
class SpatialMaxPooling(Places, SpatialPooling):
    """The largest element of every ``kW x kH`` window.

    The window moves by ``dW, dH`` over planes with borders ``padW, padH``, all in pixels. Input: ``C x H x W`` or ``N x
    C x H x W``; output ``C x oH x oW``, ``oW = floor((W - kW + 2 padW) / dW) + 1``, or with ceil after :meth:`ceil`.
    Strides default to the kernel, borders to 0; a border may be at most half the kernel. ``indices`` holds the place of
    each maximum in its plane, ``row W + column + 1``; the first of several wins. ``ValueError`` for an input without 3
    or 4 dimensions, for an image smaller than the window and for a larger border; ``TypeError`` for another type.
    Source: manual chapter "convolution".
    """

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
        self.setWindow((kW, kH), (dW, dH), (padW, padH), step=None)
        self.indices = arrays.module_of(self._type).empty(0, "int64")

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 2)
        self.iheight, self.iwidth = batch.shape[2:]
        shape = (*input.shape[:-2], *self._outputSize(batch))
        output = self.resizeOutput(input, shape)
        indices = self.resizeIndices(shape, input)
        self._pool(thnn.contiguous(batch), as_batch(output), as_batch(indices))
        return output

    def _pool(self, input: Any, output: Any, indices: Any) -> None:
        thnn.SpatialMaxPooling_updateOutput(input, output, indices, self._geometry())

    def _gaps(self) -> tuple[int, int]:
        """How far apart neighbours in a window are, (height, width)."""
        return 1, 1

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape = (*input.shape[:-2], *self._outputSize(batch_of(self, input, None, 2)))
        gradOutput, indices = thnn.contiguous(self.gradOutputAs(gradOutput, shape)), indices_for(self, shape)
        gradInput = self.resizeGradInput(input, gradOutput)
        batches = map(as_batch, (gradOutput, gradInput, indices))
        outside = thnn.SpatialMaxPooling_updateGradInput(*batches, self._geometry(), self._gaps())
        check_indices(self, outside, input)
        return gradInput

    def empty(self) -> SpatialMaxPooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def clearState(self) -> Self:
        self.indices = self.indices[:0].reshape(-1).copy()
        return super().clearState()


@registry.upgrade(SpatialMaxPooling)
def _upgrade(module: SpatialMaxPooling, fields: dict) -> None:
    """Old files have no ceil_mode, borders or indices."""
    for name, default in (("ceil_mode", False), ("padW", 0), ("padH", 0)):
        if fields.get(name) is None:
            fields[name] = default
    if not arrays.is_array(fields.get("indices")):
        fields["indices"] = arrays.module_of("torch.LongTensor").empty(0, "int64")


registry.upgrade(SpatialMaxPooling)(upgrade_steps)
