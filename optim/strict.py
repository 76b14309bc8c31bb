"""What ``torch7.strict(True)`` adds to optim: the checks of the networks run where they are used.

That is when an optimiser has its gradient, and when predictions are counted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from torch7 import strictness

from . import common
from .confusion_matrix import ConfusionMatrix

_evaluate = common.evaluate
_counting = {name: getattr(ConfusionMatrix, name) for name in ("add", "batchAdd")}


@wraps(_evaluate)
def checked(method: str, opfunc: common.OpFunc, x: Any) -> tuple[Any, Any]:
    f, gradient = _evaluate(method, opfunc, x)
    for check in strictness.stepping:
        check(method, x, gradient)
    return f, gradient


def counted(method: Callable) -> Callable:
    """A method of ConfusionMatrix that looks at the predictions first."""

    @wraps(method)
    def call(self: ConfusionMatrix, predictions: Any, targets: Any) -> None:
        for check in strictness.measuring:
            check(f"optim.ConfusionMatrix.{method.__name__}", predictions)
        method(self, predictions, targets)

    return call


def install() -> None:
    """Let all optimisers call the function to minimise through :func:`checked`, and confusion matrices look."""
    _replace(_evaluate, checked)
    for name, method in _counting.items():
        setattr(ConfusionMatrix, name, counted(method))


def uninstall() -> None:
    """Give the optimisers and confusion matrices their own functions back."""
    _replace(checked, _evaluate)
    for name, method in _counting.items():
        setattr(ConfusionMatrix, name, method)


def _replace(old: Any, new: Any) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("optim.") and vars(module).get("evaluate") is old:
            module.evaluate = new
