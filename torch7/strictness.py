"""``torch7.strict``: a debugging mode in which mistakes that Torch passes over in silence raise an exception.

Only the switch is here. A package names the module that holds its checks by :func:`watch`; turning the mode on imports
the module and calls its ``install()``, turning it off its ``uninstall()``. While the mode is off nothing of it is in
the way of a call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

#: Where the packages of this library lie.
ROOT = Path(__file__).parents[1]
_modules = ["torch7.mask_places"]
_on = False
#: Called with (method, x, gradient) when an optimiser has the gradient and is about to move x.
stepping: list[Callable[[str, Any, Any], None]] = []

#: Called with (name, prediction) when something that measures predictions, by its name, is given one.
measuring: list[Callable[[str, Any], None]] = []


class StrictError(RuntimeError):
    """A mistake that goes unnoticed unless ``torch7.strict(True)``."""


class Mode:
    """What ``strict(on)`` returns: true while the mode is on; ``with`` restores at its end what was before."""

    def __init__(self, before: bool) -> None:
        self.before = before

    def __bool__(self) -> bool:
        return _on

    def __enter__(self) -> Mode:
        return self

    def __exit__(self, *error: Any) -> None:
        _switch(self.before)

    def __repr__(self) -> str:
        return f"torch7.strict: {'on' if _on else 'off'}"


@cache
def is_library(file: str) -> bool:
    """Whether a file of Python is one of a package of this library, or of one that is installed beside it."""
    path = Path(file)
    return path.is_relative_to(ROOT) and (ROOT / path.relative_to(ROOT).parts[0] / "__init__.py").exists()


def strict(on: bool | None = None) -> bool | Mode:
    """Ask (without argument) or set whether silent mistakes raise a :class:`StrictError`; at the start they do not.

    ``torch7.strict(True)`` holds until ``torch7.strict(False)``; ``with torch7.strict(True):`` for the lines in it.
    What is checked stands in the page Porting. Every pass then looks at all its tensors, so training is slower;
    results do not change, but they come as views: ``net.forward(x)`` is not ``net.output`` itself.
    """
    if on is None:
        return _on
    mode = Mode(_on)
    _switch(bool(on))
    return mode


def watch(module: str) -> None:
    """Let the functions ``install`` and ``uninstall`` of a module, by its name, be part of the mode."""
    if module not in _modules:
        _modules.append(module)
        if _on:
            import_module(module).install()


def _switch(on: bool) -> None:
    global _on
    if on == _on:
        return
    done: list[Any] = []
    try:
        for name in _modules:
            module = import_module(name)
            (module.install if on else module.uninstall)()
            done.append(module)
    except BaseException:
        for module in done:
            (module.uninstall if on else module.install)()
        raise
    _on = on
