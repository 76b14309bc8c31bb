from __future__ import annotations

from typing import Any

import nn
from torch7 import registry


class Replicated(nn.Decorator):
    """Base of containers of replicas on several GPUs: here the first one computes for all."""

    def __init__(self) -> None:
        nn.Container.__init__(self)

    def add(self, module: nn.Module, gpuids: Any = None) -> Replicated:
        """Set the module; later ones, the replicas of the oldest interface, are left out, and so are the GPUs."""
        return self if self.modules else super().add(module)

    def get(self, index: int) -> nn.Module | None:
        return self.modules[0] if self.modules else None

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}: 1 x {self.modules[0] if self.modules else 'nothing'}"


@nn.register
class DataParallelTable(Replicated):
    """cunn's division of a batch among GPUs: here its module runs on the whole batch.

    ``dimension``: the one that would be divided (1); ``flattenParams`` and ``usenccl`` change nothing. ``add(module,
    gpus)`` sets the module; a file's first replica is the module. Source: cunn.
    """

    def __init__(self, dimension: int | None = None, flattenParams: bool | None = None, usenccl: bool | None = None):
        super().__init__()
        self.dimension = 1 if dimension is None else dimension

    def threads(self, initFunc: Any = None) -> DataParallelTable:
        """Accepted; returns the module."""
        return self

    def syncParameters(self) -> None:
        """Nothing: there is one module."""


@nn.register
class DataParallel(Replicated):
    """fbcunn's division of a batch among GPUs: here its first module runs on the whole batch. Source: fbcunn."""

    def __init__(self, dimension: int | None = None) -> None:
        super().__init__()
        self.dimension = 1 if dimension is None else dimension


def _first(module: Replicated, fields: dict) -> None:
    """One replica is left; parameters that only copied it go."""
    modules = fields.get("modules")
    modules = list(modules.values()) if isinstance(modules, dict) else list(modules or [])
    fields["modules"] = modules[:1]
    for name in ("flattenedParams", "impl", "gpuAssignments", "typeStr"):
        fields.pop(name, None)


registry.upgrade(DataParallelTable)(_first)
registry.upgrade(DataParallel)(_first)
registry.lacking(DataParallelTable, dimension=1)
registry.lacking(DataParallel, dimension=1)
