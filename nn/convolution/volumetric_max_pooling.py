from __future__ import annotations

from typing import Any, Self

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..numbers import Whole
from .places import Places
from .pooling_base import Pooling
from .sizes import batch_of, check_indices, indices_for, pooling_size, set_sizes, set_window, upgrade_steps


def boxes(x: Any) -> Any:
    """Planes of a contiguous sample or batch of volumes: planes x T x H x W."""
    return x.reshape(-1, *x.shape[-3:])


@register
class VolumetricMaxPooling(Places, Pooling):
    """The largest element of every ``kT x kW x kH`` box.

    The box moves by ``dT, dW, dH`` (default: its size) over volumes with borders ``padT, padW, padH`` (0; at most half
    the box); arguments come in the order T, W, H, tensors in the order T, H, W. Input: ``C x T x H x W`` or ``N x C x T
    x H x W``; output sizes ``floor((T - kT + 2 padT) / dT) + 1`` and so on, or with ceil after :meth:`ceil`.
    ``indices`` holds the offset of each maximum in its box, counted from 0, packed as ``t + 256 h + 65536 w``; the
    first of several wins. ``ValueError`` for an input without 4 or 5 dimensions, for a volume smaller than the window
    and for a larger border; ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    dilationT = dilationW = dilationH = 1
    numbers = Whole(kT=1, kW=1, kH=1, dT=1, dW=1, dH=1, padT=0, padW=0, padH=0, dilationT=1, dilationW=1, dilationH=1)

    def __init__(
        self,
        kT: int,
        kW: int,
        kH: int,
        dT: int | None = None,
        dW: int | None = None,
        dH: int | None = None,
        padT: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        set_window(self, (kT, kW, kH), (dT, dW, dH), (padT, padW, padH), step=None)
        self.ceil_mode = False
        self._checkBox()
        self.indices = arrays.module_of(self._type).empty(0, np.int64)

    def updateOutput(self, input: Any) -> Any:
        batch = batch_of(self, input, None, 3)
        self.itime, self.iheight, self.iwidth = batch.shape[2:]
        shape = (*input.shape[:-3], *self._outputSize(batch))
        output = self.resizeOutput(input, shape)
        thnn.VolumetricMaxPooling_updateOutput(
            boxes(thnn.contiguous(batch)),
            boxes(output),
            boxes(self.resizeIndices(shape, input)),
            self._size(),
            self._step(),
            self._pad(),
            self._gap(),
        )
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape = (*input.shape[:-3], *self._outputSize(batch_of(self, input, None, 3)))
        gradOutput, indices = thnn.contiguous(self.gradOutputAs(gradOutput, shape)), indices_for(self, shape)
        gradInput = self.resizeGradInput(input, gradOutput)
        outside = thnn.VolumetricMaxPooling_updateGradInput(
            *map(boxes, (gradOutput, gradInput, indices)), self._step(), self._pad(), self._gap(), self._size()
        )
        check_indices(self, outside, input)
        return gradInput

    def _size(self) -> tuple[int, int, int]:
        return self.kT, self.kH, self.kW

    def _step(self) -> tuple[int, int, int]:
        return self.dT, self.dH, self.dW

    def _pad(self) -> tuple[int, int, int]:
        return self.padT, self.padH, self.padW

    def _gap(self) -> tuple[int, int, int]:
        return self.dilationT, self.dilationH, self.dilationW

    def _checkBox(self) -> None:
        """Raise unless the numbers are in range: offsets in a box are packed into a byte each."""
        self.numbers(self)
        if max(self._size()) > 256:
            raise ValueError(f"boxes are at most 256 long, got {self.kT}x{self.kW}x{self.kH}")

    def _outputSize(self, batch: Any) -> tuple[int, ...]:
        self._checkBox()
        if any(pad > k // 2 for pad, k in zip(self._pad(), self._size())):
            raise ValueError(f"{self}: pad should be at most half of the kernel size")
        padded = any(self._pad())
        spans = [gap * (k - 1) + 1 for k, gap in zip(self._size(), self._gap())]
        sizes = tuple(
            pooling_size(size, span, step, pad, self.ceil_mode, padded)
            for size, span, step, pad in zip(batch.shape[2:], spans, self._step(), self._pad())
        )
        if min(sizes) < 1:
            raise ValueError(f"{self}: {arrays.describe(batch)} is too small, its output would be {sizes}")
        return sizes

    def empty(self) -> VolumetricMaxPooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def clearState(self) -> Self:
        self.indices = arrays.array_module(self.indices).empty(0, np.int64)
        return super().clearState()

    def __tostring__(self) -> str:
        text = f"{registry.class_name(type(self))}({self.kT}x{self.kW}x{self.kH}, {self.dT},{self.dW},{self.dH}"
        return text + (f", {self.padT},{self.padW},{self.padH})" if any(self._pad()) else ")")


@register
class VolumetricDilatedMaxPooling(VolumetricMaxPooling):
    """:class:`VolumetricMaxPooling` over boxes whose voxels are ``dilationT, dilationW, dilationH`` apart (default 1).

    Errors as there. Source: manual chapter "convolution".
    """

    def __init__(
        self,
        kT: int,
        kW: int,
        kH: int,
        dT: int | None = None,
        dW: int | None = None,
        dH: int | None = None,
        padT: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
        dilationT: int | None = None,
        dilationW: int | None = None,
        dilationH: int | None = None,
    ) -> None:
        super().__init__(kT, kW, kH, dT, dW, dH, padT, padW, padH)
        set_sizes(self, "dilation", (dilationT, dilationW, dilationH), 1)
        self.numbers(self)

    def __tostring__(self) -> str:
        return super().__tostring__()[:-1] + f", {self.dilationT},{self.dilationW},{self.dilationH})"


@registry.upgrade(VolumetricMaxPooling)
def _upgrade(module: VolumetricMaxPooling, fields: dict) -> None:
    """Old files have no ceil_mode and no borders."""
    for name, default in (("ceil_mode", False), ("padT", 0), ("padW", 0), ("padH", 0)):
        if fields.get(name) is None:
            fields[name] = default
    if not arrays.is_array(fields.get("indices")):
        fields["indices"] = np.empty(0, np.int64)


registry.upgrade(VolumetricMaxPooling)(upgrade_steps)
