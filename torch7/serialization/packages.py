"""The class of a name in a file; the package that has it is imported at the first need."""

from __future__ import annotations

import importlib

from .. import registry

_HOMES = {
    "nn": ("nn", "nn.legacy", "dpnn", "rnn", "nngraph"),
    "cudnn": ("nn", "nn.legacy"),
    "nngraph": ("nn", "nngraph"),
    "graph": ("nn", "nngraph"),
    "optim": ("optim",),
    "dl": ("dataload",),
}


def find_class(name: str) -> type | None:
    """The Python class registered for a Torch name, None if no package of ours has it."""
    homes = list(_HOMES.get(name.partition(".")[0], ()))
    _import(homes[:2])
    cls = registry.find(name)
    if cls is None and homes[2:]:
        _import(homes[2:])
        cls = registry.find(name)
    return cls if isinstance(cls, type) else None


def _import(modules: list[str]) -> None:
    for module in modules:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as e:
            if e.name != module:
                raise
