"""What scripts require besides Torch's own packages: doors to :mod:`rocks`, and files of ``lua/rocks``.

A door is a table of the functions, classes and values of a package. A file of ``lua/rocks`` of the same name gets that
table and adds what only Lua can do: the place of a script, its globals, functions that keep Lua's tables.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from importlib import resources
from typing import Any

import rocks
from rocks import process

from .. import runtime, text
from ..calls import callable_of, invoke
from ..classes import class_table
from ..convert import to_lua, to_python
from ..runtime import function, host
from ..tensors import Tensor, store
from . import cuda, threads

_PRELOADED = ("paths", "sys", "xlua")  # by `th`, as globals
_IN_LUA = ("argcheck", "class")  # about Lua's own values: files of lua/rocks alone
_OTHERS = {"threads": threads}  # modules that take the place of those in rocks


def install() -> None:
    """Let ``require`` find them; what ``th`` loaded is loaded."""
    library = host.library
    library.open_door = function(_door)
    library.door_field = function(_door_field)
    library.rock_text = function(_text)
    library.cuda_is_there = function(cuda.is_there)
    for name in rocks.NAMES:
        if name not in _IN_LUA:
            library.add_door(name)
    for rock in _files():
        library.add_rock(rock)
    process.current.arguments = _arguments
    process.current.leave = runtime.leave
    process.current.name = lambda: text.native(host.globals.arg[0])
    for name in _PRELOADED:
        host.globals[name] = host.globals.require(name)


def _arguments() -> list[str]:
    """The words behind the program, ``arg[1]`` and so on."""
    return [text.native(str(host.globals.arg[i + 1])) for i in range(len(host.globals.arg))]


def _door(name: str) -> tuple[Any, Any]:
    """The table of a package, and the function that a call of the table is."""
    package = _OTHERS.get(name) or rocks.require(name)
    table = host.lua.table()
    for key in getattr(package, "__all__", vars(package)):
        value = getattr(package, key)
        if not key.startswith("_") and not isinstance(value, types.ModuleType) and _belongs(value):
            table[key.removesuffix("_")] = _value(value)
    call = getattr(package, "__lua_call__", None)
    return table, None if call is None else _value(call)


def _door_field(name: str, key: Any) -> Any:
    """What a package finds only when it is asked for it."""
    package = rocks.require(name)
    find = vars(package).get("__getattr__") if isinstance(key, str) and not key.startswith("_") else None
    try:
        return None if find is None else _value(find(key))
    except AttributeError:
        return None


def _belongs(value: Any) -> bool:
    """Whether a value is the package's, not one that it uses."""
    if callable(value):
        return (value.__module__ or "").split(".")[0] in ("rocks", "luahost")
    own = isinstance(value, str | int | float | dict | types.SimpleNamespace)
    return own or type(value).__module__.startswith("rocks.")


def _value(value: Any) -> Any:
    if inspect.isclass(value):
        return class_table(value)
    if isinstance(value, types.SimpleNamespace):
        return host.lua.table_from(vars(value))
    if callable(value):
        return function(_into_tensor(value), value) if hasattr(value, "sources") else callable_of(value)
    return to_lua(text.foreign(value))


def _into_tensor(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that takes a tensor for its result first: it takes the result's size."""
    if f not in _wrapped:

        def run(*args: Any) -> Any:
            if len(args) > f.sources and all(type(x) is Tensor for x in args[: f.sources + 1]):
                store(args[0], f(*map(to_python, args[1:])))
                return args[0]
            return invoke(f, (), args)

        _wrapped[f] = run
    return _wrapped[f]


_wrapped: dict[Any, Any] = {}


def _folder() -> Any:
    return resources.files("luahost").joinpath("lua", "rocks")


def _files() -> list[str]:
    return sorted(f.name[:-4] for f in _folder().iterdir() if f.name.endswith(".lua"))


def _text(rock: str) -> str:
    return _folder().joinpath(f"{rock}.lua").read_text(encoding="utf-8")
