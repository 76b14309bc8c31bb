"""Stands in for ``cupy.cuda.nccl``: communicators of one process, whose calls of a group are done at its end."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

available = True
NCCL_FLOAT32, NCCL_FLOAT64, NCCL_SUM = 7, 8, 0
NCCL_FLOAT, NCCL_DOUBLE = NCCL_FLOAT32, NCCL_FLOAT64
TYPES = {NCCL_FLOAT32: np.float32, NCCL_FLOAT64: np.float64}
#: Calls of the group that is open: rank -> its calls, in order.
_group: dict[int, list[tuple]] | None = None
#: Names of the operations that were done.
done: list[str] = []


def groupStart() -> None:
    global _group
    _group = {}


def groupEnd() -> None:
    global _group
    calls, _group = _group, None
    for together in zip(*calls.values(), strict=True):
        names = {call[0] for call in together}
        if len(names) != 1 or len({call[3:] for call in together}) != 1:
            raise RuntimeError("NCCL_ERROR_INVALID_USAGE: the ranks of a group call different operations")
        _do(names.pop(), together)


def _do(name: str, together: tuple) -> None:
    done.append(name)
    _, _, _, count, dtype, root, ranks = together[0]
    if len(together) != ranks:
        raise RuntimeError(f"NCCL_ERROR_INVALID_USAGE: {len(together)} of {ranks} ranks: on a GPU this hangs")
    sent = [_at(call[1], count, dtype).copy() for call in together]
    if name == "reduce":
        _at(together[root][2], count, dtype)[...] = np.sum(sent, 0)
    else:
        for call in together:
            _at(call[2], count, dtype)[...] = sent[root]


def _at(address: int, count: int, dtype: int) -> np.ndarray:
    kind = np.dtype(TYPES[dtype])
    return np.frombuffer((ctypes.c_char * (count * kind.itemsize)).from_address(address), kind)


class NcclCommunicator:
    def __init__(self, ranks: int, rank: int, device: int) -> None:
        self.ranks, self.rank, self.device = ranks, rank, device

    @staticmethod
    def initAll(devices: Any) -> list[NcclCommunicator]:
        devices = list(range(devices)) if isinstance(devices, int) else list(devices)
        if len(set(devices)) < len(devices):
            raise RuntimeError("NCCL_ERROR_INVALID_USAGE: a device twice")
        return [NcclCommunicator(len(devices), rank, device) for rank, device in enumerate(devices)]

    def reduce(self, send: int, to: int, count: int, dtype: int, op: int, root: int, stream: int) -> None:
        self._call("reduce", send, to, count, dtype, root)

    def bcast(self, buffer: int, count: int, dtype: int, root: int, stream: int) -> None:
        self._call("bcast", buffer, buffer, count, dtype, root)

    def _call(self, *call: Any) -> None:
        if _group is None:
            raise RuntimeError("NCCL: one thread calls several ranks outside of a group: on a GPU this hangs")
        _group.setdefault(self.rank, []).append((*call, self.ranks))
