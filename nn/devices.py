"""Tensors and modules on one GPU or another. Devices count from 1, as in cutorch."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from torch7 import arrays

from . import utils
from .storage import layout, replace_arrays, storage_of, view_of


def at(device: int) -> AbstractContextManager:
    """While it lasts, ``device`` is the current one: new tensors are made there, and kernels run there."""
    return arrays.cupy().cuda.Device(device - 1)


def device_of(x: Any) -> int | None:
    """The device of the first tensor of a nested table; None on the CPU."""
    if utils.is_table(x):
        return next((d for d in (device_of(x[k]) for k in utils.keys(x)) if d is not None), None)
    device = getattr(x, "device", None)
    return device.id + 1 if hasattr(device, "id") else None


def on_device(x: Any, device: int) -> Any:
    """A nested table with its tensors on ``device``: themselves where they are there, or on the CPU, else copies."""
    if isinstance(x, dict):
        return {k: on_device(v, device) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return [on_device(v, device) for v in x]
    if device_of(x) in (None, device):
        return x
    with at(device):
        return arrays.cupy().array(x)


def move(obj: Any, device: int) -> Any:
    """Move every tensor of a module or nested table to ``device``, keeping what shares memory shared."""
    storages: dict[int, tuple] = {}

    def swap(x: Any) -> Any:
        if device_of(x) in (None, device):
            return x
        storage = storage_of(x)
        if id(storage) not in storages:
            storages[id(storage)] = storage, on_device(storage, device)
        return view_of(storages[id(storage)][1], *layout(x, storage))

    return replace_arrays(obj, swap)


def copy(to: Any, x: Any) -> None:
    """Copy ``x`` to ``to``, of the same shape and type, from whatever device or the CPU to whatever device."""
    if not x.size:
        return
    there = device_of(to)
    if device_of(x) is None or not to.flags.c_contiguous:
        with at(there):
            to[...] = arrays.cupy().asarray(x)
        return
    with at(device_of(x)):
        x = arrays.cupy().ascontiguousarray(x)
        wait_for(device_of(x), there)
    with at(there):
        wait_for(there, device_of(x))
        to.data.copy_from_device_async(x.data, x.nbytes)


def wait_for(device: int, other: int) -> None:
    """Let what is launched on ``device`` from now on wait for what was launched on ``other``.

    On the default stream copies between devices do that by themselves.
    """
    stream = arrays.cupy().cuda.get_current_stream()
    if stream.ptr and device != other:
        with at(other):
            event = arrays.cupy().cuda.get_current_stream().record()
        stream.wait_event(event)
