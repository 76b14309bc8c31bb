"""What layers on sequences of frames share."""

from __future__ import annotations

from typing import Any

from torch7 import arrays


def sequences_of(module: Any, input: Any, features: int | None = None) -> Any:
    """``input`` as a batch of sequences, ``N x T x F``: one sequence, ``T x F``, becomes a batch of one.

    ``ValueError`` for another rank or number of features (``None``: any number).
    """
    module.checkType(input)
    if input.ndim not in (2, 3):
        raise ValueError(f"{module}: 2D or 3D (batch mode) tensor expected for input, got {arrays.describe(input)}")
    if features not in (None, input.shape[-1]):
        raise ValueError(f"{module}: invalid input frame size, got {arrays.describe(input)}, expected {features}")
    return as_sequences(input)


def as_sequences(x: Any) -> Any:
    """A sequence as a batch of one; a batch as it is."""
    return x if x.ndim == 3 else x[None]


def frames_of(module: Any, batch: Any, kW: int, dW: int) -> int:
    """The number of windows of ``kW`` frames, ``dW`` apart; ``ValueError`` where not even one fits."""
    if batch.shape[1] < kW:
        raise ValueError(f"{module}: input sequence smaller than kernel size, got {batch.shape[1]}, expected {kW}")
    return (batch.shape[1] - kW) // dW + 1
