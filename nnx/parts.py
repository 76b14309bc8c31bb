from __future__ import annotations

from typing import Any

import nn


class Parts(nn.Container):
    """Base of modules that keep others in fields of their own: ``PARTS`` names these, in the order of parameters.

    What is asked of a Container - training, parameters, clearState, type, ... - reaches them all. A field may be a
    module, or a list or dict of modules; one that is None, or that stands for no module, is left out.
    """

    PARTS: tuple[str, ...] = ()

    def __init__(self) -> None:
        nn.Module.__init__(self)

    @property
    def modules(self) -> list[nn.Module]:
        """The parts, each once."""
        parts = [part for name in self.PARTS for part in _listed(vars(self).get(name))]
        return list({id(part): part for part in parts}.values())

    def add(self, module: nn.Module) -> Any:
        raise TypeError(f"{self}: its modules are the fields {', '.join(self.PARTS)}; none is added")

    def replace(self, callback: Any) -> nn.Module:
        """``callback`` runs on the module first; then each of its parts is replaced."""
        new = callback(self)
        replaced = {id(part): part.replace(callback) for part in self.modules}
        for name in self.PARTS:
            value = vars(self).get(name)
            if isinstance(value, list | dict):
                for key in nn.utils.keys(value):
                    value[key] = replaced.get(id(value[key]), value[key])
            elif id(value) in replaced:
                setattr(self, name, replaced[id(value)])
        return new


def _listed(value: Any) -> list:
    if isinstance(value, nn.Module):
        return [value]
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, nn.Module)]


class Net(Parts):
    """Base of modules that compute what the module in their field ``net`` computes."""

    PARTS = ("net",)


nn.Decorator.decorate(Net)
Net.__tostring__ = nn.Module.__tostring__
