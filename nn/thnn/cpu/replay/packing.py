"""Recordings in which the weights of convolutions are packed once.

Packing is a call of its own. It is made while it is recorded, into memory that nobody else uses afterwards, and is no
part of what is run again: for networks whose weights do not change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..conv.channels_last.packed_weights import pack
from ..conv.winograd import sequences
from ..conv.winograd.transformed_weights import transform_weights, transform_weights_back
from ..runtime import workspace
from ..runtime.parallel import alone, launch
from .recorder import Launch, record

PACKING = pack, transform_weights, transform_weights_back, sequences.transform, sequences.transform_back
#: The label of packed weights in the workspace.
LABEL = "weights"


def is_packing(call: Launch) -> bool:
    """Whether a call packs weights."""
    regions = call.kernel in (alone, launch)
    return regions and any(call.arguments[0] in kind.addresses.values() for x in PACKING for kind in (x, x.halved))


def record_packed(run: Callable[[], Any]) -> tuple[list[Launch], Any]:
    """As :func:`recorder.record`, without the packing."""

    def then(call: Launch) -> None:
        if is_packing(call):
            kept.extend(_taken_away())

    kept: list = []
    _taken_away()
    launches, result = record(run, then)
    return [call for call in launches if not is_packing(call)], (result, kept)


def _taken_away() -> list:
    """The buffer of packed weights, which the workspace no longer has."""
    owner = workspace.take.__self__
    owner.views.pop(LABEL, None)
    buffer = owner.buffers.pop(LABEL, None)
    return [] if buffer is None else [buffer]
