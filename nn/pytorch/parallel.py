"""``nn.parallel``: networks on several devices and on many nodes (manual, "DataParallel layers").

What trains on many nodes is in package distlearn, which is loaded at the first use.
"""

from __future__ import annotations

import copy
from importlib import import_module
from types import ModuleType
from typing import Any

from .data_parallel import DataParallel, data_parallel  # noqa: F401 - PyTorch has them here, too

#: The tree of all nodes: ``init_process_group`` puts it here.
world: Any = None


def __getattr__(name: str) -> Any:
    if name in ("DistributedDataParallel", "init_process_group"):
        return getattr(import_module("distlearn.pytorch"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def nodes_of(process_group: Any) -> Any:
    """The nodes that a layer works with: its ``process_group``, else all there are; None for a process alone."""
    nodes = world if process_group is None else process_group
    return None if nodes is None or nodes.numNodes == 1 else nodes


def batch_statistics() -> ModuleType:
    """Batch normalisation over nodes, on arrays."""
    return import_module("distlearn.nn.batch_statistics")


class OnNodes:
    """A module with a field ``process_group``, a ``distlearn.Tree``: copies of the module have it too, files do not."""

    process_group: Any = None

    def __getstate__(self) -> dict:
        state = super().__getstate__()  # type: ignore[misc]
        state.pop("process_group", None)
        return state

    def __deepcopy__(self, memo: dict) -> Any:
        memo[id(self)] = new = type(self).__new__(type(self))
        new.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        new.__dict__["process_group"] = self.process_group
        return new
