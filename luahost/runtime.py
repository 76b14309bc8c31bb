"""The Lua state of a process: LuaJIT, the library of ``lua/*.lua`` in it, and Python functions as Lua functions."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from importlib import resources
from types import SimpleNamespace
from typing import Any

# lua: the LuaRuntime; globals: Lua's _G; library: the table H that the files of lua/ share
host = SimpleNamespace(lua=None, globals=None, library=None)

_functions: dict[Any, Any] = {}
_originals: dict[Any, Any] = {}


def engine() -> Any:
    """The module of lupa to use: LuaJIT, which has the FFI that the host needs."""
    try:
        from lupa import luajit21
    except ImportError as e:
        raise ImportError("Lua programs need LuaJIT in Python: pip install 'torch7[lua]'") from e
    return luajit21


def lua_type(value: Any) -> str | None:
    """Lua's type of a value that came from Lua as a reference (``'table'``, ``'function'`` ...), else None."""
    return engine().lua_type(value)


def open_state() -> None:
    """A new Lua state. Strings are bytes, which latin-1 carries through Python's text unchanged."""
    _functions.clear()
    _originals.clear()
    host.lua = engine().LuaRuntime(unpack_returned_tuples=True, encoding="latin-1", register_eval=False)
    host.globals = host.lua.globals()
    host.library = host.lua.table()
    for name in ("collector", "functions"):
        run_library(name)


def run_library(name: str) -> None:
    """Run a file of ``lua/`` with the shared table as its argument."""
    text = resources.files(__package__).joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    host.lua.execute(text, host.library, name=f"={name}")


def function(f: Callable[..., Any], original: Any = None) -> Any:
    """``f`` as a true Lua function; the same one each time. ``original`` is what Lua gives back to Python for it."""
    known = _functions.get(f)
    if known is None:
        lists = getattr(f, "lists", None)  # its way for lists
        known = _functions[f] = host.library.wrap(f) if lists is None else host.library.wrap_listed(f, lists)
        _originals[f] = f if original is None else original
    return known


def passing_function(f: Callable[..., Any]) -> Any:
    """``f`` as a Lua function that is not kept here: for iterators and bound methods."""
    return host.library.wrap(f)


def original(f: Any) -> Any:
    """The Python function behind a Lua function, None for one that is Lua's own."""
    python = host.library.unwrap(f)
    return None if python is None else _originals.get(python, python)


class Output:
    """Python's standard output through Lua's, so that the lines of both keep their order."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self) -> None:
        self._write, self._flush = host.library.write, host.library.flush
        self._terminal = sys.__stdout__ is not None and sys.__stdout__.isatty()

    def write(self, text: str) -> int:
        self._write(text.encode("utf-8", "surrogateescape").decode("latin-1"))
        return len(text)

    def flush(self) -> None:
        self._flush()

    def isatty(self) -> bool:
        return self._terminal

    def fileno(self) -> int:
        return 1


before_leaving: set[Callable[[], Any]] = set()  # what os.exit must not leave behind


def lock() -> tuple[int, int]:
    """The addresses of the functions that take and release Python's lock."""
    api = ctypes.pythonapi
    take, release = (ctypes.cast(f, ctypes.c_void_p).value for f in (api.PyGILState_Ensure, api.PyGILState_Release))
    return take or 0, release or 0


def leave(status: float) -> None:
    """End the process at once with all output written, as ``os.exit`` of a program does."""
    for remove in before_leaving:
        remove()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        if stream is not None:
            stream.flush()
    host.library.flush()
    os._exit(int(status))
