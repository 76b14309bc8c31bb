"""What ``torch7.strict(True)`` checks of recurrent modules: a state that was set and is forgotten before any step."""

from __future__ import annotations

from functools import wraps
from typing import Any

from nn.strict import wrapping
from torch7 import StrictError, registry

from .abstract_recurrent import AbstractRecurrent

_forget = AbstractRecurrent.forget


@wraps(_forget)
def checked(self: AbstractRecurrent) -> Any:
    if wrapping.is_inside() and self.step == 1 and self.train is not False and self.outputs.get(0) is not None:
        raise StrictError(
            f"{registry.class_name(type(self))}: the state of setHiddenState(0, ...) is forgotten before it was used: "
            "a Sequencer forgets before every forward; let it remember('both') and forget() by hand, or set "
            "userPrevOutput and userPrevCell"
        )
    return _forget(self)


def install() -> None:
    """Let a Sequencer's forgetting look at what is lost."""
    AbstractRecurrent.forget = checked


def uninstall() -> None:
    """Give the class its own method back."""
    AbstractRecurrent.forget = _forget
