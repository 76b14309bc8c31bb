"""Which modules can be frozen."""

from __future__ import annotations

from typing import Any

from torch7 import registry

from ..container import Container
from ..module import Module

#: Modules outside nn that only hand on.
OTHERS = ("nngraph.",)
#: Modules of nn that do not give the same for the same input: they draw, count or keep.
CHANGING = "WhiteNoise", "Recursor", "Profile", "NaN", "PrintSize"


def check(module: Any, place: str = "") -> None:
    """``TypeError`` that names the first module, and its place, that cannot be frozen."""
    if not isinstance(module, Module):
        raise TypeError(f"nn.freeze: {place or 'the network'} is {type(module).__name__}, no module")
    name = registry.class_name(type(module))
    ours = type(module).__module__.startswith(("nn.", *OTHERS))
    own = [key for key, value in vars(module).items() if callable(value) and not isinstance(value, Module | type)]
    if not ours or type(module).__name__ in CHANGING or own:
        what = f"{name} with a method of its own, {own[0]}," if own else name
        raise TypeError(f"nn.freeze: {what} cannot be frozen{f' (at {place})' if place else ''}")
    if isinstance(module, Container):
        for n, inner in enumerate(module.modules, 1):
            check(inner, f"{place}.{n}" if place else str(n))
