"""``sys``: clock, shell, names of files, colours."""

from __future__ import annotations

import os
import subprocess
import time

from . import paths

_started = [time.time()]


def tic() -> None:
    """Start the watch that :func:`toc` reads."""
    _started[0] = time.time()


def toc(verbose: bool | None = None) -> float:
    """The seconds since :func:`tic`."""
    seconds = time.time() - _started[0]
    if verbose:
        print(f"{seconds:.14g}")
    return seconds


def execute(command: str) -> str:
    """What a shell command writes, without the newline at its end."""
    done = subprocess.run(command.encode("latin-1"), shell=True, stdout=subprocess.PIPE, check=False)
    return done.stdout.decode("latin-1").removesuffix("\n")


def ls(folder: str | None = None) -> str:
    """The names in a folder, a line each."""
    return "\n".join(sorted(paths.foreign(x) for x in os.listdir(paths.native(folder or ".")) if x[0] != "."))


def split(text: str, separator: str | None = None) -> list[str]:
    """The parts between separators, which are plain text, empty ones left out."""
    return [part for part in text.split(separator or " ") if part]


FUNCTIONS = {
    "clock": time.time,
    "tic": tic,
    "toc": toc,
    "usleep": lambda microseconds: time.sleep(microseconds / 1e6),
    "sleep": time.sleep,
    "execute": execute,
    "fexecute": execute,
    "ls": ls,
    "split": split,
    "basename": paths.basename,
    "dirname": paths.dirname,
    "concat": lambda *parts: os.path.join(*parts),
    "filep": lambda name: os.path.isfile(paths.native(name)),
    "dirp": lambda name: os.path.isdir(paths.native(name)),
    "isNaN": lambda x: x != x,
    "uname": lambda: {"Linux": "linux", "Darwin": "macos"}.get(os.uname().sysname, "windows"),
    "getCacheDir": lambda: os.path.expanduser("~/.cache"),
}
