"""``arg``, ``require`` of packages that have no import of their own, and text that becomes a program at run time."""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch7

from .. import arrays
from . import texts
from .files import fallible


class Arguments(list):
    """The words behind the program: None past the last."""

    def __getitem__(self, place: Any) -> Any:
        return None if isinstance(place, int) and not -len(self) <= place < len(self) else super().__getitem__(place)


arg = Arguments(sys.argv[1:])


class Globals(dict):
    """The globals that the files of a program share, by name and as fields: nil where there is none."""

    def __getitem__(self, name: Any) -> Any:
        return super().__getitem__(name) if name in self.keys() else self._of_program()[name]

    def __setitem__(self, name: Any, value: Any) -> None:
        if name in self._of_program() and name not in self.keys():
            self._of_program()[name] = value
        else:
            super().__setitem__(name, value)

    def get(self, name: Any, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    @staticmethod
    def _of_program() -> dict[str, Any]:
        return vars(sys.modules["__main__"])


G = Globals()
_CUDA = ("cutorch", "cunn", "cudnn")


_IMPORTED = {name: name for name in ("nn", "optim", "rnn", "dpnn", "nngraph", "nnx", "dataload")} | {"torch": "torch7"}


class Loaded(dict):
    """What was required by name, packages of Python that the program has imported among it."""

    def get(self, name: Any, default: Any = None) -> Any:
        if name in self.keys():
            return super().get(name)
        return sys.modules.get(_IMPORTED.get(name, ""), default)

    __getitem__ = get

    def __contains__(self, name: Any) -> bool:
        return self.get(name) is not None


_loaded = Loaded()


package = SimpleNamespace(path="./?.lua;./?/init.lua", cpath="", loaded=_loaded, preload={})


def require(name: str) -> Any:
    """What a file of the program returned, a module beside it, or the Python package that stands for one of Lua's."""
    if dict.__contains__(_loaded, name):
        return _loaded[name]
    place = Path(sys.path[0], *name.replace("/", ".").split("."))
    for file in (place.with_name(place.name + ".py"), place / "__init__.py"):
        if file.is_file():
            _loaded[name] = True
            _loaded[name] = _run(file, f"lua.{name}")
            return _loaded[name]
    if name in package.preload:
        _loaded[name] = package.preload[name](name)
        return _loaded[name]
    if name in _CUDA:
        arrays.cupy()  # ImportError where no GPU is: programs ask for it inside of pcall
    found = getattr(torch7, "require", None)
    try:
        return found(name) if found is not None else importlib.import_module(name)
    except ImportError:
        file = _in_path(name)
        if file is None:
            raise
    _loaded[name] = True
    value = dofile(str(file))
    _loaded[name] = True if value is None else value
    return _loaded[name]


def _in_path(name: str) -> Path | None:
    """A file of Lua by ``package.path``."""
    places = (Path(template.replace("?", name.replace(".", "/"))) for template in package.path.split(";"))
    return next((p for p in places if p.is_file()), None)


def _run(file: Path, name: str) -> Any:
    """Run a translated file; what it returned."""
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, "returned", True)


def collectgarbage(option: str = "collect", *_: Any) -> Any:
    """Collect, or the kilobytes in use for ``count`` (0 here)."""
    if option in ("collect", "step"):
        gc.collect()
    return 0


@fallible
def loadstring(text: str, name: str | None = None) -> Callable[..., Any]:
    """A chunk of Lua as a function: it is translated now, which needs ``torch7[lua]``. None where it is no Lua."""
    text = text if texts.mode.on else texts.utf8(text)
    return importlib.import_module("luahost.translator.chunks").function_of(text, name, texts.mode.on)


load = loadstring


def dofile(path: str) -> Any:
    """Run a file: its translation beside the program, or the file of Lua itself, translated now."""
    place = Path(sys.path[0], path).with_suffix(".py")
    if place.is_file():
        value = _run(place, f"lua.{place.stem}")
        return None if value is True else value
    with open(texts.outgoing(path), encoding=texts.encoding(), errors="surrogateescape") as f:
        return loadstring.raising(f.read(), path)()


def include(path: str) -> Any:
    """:func:`dofile` of a file beside the one that asks."""
    here = Path(sys._getframe(1).f_globals.get("__file__") or "").parent
    return dofile(str(here / path))


@fallible
def loadfile(path: str) -> Callable[..., Any]:
    """A file as a function, None where there is none."""
    if not Path(sys.path[0], path).with_suffix(".py").is_file():
        open(path, "rb").close()  # as dofile would
    return lambda *_: dofile(path)
