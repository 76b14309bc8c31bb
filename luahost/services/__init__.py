"""What scripts require besides the packages of this library: a Python face for each, or a file of ``lua/rocks``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

from ..calls import callable_of
from ..runtime import function, host
from . import cjson, csvigo, image, lfs, paths, sys_, xlua

_FACES: dict[str, dict[str, Callable[..., Any]]] = {
    "paths": paths.FUNCTIONS,
    "sys": sys_.FUNCTIONS,
    "xlua": xlua.FUNCTIONS,
    "lfs": lfs.FUNCTIONS,
    "cjson": cjson.FUNCTIONS,
    "csvigo": csvigo.FUNCTIONS,
    "image": image.FUNCTIONS,
}
_PRELOADED = ("paths", "sys", "xlua")  # by `th`, as globals


def install() -> None:
    """Let ``require`` find them; what ``th`` loaded is loaded."""
    library = host.library
    for name, functions in _FACES.items():
        library.add_face(name, host.lua.table_from({k: callable_of(f) for k, f in functions.items()}))
    library.rock_text = function(_text)
    for rock in _rocks():
        library.add_rock(rock)
    for name in _PRELOADED:
        host.globals[name] = host.globals.require(name)


def _folder() -> Any:
    return resources.files("luahost").joinpath("lua", "rocks")


def _rocks() -> list[str]:
    return sorted(f.name[:-4] for f in _folder().iterdir() if f.name.endswith(".lua"))


def _text(rock: str) -> str:
    return _folder().joinpath(f"{rock}.lua").read_text(encoding="utf-8")
