"""The packages that Lua scripts require besides Torch's own: ``from rocks import image, xlua, sys``.

Each is also ``torch7.require(name)``, and those whose name no module of Python has can be imported by it, ``import
image``. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Lua's name -> the module here
NAMES = {
    "argcheck": "argcheck",
    "bit": "bit",
    "cjson": "cjson",
    "class": "class_",
    "csvigo": "csvigo",
    "cudnn": "cudnn",
    "cunn": "cunn",
    "cutorch": "cutorch",
    "display": "display",
    "gnuplot": "gnuplot",
    "hdf5": "hdf5",
    "image": "image",
    "lapp": "lapp",
    "lfs": "lfs",
    "loadcaffe": "loadcaffe",
    "matio": "matio",
    "moses": "moses",
    "npy4th": "npy4th",
    "optnet": "optnet",
    "paths": "paths",
    "pl.lapp": "lapp",
    "pl.path": "pl_path",
    "sys": "sys",
    "tds": "tds",
    "threads": "threads",
    "xlua": "xlua",
}


def require(name: str) -> Any:
    """The package of a name in Lua; ``ImportError`` for one that is not here."""
    if name not in NAMES:
        raise ModuleNotFoundError(f"no package {name!r}; there are {', '.join(sorted(NAMES))}", name=name)
    return import_module(f"{__name__}.{NAMES[name]}")


def __getattr__(name: str) -> Any:
    if name in NAMES.values():
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'rocks' has no attribute {name!r}")
