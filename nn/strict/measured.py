"""Outputs of networks in training mode that a script measures batch after batch, as tests do, without a backward.

An output that is measured once may be one of training, before or after its backward; so may all steps of a sequence.
Losses may be those of a report and of the next step, two in a row.
"""

from __future__ import annotations

import weakref
from typing import Any

from torch7 import StrictError, registry

from ..utils import is_table
from .held import result_of
from .parameters import MODES
from .places import script_line


class Passes:
    """How often a module went forward, and which of these passes were measured and have had no backward since.

    ``measured`` counts passes by their number; ``line`` is where each was measured.
    """

    def __init__(self) -> None:
        self.forwards = 0
        self.measured: dict[str, dict[int, str]] = {}


_passes: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def after_forward(module: Any, step: int) -> None:
    """Count a forward; all steps of a sequence are one."""
    passes = _passes.setdefault(module, Passes())
    passes.forwards += step < 2


def after_backward(module: Any) -> None:
    """What ``module``, what is in it and what it is in have measured was part of training."""
    inside = {id(m) for m in module.listModules()}
    for owner, passes in _passes.items():
        if passes.measured and (id(owner) in inside or any(m is module for m in owner.listModules())):
            passes.measured.clear()


def before_measure(name: str, output: Any) -> None:
    """``StrictError`` where ``output`` is the second in a row of a network that does not compute as in evaluation.

    ``name`` is who measures it: ``optim.ConfusionMatrix.batchAdd``.
    """
    _measure(name, output, "counts", 1)


def before_loss(name: str, output: Any) -> None:
    """:func:`before_measure` for a criterion, whose third loss in a row is too many."""
    _measure(name, output, "losses", 2)


def _measure(name: str, output: Any, kind: str, allowed: int) -> None:
    """Refuse ``output`` where ``allowed`` other passes of its network were measured, and no backward came since."""
    result = next(filter(None, map(result_of, output)), None) if is_table(output) else result_of(output)
    owner = None if result is None else result.owner()
    passes = _passes.get(owner) if owner is not None else None
    layer = None if passes is None else next(filter(_trains, owner.listModules()), None)
    if passes is None or layer is None:
        return
    found = passes.measured.setdefault(kind, {})
    if passes.forwards not in found and len(found) >= allowed:
        raise StrictError(
            f"{name}: it measures outputs of {registry.class_name(type(owner))} in training, those of another batch at "
            f"{list(found.values())[-1]} and no backward since, where {registry.class_name(type(layer))} does not "
            "compute as in evaluation: call evaluate() before a test"
        )
    found[passes.forwards] = script_line()


def _trains(module: Any) -> bool:
    """Whether a module computes in another way than in evaluation."""
    changes = any(name in type(module).__name__ for name in MODES)
    return changes and module.train is not False and vars(module).get("p") != 0


def forget() -> None:
    """Forget all passes."""
    _passes.clear()
