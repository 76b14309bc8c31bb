"""Index: slices of a tensor at given positions; here the way back, where positions may repeat."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cpu.runtime.jit import kernel


@kernel
def _add_slices(dy, dx, places):
    for o in range(dx.shape[0]):
        for k in range(places.size):
            source, target = dy[o, k], dx[o, places[k]]
            for i in range(target.size):
                target[i] += source[i]


def Index_updateGradInput(gradOutput: Any, gradInput: Any, places: Any, axis: int) -> None:
    """Add every slice of ``gradOutput`` along ``axis`` to the slice of ``gradInput`` at its 0-based place."""
    outer, inner = prod(gradInput.shape[:axis]), prod(gradInput.shape[axis + 1 :])
    dy = gradOutput.reshape(outer, places.size, inner)
    _add_slices(dy, gradInput.reshape(outer, gradInput.shape[axis], inner), places)
