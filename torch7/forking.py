"""Modules that are imported at their first use, beside forks.

A process that is forked while another thread imports a module never gets it: its lock belongs to a thread that is not
there. So a fork waits until such imports have ended, and only then for what they brought to wait for.
"""

from __future__ import annotations

import logging  # noqa: F401 - it has locks for forks, which must not be registered while a fork waits for this one
import os
import threading
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

#: Held while a module is imported, and by a thread that forks; before any lock of the compiler.
LOCK = threading.RLock()
#: What is called before a fork, after it in the parent, and in the child.
_parts: list[tuple[Callable, Callable, Callable]] = []
#: Of each thread that forks, those whose first function was called.
_begun: dict[int, list[tuple]] = {}
PARENT, CHILD = 1, 2


def at_fork(before: Callable, after_in_parent: Callable, after_in_child: Callable) -> None:
    """As ``os.register_at_fork``; what a module registers while a fork waits for its import counts for that fork."""
    _parts.append((before, after_in_parent, after_in_child))


def _before() -> None:
    LOCK.acquire()
    begun = _begun[threading.get_ident()] = []
    for part in reversed(_parts):
        part[0]()
        begun.append(part)


def _after(where: int) -> None:
    for part in reversed(_begun.pop(threading.get_ident(), [])):
        part[where]()
    LOCK.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=lambda: _after(PARENT), after_in_child=lambda: _after(CHILD))


def imported(name: str) -> ModuleType:
    """The module ``name``, imported if it is not there."""
    with LOCK:
        return import_module(name)
