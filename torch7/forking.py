"""Modules that are imported at their first use, beside forks.

A process that is forked while another thread imports a module never gets it: its lock belongs to a thread that is not
there. So a fork waits until such imports have ended.
"""

from __future__ import annotations

import os
import threading
from importlib import import_module
from types import ModuleType

#: Held while a module is imported, and by a thread that forks; before any lock of the compiler.
LOCK = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


def imported(name: str) -> ModuleType:
    """The module ``name``, imported if it is not there."""
    with LOCK:
        return import_module(name)
