"""A program's own ``nn.py`` or ``optim.py``, which hides the package of that name, is told by its file."""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module

#: The library, and those of its names that a program would hardly give to something else.
NAMES = ("nn", "rnn", "dpnn", "nngraph", "nnx", "optim", "dataload", "distlearn", "rocks", "luahost", "exchange")
DOORS = ("image", "xlua", "gnuplot", "cudnn", "cunn", "cutorch")
HOME = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def hiding(name: str) -> str | None:
    """The file or folder that hides package ``name``: what is imported already, or lies in the program's folder."""
    module = sys.modules.get(name)
    if module is not None:
        file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
        ours = file is None or os.path.realpath(file).startswith(HOME + os.sep)
        return None if ours else file
    try:
        folder = os.path.realpath(sys.path[0] or os.curdir) if sys.path else HOME
    except OSError:  # the current folder was deleted
        return None
    if folder == HOME:
        return None
    for place in (os.path.join(folder, name, "__init__.py"), os.path.join(folder, f"{name}.py")):
        if os.path.isfile(place) and not os.path.realpath(place).startswith(HOME + os.sep):
            return place
    return None


def message(name: str, file: str) -> str:
    return f"{file} hides the package {name} of this library, which cannot be imported: rename the file"


def report() -> None:
    """Warn of every package that is hidden."""
    for name in (*NAMES, *DOORS):
        file = hiding(name)
        if file is not None:
            warnings.warn(message(name, file), UserWarning, stacklevel=3)


def needs(*names: str) -> None:
    """``ImportError`` that names the file, where a package that another stands on is hidden."""
    for name in names:
        import_module(name)
        file = hiding(name)
        if file is not None:
            raise ImportError(message(name, file), name=name, path=file)
