"""Lua's ``io`` and ``os``."""

from __future__ import annotations

import builtins
import os as _os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from .strings import str_of, tonumber


class File:
    """An open file of Lua's ``io``."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, *values: Any) -> File:
        """Write texts and numbers."""
        for x in values:
            self.stream.write(str_of(x))
        return self

    def read(self, *forms: Any) -> Any:
        """A line, or what the forms ask for: ``*l``, ``*a``, ``*n``, a number of characters."""
        found = tuple(self._read(f) for f in forms or ("*l",))
        return found[0] if len(found) == 1 else found

    def _read(self, form: Any) -> Any:
        if isinstance(form, int | float):
            return self.stream.read(int(form)) or None
        kind = form.lstrip("*")[:1]
        if kind == "a":
            return self.stream.read()
        if kind == "n":
            return self._number()
        line = self.stream.readline()
        return (line if kind == "L" else line.removesuffix("\n")) if line else None

    def _number(self) -> Any:
        word, c = "", self.stream.read(1)
        while c.isspace():
            c = self.stream.read(1)
        while c and (c.isalnum() or c in "+-."):
            word += c
            c = self.stream.read(1)
        return tonumber(word)

    def lines(self) -> Iterator[str]:
        """The lines without their ends."""
        for line in self.stream:
            yield line.removesuffix("\n")

    def seek(self, whence: str = "cur", offset: int = 0) -> int:
        """Go to a place; returns it."""
        base = {"set": 0, "cur": self.stream.tell(), "end": 0}[whence]
        self.stream.seek(0, 2) if whence == "end" else None
        base = self.stream.tell() if whence == "end" else base
        self.stream.seek(base + int(offset))
        return self.stream.tell()

    def close(self) -> bool:
        """Close it."""
        self.stream.close()
        return True

    def flush(self) -> File:
        """Write what is kept."""
        self.stream.flush()
        return self

    def setvbuf(self, *_: Any) -> bool:
        """Nothing: Python buffers."""
        return True


def _open(path: str, mode: str = "r") -> File | None:
    """An open file, None where it cannot be opened."""
    try:
        return File(builtins.open(path, mode.replace("b", ""), encoding="utf-8", errors="surrogateescape", newline=""))
    except OSError:
        return None


def _lines(path: str | None = None) -> Iterator[str]:
    if path is None:
        return _stdin.lines()
    file = _open(path)
    if file is None:
        raise FileNotFoundError(f"{path}: No such file or directory")
    return file.lines()


class _Standard(File):
    """A standard stream, looked up when it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def stream(self) -> Any:
        return getattr(sys, self._name)


_stdin, _stdout, _stderr = _Standard("stdin"), _Standard("stdout"), _Standard("stderr")
_started = time.process_time()


def _popen(command: str, mode: str = "r") -> File:
    process = subprocess.Popen(command, shell=True, text=True, stdout=subprocess.PIPE if mode == "r" else None,
                               stdin=subprocess.PIPE if mode == "w" else None)  # fmt: skip
    return File(process.stdout if mode == "r" else process.stdin)


def _remove(path: str) -> bool | None:
    try:
        _os.remove(path)
    except OSError:
        return None
    return True


def _tmpname() -> str:
    handle, path = tempfile.mkstemp(prefix="lua_")
    _os.close(handle)
    return path


def _exit(code: Any = None) -> None:
    sys.exit(0 if code in (None, True) else 1 if code is False else int(code))


def _date(form: str = "%c", when: float | None = None) -> str:
    moment = time.gmtime(when) if form.startswith("!") else time.localtime(when)
    return time.strftime(form.lstrip("!"), moment)


io = SimpleNamespace(open=_open, lines=_lines, popen=_popen, stdin=_stdin, stdout=_stdout, stderr=_stderr,
                     write=lambda *values: _stdout.write(*values), read=lambda *forms: _stdin.read(*forms),
                     flush=lambda: _stdout.flush(), close=lambda f: f.close(),
                     type=lambda x: "file" if isinstance(x, File) else None)  # fmt: skip
os = SimpleNamespace(clock=lambda: time.process_time() - _started, time=lambda *_: int(time.time()), date=_date,
                     getenv=lambda name: _os.environ.get(name), remove=_remove, tmpname=_tmpname, exit=_exit,
                     rename=lambda a, b: _os.rename(a, b) or True, execute=lambda c=None: _os.system(c) if c else 1,
                     difftime=lambda a, b: a - b)  # fmt: skip
