"""What layers with a table of two tensors share: the check of the pair, and buffers for its gradients."""

from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


def pair(module: Any, input: Any, what: str) -> tuple[Any, Any]:
    """The two tensors of ``input``; ``TypeError`` unless it is a table of two of the module's type."""
    if not nn.utils.is_table(input) or len(table := nn.utils.sequence(input, module)) != 2:
        raise TypeError(f"{module}: input must be a table of {what}, got {arrays.describe(input)}")
    for x in table:
        module.checkType(x)
    return table[0], table[1]


def gradients(module: Any, tensors: Any) -> list:
    """``module.gradInput`` as a list of buffers, one in the shape of each of ``tensors``."""
    held = module.gradInput
    held = held if isinstance(held, list) and len(held) == len(tensors) else [None] * len(tensors)
    module.gradInput = [module.resized(buffer, x.shape) for buffer, x in zip(held, tensors)]
    return module.gradInput


def empties(module: Any) -> list:
    """A table of two tensors without elements, as a constructor leaves it."""
    return [arrays.empty(module._type), arrays.empty(module._type)]


def no_gradient(module: Any, x: Any) -> Any:
    """Zeros in the shape of ``x``, the second input, which has no gradient: the second of ``module.gradInput`` if it
    fits.
    """
    held = module.gradInput[1] if isinstance(module.gradInput, list) and len(module.gradInput) == 2 else None
    zeros = module.resized(held, x.shape)
    zeros.fill(0)
    return zeros
