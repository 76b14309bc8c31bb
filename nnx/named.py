"""Classes whose Torch name is of another package than nn: ``@named("inn.ConstAffine")``."""

from __future__ import annotations

from collections.abc import Callable

from nn.constructors import prepare
from torch7 import registry


def named(name: str) -> Callable[[type], type]:
    """Decorator: make a class that of Torch name ``name``."""

    def register(cls: type) -> type:
        prepare(cls)
        return registry.register(name, cls)

    return register
