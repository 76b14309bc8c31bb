"""``torch7.require(name)``: the package that ``require 'name'`` gave a Lua script."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

_TORCH = {"torch": "torch7", "dl": "dataload", "stn": "nnx.stn", "inn": "nnx.inn"}
_TORCH |= {"fbnn": "nnx.fbnn", "fbcunn": "nnx.fbnn"}
_OWN = ("torch7", "nn", "nngraph", "optim", "dpnn", "rnn", "nnx", "dataload", "distlearn")


def is_package(name: str) -> bool:
    """Whether a name is one of Torch's packages or one of ``rocks``, and not a file of the script."""
    return _TORCH.get(name, name).split(".")[0] in _OWN or name in import_module("rocks").NAMES


def require(name: str) -> Any:
    """``image = torch7.require('image')``, also where Python has another module of that name, as for ``sys``.

    Torch's own packages and the ones in ``rocks`` come first, then Python modules of the script. ``ImportError`` where
    there is none.
    """
    own = _TORCH.get(name, name)
    if own.split(".")[0] in _OWN:
        return import_module(own)
    rocks = import_module("rocks")
    if name in rocks.NAMES:
        return rocks.require(name)
    path = name.removesuffix(".py").replace("/", ".").lstrip(".")
    if find_spec(path.split(".")[0]) is None:
        raise ModuleNotFoundError(f"torch7.require: no package {name!r}", name=name)
    return import_module(path)
