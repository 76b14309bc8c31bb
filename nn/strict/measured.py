"""Outputs of networks in training mode that a script measures batch after batch, as tests do, without a backward.

An output that is measured once may be one of training, before or after its backward; so may all steps of a sequence.
"""

from __future__ import annotations

import weakref
from typing import Any

from torch7 import StrictError, registry

from .held import result_of
from .parameters import MODES
from .places import script_line


class Passes:
    """How often a module went forward, and the last of these passes that was measured and has had no backward."""

    def __init__(self) -> None:
        self.forwards = 0
        self.measured: int | None = None
        self.line = ""


_passes: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def after_forward(module: Any, step: int) -> None:
    """Count a forward; all steps of a sequence are one."""
    passes = _passes.setdefault(module, Passes())
    passes.forwards += step < 2


def after_backward(module: Any) -> None:
    """What ``module``, what is in it and what it is in have measured was part of training."""
    inside = {id(m) for m in module.listModules()}
    for owner, passes in _passes.items():
        if passes.measured is not None and (id(owner) in inside or any(m is module for m in owner.listModules())):
            passes.measured = None


def before_measure(name: str, output: Any) -> None:
    """``StrictError`` where ``output`` is the second in a row of a network that does not compute as in evaluation.

    ``name`` is who measures it: ``optim.ConfusionMatrix.batchAdd``.
    """
    result = result_of(output)
    owner = None if result is None else result.owner()
    passes = _passes.get(owner) if owner is not None else None
    layer = None if passes is None else next(filter(_trains, owner.listModules()), None)
    if passes is None or layer is None:
        return
    if passes.measured not in (None, passes.forwards):
        raise StrictError(
            f"{name}: it measures outputs of {registry.class_name(type(owner))} in training, those of another batch at "
            f"{passes.line} and no backward since, where {registry.class_name(type(layer))} does not compute as in "
            "evaluation: call evaluate() before a test"
        )
    passes.measured, passes.line = passes.forwards, script_line()


def _trains(module: Any) -> bool:
    """Whether a module computes in another way than in evaluation."""
    changes = any(name in type(module).__name__ for name in MODES)
    return changes and module.train is not False and vars(module).get("p") != 0


def forget() -> None:
    """Forget all passes."""
    _passes.clear()
