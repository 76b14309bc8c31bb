from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from torch7 import registry

from .. import utils
from ..container import a_module, indented
from ..extension import register
from ..module import Module
from .parallel_table import ParallelTable

SHARED = ("weight", "bias", "gradWeight", "gradBias")


@register
class MapTable(ParallelTable):
    """One module for all entries of a table: ``{m(input[1]), m(input[2]), ...}``, through clones of ``module``.

    The clones share ``sharedparams`` (weight, bias and their gradients) with ``module`` unless ``shared`` is False;
    they are made as longer tables come and kept. ``module`` may be given later by :meth:`add`, once (``ValueError``
    otherwise, and for a forward without one). Source: manual chapter "table".
    """

    def __init__(self, module: Module | None = None, shared: bool | None = None) -> None:
        super().__init__()
        self.shared = True if shared is None else shared
        self.sharedparams = list(SHARED)
        self.module: Module | None = None
        if module is not None:
            self.add(module)

    def add(self, module: Module) -> Self:
        """Set the module; returns the container."""
        if self.module is not None:
            raise ValueError("nn.MapTable: Single module required")
        self.module = a_module(self, module)
        self.modules = [module]
        return self

    def resize(self, size: int) -> Self:
        """Make ``module`` and its clones ``size`` modules in all."""
        if self.module is None:
            raise ValueError("nn.MapTable: no module specified")
        del self.modules[max(size, 1) :]
        self._extend(size)
        return self

    def _extend(self, size: int) -> None:
        names = self.sharedparams if self.shared else ()
        while len(self.modules) < size:
            self.modules.append(self.module.clone(*names))

    def updateOutput(self, input: Any) -> list:
        if self.module is None:
            raise ValueError("nn.MapTable: no module specified")
        self._extend(len(utils.sequence(input, self)))
        return super().updateOutput(input)

    def entries(self, table: Any, what: str = "input") -> Any:
        return utils.sequence(table, self)

    def _each(self, method: str, *tables: Any) -> list:
        if len({len(table) for table in tables[:2]}) > 1:
            raise ValueError(f"nn.MapTable: {len(tables[0])} inputs, {len(tables[1])} gradients")
        return super()._each(method, *tables)

    def zeroGradParameters(self) -> MapTable:
        return self.applyToParameters(lambda m: m.zeroGradParameters())

    def updateParameters(self, learningRate: float) -> MapTable:
        return self.applyToParameters(lambda m: m.updateParameters(learningRate))

    def applyToParameters(self, func: Callable[[Module], Any]) -> Self:
        """Call ``func`` on ``module``, whose parameters are those of all; on every module if they are not shared."""
        for module in self.modules[:1] if self.shared else self.modules:
            func(module)
        return self

    def share(self, other: MapTable, *names: str) -> Self:
        """Share the named fields with ``other``'s; shared modules may have been cloned for tables of other lengths."""
        if self.shared:
            del self.modules[len(other.modules) :]
        for mine, theirs in zip(self.modules, other.modules[: len(self.modules)]):
            mine.share(theirs, *names)
        return self

    def replace(self, callback: Callable[[Module], Module]) -> Module:
        """Replace ``module``; its clones are made anew by the next forward."""
        del self.modules[1:]
        new = super().replace(callback)
        self.module = self.modules[0] if self.modules else None
        return new

    def clearState(self) -> Self:
        """Drop buffers and, if parameters are shared, all clones."""
        if self.shared:
            del self.modules[1:]
        return super().clearState()

    def __tostring__(self) -> str:
        name = registry.class_name(type(self))
        return f"{name} {{\n  {indented(repr(self.module), ' ' * 8)}\n}}" if self.module else f"{name} {{ }}"


@registry.upgrade(MapTable)
def _upgrade(module: MapTable, fields: dict) -> None:
    """Old files do not name what is shared."""
    fields.setdefault("sharedparams", list(SHARED))
