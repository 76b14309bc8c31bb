"""A module and its copies on other devices: copies of parameters, sums of gradients, parts of a batch."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

import nn
from nn import devices, utils
from nn.storage import storage_of, view_of
from torch7 import arrays

from .collectives import collectives


class Replicas:
    """``module`` on the first of several devices and a copy of it on each other one, with gradients of zero."""

    def __init__(self, module: nn.Module, places: list[int], nccl: bool) -> None:
        self.places, self.modules = places, [devices.move(module, places[0])]
        self.known = tensors(module)
        for place in places[1:]:
            with devices.at(place):
                self.modules.append(devices.move(module.clone(), place).zeroGradParameters())
        lists = zip(*(m.parameters()[:2] for m in self.modules))
        self.parameters, self.gradients = (pieces(list(x)) for x in lists)
        self.by = collectives(places, nccl)

    def fit(self, module: nn.Module, places: list[int]) -> bool:
        """Whether they are still those of ``module``: the same modules in it, the same tensors."""
        found = tensors(module)
        return (
            self.places == places and len(found) == len(self.known) and all(a is b for a, b in zip(found, self.known))
        )

    def run(self, call: Callable[[nn.Module, int], Any]) -> list:
        """``call(module, number)`` for each, on its device."""
        results = []
        for n, (module, place) in enumerate(zip(self.modules, self.places)):
            with devices.at(place):
                results.append(call(module, n))
        return results

    def synchronise(self) -> None:
        """Copy the parameters of the first one to the others."""
        for together in self.parameters:
            self.by.broadcast(together)

    def collect(self) -> None:
        """Add the gradients of the others to those of the first one; theirs become zero."""
        for together in self.gradients:
            self.by.reduce(together)
            for x, place in zip(together[1:], self.places[1:]):
                with devices.at(place):
                    x.fill(0)


def tensors(module: nn.Module) -> list:
    """What copies stand on: the modules in it, their parameters and gradients."""
    return [*module.listModules(), *(x for part in module.parameters()[:2] for x in part)]


def pieces(lists: list[list]) -> list[list]:
    """Parameters of each replica as few pieces of memory: neighbours everywhere are one piece."""
    found: list[list] = []
    for together in zip(*lists):
        if found and all(map(_follows, found[-1], together)):
            found[-1] = [_joined(a, b) for a, b in zip(found[-1], together)]
        else:
            found.append(list(together))
    return found


def _follows(a: Any, b: Any) -> bool:
    """Whether ``b`` begins where ``a`` ends, in one storage."""
    plain = a.flags.c_contiguous and b.flags.c_contiguous and a.dtype == b.dtype
    return plain and storage_of(a) is storage_of(b) and arrays.address(a) + a.nbytes == arrays.address(b)


def _joined(a: Any, b: Any) -> Any:
    storage = storage_of(a)
    return view_of(storage, (a.size + b.size,), (1,), arrays.offset_of(a, storage) // a.itemsize)


def bounds(n: int, part: int, parts: int) -> tuple[int, int]:
    """Where a part of ``n`` samples begins and ends, as cunn divides them."""
    return min(n, ceil(part * n / parts)), n if part == parts - 1 else min(n, ceil((part + 1) * n / parts))


class Parts:
    """The parts of a batch, one a device, along ``dimension``; floats of the CPU's become ``dtype``."""

    def __init__(self, parts: int, dimension: int, dtype: Any) -> None:
        self.form = self.parts, self.dimension, self.dtype = parts, dimension, dtype
        self.rooms: dict[tuple, Any] = {}

    def of(self, x: Any, part: int, *path: Any) -> Any:
        """One of a nested table, on the current device, until ``path`` is asked for again; None if it is empty.

        What lies there already is looked at, not copied.
        """
        if utils.is_table(x):
            found = [self.of(x[k], part, *path, k) for k in utils.keys(x)]
            found = None if any(v is None for v in found) else found
            return dict(zip(x, found)) if isinstance(x, dict) and found is not None else found
        if not arrays.is_array(x):
            raise TypeError(
                f"nn.DataParallelTable: input must be a tensor or a table of tensors, got {arrays.describe(x)}"
            )
        if x.ndim < self.dimension:
            raise ValueError(f"nn.DataParallelTable divides dimension {self.dimension}, input is {arrays.describe(x)}")
        low, high = bounds(x.shape[self.dimension - 1], part, self.parts)
        own = x[(slice(None),) * (self.dimension - 1) + (slice(low, high),)]
        return None if low == high else self._here(own, (part, *path))

    def _here(self, x: Any, key: tuple) -> Any:
        if devices.device_of(x) == arrays.cupy().cuda.runtime.getDevice() + 1:
            return x
        dtype = self.dtype if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x.dtype
        self.rooms[key] = room = _room(self.rooms.get(key), x.shape, dtype)
        devices.copy(room, x)
        return room


def together(buffer: Any, parts: list, dimension: int) -> Any:
    """The parts one after another along ``dimension``, on the current device; ``buffer`` is used where it fits."""
    parts = [x for x in parts if x is not None]
    first = parts[0]
    if utils.is_table(first):
        same = utils.is_table(buffer) and len(buffer) == len(first)
        keys = list(utils.keys(first))
        found = [together(buffer[k] if same else None, [x[k] for x in parts], dimension) for k in keys]
        return dict(zip(first, found)) if isinstance(first, dict) else found
    shape = list(first.shape)
    shape[dimension - 1] = sum(x.shape[dimension - 1] for x in parts)
    out, low = _room(buffer, tuple(shape), first.dtype), 0
    for x in parts:
        high = low + x.shape[dimension - 1]
        devices.copy(out[(slice(None),) * (dimension - 1) + (slice(low, high),)], x)
        low = high
    return out


def _room(buffer: Any, shape: tuple, dtype: Any) -> Any:
    """``buffer`` if it is of this kind and on the current device, else a new array there."""
    here = arrays.cupy().cuda.runtime.getDevice() + 1
    fits = getattr(buffer, "shape", None) == shape and buffer.dtype == dtype
    return buffer if fits and devices.device_of(buffer) == here else arrays.cupy().empty(shape, dtype)
