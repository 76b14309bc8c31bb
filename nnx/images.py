"""What layers on images share."""

from __future__ import annotations

from typing import Any

from torch7 import arrays


def images(module: Any, input: Any, what: str = "input") -> Any:
    """``input`` as ``N x C x H x W``; ``ValueError`` unless it has 3 or 4 dimensions and elements."""
    module.checkType(input, what)
    if input.ndim not in (3, 4) or not input.size:
        raise ValueError(f"{module}: {what} must be C x H x W or N x C x H x W, got {arrays.describe(input)}")
    return input if input.ndim == 4 else input[None]
