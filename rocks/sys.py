"""``require 'sys'``: clock, shell, names of files, colours of a terminal.

Python has a module ``sys`` of its own; this one is ``torch7.require('sys')`` or ``from rocks import sys``.
"""

from __future__ import annotations

import os
import subprocess
import sys as python
import time
from types import SimpleNamespace

from torch7.lua import split_by

from . import paths
from .paths import basename as basename
from .paths import dirname as dirname
from .paths import dirp as dirp
from .paths import filep as filep

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
COLORS = SimpleNamespace(
    none="\x1b[0m",
    **{name: f"\x1b[0;{30 + i}m" for i, name in enumerate(_NAMES)},
    **{name.capitalize(): f"\x1b[1;{30 + i}m" for i, name in enumerate(_NAMES)},
    **{f"_{name}": f"\x1b[{40 + i}m" for i, name in enumerate(_NAMES)},
)
colors = COLORS
_started = [time.time()]


def clock() -> float:
    """The seconds since 1970, with their fractions."""
    return time.time()


def tic() -> None:
    """Start the watch that :func:`toc` reads."""
    _started[0] = time.time()


def toc(verbose: bool | None = None) -> float:
    """The seconds since :func:`tic`."""
    seconds = time.time() - _started[0]
    if verbose:
        print(f"{seconds:.14g}")
    return seconds


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def usleep(microseconds: float) -> None:
    """Wait."""
    time.sleep(microseconds / 1e6)


def execute(command: str) -> str:
    """What a shell command writes, errors too, without white space around it."""
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return os.fsdecode(done.stdout).strip(" \t\n\r\f\v")


fexecute = execute


def ls(folder: str | None = None) -> str:
    """The names in a folder, a line each."""
    return "\n".join(sorted(name for name in os.listdir(folder or ".") if name[0] != "."))


def la(folder: str | None = None) -> str:
    """The names in a folder with those that begin with a point."""
    return "\n".join(sorted([".", "..", *os.listdir(folder or ".")]))


def ll(folder: str | None = None) -> str:
    """The long listing of a folder."""
    return execute(f"ls -l {subprocess.list2cmdline([folder or '.'])}")


def lla(folder: str | None = None) -> str:
    """The long listing with the names that begin with a point."""
    return execute(f"ls -la {subprocess.list2cmdline([folder or '.'])}")


def pwd() -> str:
    """The current folder."""
    return os.getcwd()


def split(text: str, pattern: str | None = None) -> list[str]:
    """The parts between matches of a Lua pattern; an empty one at the start or the end is left out."""
    return split_by(text, pattern or " ")


def concat(*parts: str) -> str:
    """The parts as one name; a relative one stays relative."""
    return os.path.join(*parts)


def isNaN(x: float) -> bool:
    """Whether a number is none."""
    return x != x


def uname() -> str:
    """``'linux'``, ``'macos'`` or ``'windows'``."""
    return {"linux": "linux", "darwin": "macos"}.get(python.platform, "windows")


OS = uname()
prefix = python.prefix


def getCacheDir() -> str:
    """Where programs keep what they can make again."""
    return os.path.expanduser("~/.cache")


def fpath() -> str | None:
    """The folder of the file of the code that asks."""
    here = paths.thisfile(None, 2)
    return None if here is None else dirname(here)
