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
#: Those of rnn that take a whole sequence and begin a new one in every forward unless they are told to remember.
SEQUENCES = "Sequencer", "SeqLSTM", "SeqLSTMP", "SeqGRU"


def check(module: Any, place: str = "") -> None:
    """``TypeError`` that names the first module, and its place, that cannot be frozen."""
    if not isinstance(module, Module):
        raise TypeError(f"nn.freeze: {place or 'the network'} is {type(module).__name__}, no module")
    name = registry.class_name(type(module))
    if _begins_anew(module):
        return
    own = _own(module)
    if not _of_nn(module) or type(module).__name__ in CHANGING or own:
        what = f"{name} with a method of its own, {own[0]}," if own else name
        raise TypeError(f"nn.freeze: {what} cannot be frozen{f' (at {place})' if place else ''}")
    if isinstance(module, Container):
        for n, inner in enumerate(module.modules, 1):
            check(inner, f"{place}.{n}" if place else str(n))


def _begins_anew(module: Any) -> bool:
    """Whether it is a sequence of the library's modules that remembers nothing in evaluation."""
    if not _of_rnn(module) or type(module).__name__ not in SEQUENCES or module._remember in ("both", "eval"):
        return False
    inside = module.listModules()
    drawing = any(type(m).__name__ in CHANGING and not _of_rnn(m) for m in inside)
    return not drawing and all((_of_rnn(m) or _of_nn(m)) and not _own(m) for m in inside)


def _of_rnn(module: Any) -> bool:
    return type(module).__module__.startswith("rnn.")


def _of_nn(module: Any) -> bool:
    return type(module).__module__.startswith(("nn.", *OTHERS))


def _own(module: Any) -> list[str]:
    """Names of methods that a module has for itself."""
    return [key for key, value in vars(module).items() if callable(value) and not isinstance(value, Module | type)]
