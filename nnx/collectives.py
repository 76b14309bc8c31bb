"""Sums and copies among devices of one process: by NCCL, which CuPy brings, or by plain copies."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np

from nn import devices
from torch7 import arrays


def collectives(places: list[int], nccl: bool) -> Copies:
    """What adds and copies among these devices; without NCCL a warning, and copies."""
    if not nccl or len(set(places)) < len(places):
        return Copies(places)
    if not arrays.cupy().cuda.nccl.available:
        warnings.warn(
            "NCCL is not there (pip install nvidia-nccl-cu13); parameters are copied without it", stacklevel=2
        )
        return Copies(places)
    return Nccl(places)


class Copies:
    """A copy to or from the first device for each other one."""

    def __init__(self, places: list[int]) -> None:
        self.places = places
        self.rooms: dict[tuple, Any] = {}

    def broadcast(self, tensors: list) -> None:
        """Copy the first tensor to the others, one on each device."""
        for x in tensors[1:]:
            devices.copy(x, tensors[0])

    def reduce(self, tensors: list) -> None:
        """Add the others to the first one, in their order."""
        first = tensors[0]
        with devices.at(self.places[0]):
            for x in tensors[1:]:
                room = self._room(first)
                devices.copy(room, x)
                first += room

    def _room(self, like: Any) -> Any:
        key = like.shape, like.dtype
        if key not in self.rooms:
            self.rooms[key] = arrays.cupy().empty(*key)
        return self.rooms[key]


class Nccl(Copies):
    """NCCL's broadcast and reduce, in place, on the streams of the devices."""

    def broadcast(self, tensors: list) -> None:
        if not self._takes(tensors):
            return super().broadcast(tensors)
        return self._group(lambda comm, x, kind, stream: comm.bcast(x.data.ptr, x.size, kind, 0, stream), tensors)

    def reduce(self, tensors: list) -> None:
        if not self._takes(tensors):
            return super().reduce(tensors)
        add = arrays.cupy().cuda.nccl.NCCL_SUM
        return self._group(
            lambda comm, x, kind, stream: comm.reduce(x.data.ptr, x.data.ptr, x.size, kind, add, 0, stream), tensors
        )

    def _takes(self, tensors: list) -> bool:
        return all(x.flags.c_contiguous and x.dtype in (np.float32, np.float64) for x in tensors)

    def _group(self, call: Any, tensors: list) -> None:
        """One call a device, as one group, since one thread makes them all."""
        if not tensors[0].size:
            return
        cuda = arrays.cupy().cuda
        kind = cuda.nccl.NCCL_FLOAT32 if tensors[0].dtype == np.float32 else cuda.nccl.NCCL_FLOAT64
        communicators = _communicators(tuple(self.places))
        cuda.nccl.groupStart()
        try:
            for communicator, x, place in zip(communicators, tensors, self.places):
                with devices.at(place):
                    call(communicator, x, kind, cuda.get_current_stream().ptr)
        finally:
            cuda.nccl.groupEnd()


@cache
def _communicators(places: tuple[int, ...]) -> list:
    return arrays.cupy().cuda.nccl.NcclCommunicator.initAll([place - 1 for place in places])
