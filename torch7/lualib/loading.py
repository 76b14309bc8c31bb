"""``arg``, ``require`` of packages that have no import of their own, and text that becomes a program at run time."""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch7

from .. import arrays


class Arguments(list):
    """The words behind the program: None past the last."""

    def __getitem__(self, place: Any) -> Any:
        return None if isinstance(place, int) and not -len(self) <= place < len(self) else super().__getitem__(place)


arg = Arguments(sys.argv[1:])


class Globals:
    """The globals that the files of a program share: nil until they are set."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


G = Globals()
_CUDA = ("cutorch", "cunn", "cudnn")
_loaded: dict[str, Any] = {}


def require(name: str) -> Any:
    """What a file of the program returned, a module beside it, or the Python package that stands for one of Lua's."""
    place = Path(sys.path[0], *name.replace("/", ".").split("."))
    for file in (place.with_name(place.name + ".py"), place / "__init__.py"):
        if name not in _loaded and file.is_file():
            spec = importlib.util.spec_from_file_location(f"lua.{name}", file)
            module = importlib.util.module_from_spec(spec)
            _loaded[name] = True
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
            _loaded[name] = getattr(module, "returned", True)
    if name in _loaded:
        return _loaded[name]
    if name in _CUDA:
        arrays.cupy()  # ImportError where no GPU is: programs ask for it inside of pcall
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
