"""What ``torch7.strict(True)`` adds to the optimisers: when one has its gradient, the checks of the networks run."""

from __future__ import annotations

import sys
from functools import wraps
from typing import Any

from torch7 import strictness

from . import common

_evaluate = common.evaluate


@wraps(_evaluate)
def checked(method: str, opfunc: common.OpFunc, x: Any) -> tuple[Any, Any]:
    f, gradient = _evaluate(method, opfunc, x)
    for check in strictness.stepping:
        check(method, x, gradient)
    return f, gradient


def install() -> None:
    """Let all optimisers call the function to minimise through :func:`checked`."""
    _replace(_evaluate, checked)


def uninstall() -> None:
    """Give the optimisers their own function back."""
    _replace(checked, _evaluate)


def _replace(old: Any, new: Any) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("optim.") and vars(module).get("evaluate") is old:
            module.evaluate = new
