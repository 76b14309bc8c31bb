"""What poolings share: windows over planes, and output sizes that are rounded down or up."""

from __future__ import annotations

from typing import Any, TypeVar

from torch7 import arrays, registry

from ..module import Module
from ..numbers import Whole
from .sizes import pooling_size, set_window

Self = TypeVar("Self", bound="Pooling")


class Pooling(Module):
    """Base of poolings whose output sizes are rounded down, or up after :meth:`ceil`."""

    ceil_mode = False

    def ceil(self: Self) -> Self:
        """Round output sizes up: windows may reach over the border. Returns the module."""
        self.ceil_mode = True
        return self

    def floor(self: Self) -> Self:
        """Round output sizes down, the default. Returns the module."""
        self.ceil_mode = False
        return self


class SpatialPooling(Pooling):
    """Base of poolings of planes over windows of ``kW x kH``, which move by ``dW, dH``, with borders ``padW, padH``."""

    numbers = Whole(kW=1, kH=1, dW=1, dH=1, padW=0, padH=0)

    def setWindow(self, kernel: tuple, stride: tuple, pad: tuple, step: int | None) -> None:
        """Set the window, with strides of ``step`` (None: the kernel's size) where none are given, and check it."""
        set_window(self, kernel, stride, pad, step)
        self.ceil_mode = False
        self.numbers(self)

    def _geometry(self) -> tuple:
        return self.kW, self.kH, self.dW, self.dH, self.padW, self.padH

    def _span(self) -> tuple[int, int]:
        """Height and width of a window."""
        return self.kH, self.kW

    def _outputSize(self, batch: Any) -> tuple[int, int]:
        self.numbers(self)
        if self.padW > self.kW // 2 or self.padH > self.kH // 2:
            raise ValueError(f"{self}: pad should be at most half of the kernel size")
        padded = bool(self.padW or self.padH)
        spanH, spanW = self._span()
        height = pooling_size(batch.shape[2], spanH, self.dH, self.padH, self.ceil_mode, padded)
        width = pooling_size(batch.shape[3], spanW, self.dW, self.padW, self.ceil_mode, padded)
        if height < 1 or width < 1:
            raise ValueError(f"{self}: {arrays.describe(batch)} is too small, its output would be {height}x{width}")
        return height, width

    def __tostring__(self) -> str:
        text = f"{registry.class_name(type(self))}({self.kW}x{self.kH}, {self.dW},{self.dH}"
        return text + (f", {self.padW},{self.padH})" if (self.padW, self.padH) != (0, 0) else ")")
