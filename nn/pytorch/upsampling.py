"""Upsample and its two older forms (manual, "Vision layers")."""

from __future__ import annotations

from typing import Any

from . import functional as F
from .module import Module


class Upsample(Module):
    """(N, C, one to three sizes) resampled to ``size``, or to its sizes times ``scale_factor``; see F.interpolate."""

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor: Any = tuple(map(float, scale_factor))
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode, self.align_corners, self.recompute_scale_factor = mode, align_corners, recompute_scale_factor

    def settings(self) -> tuple:
        return self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor

    def forward(self, input: Any) -> Any:
        return F.interpolate(input, *self.settings(), out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.interpolate_backward(gradOutput, input, *self.settings(), out=self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        scaled = self.scale_factor is not None
        sizes = f"scale_factor={self.scale_factor!r}" if scaled else f"size={self.size!r}"
        return f"{sizes}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """:class:`Upsample` of planes with mode 'nearest'."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """:class:`Upsample` of planes with mode 'bilinear' and aligned corners."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
