"""Shuffles of pixels and channels (manual, "Vision layers", "Shuffle layers")."""

from __future__ import annotations

from typing import Any

from . import functional as F
from .module import Module


class PixelShuffle(Module):
    """(..., C r^2, H, W) to (..., C, H r, W r) for r = ``upscale_factor``."""

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        return F.pixel_shuffle(input, self.upscale_factor, out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.pixel_shuffle_backward(gradOutput, input, self.upscale_factor, out=self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """The inverse of :class:`PixelShuffle` for ``downscale_factor``."""

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        return F.pixel_unshuffle(input, self.downscale_factor, out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.pixel_unshuffle_backward(gradOutput, input, self.downscale_factor, out=self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channels of (N, C, ...) in ``groups`` runs, dealt out one from each in turn."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Any) -> Any:
        return F.channel_shuffle(input, self.groups)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.channel_shuffle_backward(gradOutput, input, self.groups)[0]

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
