"""``arg``, ``require`` of packages that have no import of their own, and text that becomes a program at run time."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

import torch7


class Arguments(list):
    """The words behind the program: None past the last."""

    def __getitem__(self, place: Any) -> Any:
        return None if isinstance(place, int) and not -len(self) <= place < len(self) else super().__getitem__(place)


arg = Arguments(sys.argv[1:])


def require(name: str) -> Any:
    """The Python package that stands for one of Lua's."""
    found = getattr(torch7, "require", None)
    return found(name) if found is not None else importlib.import_module(name)


def collectgarbage(option: str = "collect", *_: Any) -> Any:
    """Collect, or the kilobytes in use for ``count`` (0 here)."""
    if option in ("collect", "step"):
        gc.collect()
    return 0


def loadstring(text: str, name: str | None = None) -> Callable[..., Any]:
    """A chunk of Lua as a function: it is translated now, which needs ``torch7[lua]``."""
    return importlib.import_module("luahost.translator.chunks").function_of(text, name)


load = loadstring


def dofile(path: str) -> Any:
    """Run a file of Lua, translated now."""
    with open(path, encoding="utf-8") as f:
        return loadstring(f.read(), path)()
