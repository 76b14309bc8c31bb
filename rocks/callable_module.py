"""Packages whose table could be called in Lua: ``lapp[[...]]``, ``class('A')``."""

from __future__ import annotations

import sys
import types
from typing import Any


class _Callable(types.ModuleType):
    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.__lua_call__(*args, **named)


def make_callable(name: str, f: Any) -> None:
    """Let the module ``name``, when it is called, be the function ``f``."""
    module = sys.modules[name]
    module.__class__ = _Callable
    module.__lua_call__ = f  # type: ignore[attr-defined]
