"""Lua's ``io`` and ``os``."""

from __future__ import annotations

import builtins
import os as _os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from . import texts
from .strings import str_of, tonumber


class File:
    """An open file of Lua's ``io``."""

    _ahead = ""  # read, but not given yet

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
        kind = form.lstrip("*")[:1] if isinstance(form, str) else ""
        if kind == "n":
            return self._number()
        ahead, self._ahead = self._ahead, ""
        if isinstance(form, int | float):
            return (ahead + self.stream.read(int(form) - len(ahead)))[: int(form)] or None
        if kind == "a":
            return ahead + self.stream.read()
        line = ahead if ahead == "\n" else ahead + self.stream.readline()
        return (line if kind == "L" else line.removesuffix("\n")) if line else None

    def _number(self) -> Any:
        word, c = "", self._character()
        while c.isspace():
            c = self._character()
        while c and (c.isalnum() or c in "+-."):
            word += c
            c = self._character()
        self._ahead = c
        return tonumber(word)

    def _character(self) -> str:
        """The next character; the one behind a number is read again."""
        c, self._ahead = self._ahead or self.stream.read(1), ""
        return c

    def lines(self) -> Iterator[str]:
        """The lines without their ends."""
        for line in self.stream:
            yield line.removesuffix("\n")

    def seek(self, whence: str = "cur", offset: int = 0) -> int:
        """Go to a place; returns it."""
        base = {"set": 0, "cur": self.stream.tell() - len(self._ahead), "end": 0}[whence]
        self._ahead = ""
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


def fallible(f: Callable[..., Any]) -> Callable[..., Any]:
    """``f`` that gives None where it fails; :func:`outcome` tells why."""

    def quiet(*args: Any) -> Any:
        return outcome(quiet, *args)[0]

    quiet.raising = f
    return quiet


def outcome(f: Callable[..., Any], *args: Any, count: int | None = None) -> tuple:
    """All that Lua's ``io.open`` and its like give: the value, or nil, the message and the number of the error.

    ``count``: as many values as there are names for them.
    """
    try:
        values: tuple = (f.raising(*args),)
    except OSError as e:
        values = None, f"{texts.incoming(str(e.filename))}: {e.strerror}", e.errno
    except SyntaxError as e:
        values = None, str(e)
    return values if count is None else (*values, *[None] * count)[:count]


@fallible
def _open(path: str, mode: str = "r") -> File:
    """An open file."""
    errors = "octets" if texts.mode.on else "surrogateescape"
    plain = mode.replace("b", "")
    return File(builtins.open(texts.outgoing(path), plain, encoding=texts.encoding(), errors=errors, newline=""))


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
    pipes = {"stdout" if mode == "r" else "stdin": subprocess.PIPE}
    process = subprocess.Popen(texts.outgoing(command), shell=True, encoding=texts.encoding(), **pipes)
    return File(process.stdout if mode == "r" else process.stdin)


@fallible
def _remove(path: str) -> bool:
    path = texts.outgoing(path)
    _os.rmdir(path) if _os.path.isdir(path) else _os.remove(path)
    return True


@fallible
def _rename(old: str, new: str) -> bool:
    _os.rename(texts.outgoing(old), texts.outgoing(new))
    return True


def _tmpname() -> str:
    handle, path = tempfile.mkstemp(prefix="lua_")
    _os.close(handle)
    return path


def _getenv(name: str) -> str | None:
    value = _os.environ.get(texts.outgoing(name))
    return value and texts.incoming(value)


def _exit(code: Any = None) -> None:
    sys.exit(0 if code in (None, True) else 1 if code is False else int(code))


def _date(form: str = "%c", when: float | None = None) -> Any:
    moment = time.gmtime(when) if form.startswith("!") else time.localtime(when)
    if not form.lstrip("!").startswith("*t"):
        return time.strftime(form.lstrip("!"), moment)
    named = dict(zip(("year", "month", "day", "hour", "min", "sec"), moment))
    return named | {"wday": (moment.tm_wday + 1) % 7 + 1, "yday": moment.tm_yday, "isdst": bool(moment.tm_isdst)}


def _time(fields: Any = None) -> int:
    if fields is None:
        return int(time.time())
    get = fields.get if isinstance(fields, dict) else lambda name, default=None: fields[name] or default
    parts = [int(get(name, default)) for name, default in (("hour", 12), ("min", 0), ("sec", 0))]
    return int(time.mktime((int(get("year")), int(get("month")), int(get("day")), *parts, 0, 0, -1)))


def _type(x: Any) -> str | None:
    if not isinstance(x, File):
        return None
    return "closed file" if x.stream.closed else "file"


io = SimpleNamespace(open=_open, lines=_lines, popen=_popen, stdin=_stdin, stdout=_stdout, stderr=_stderr,
                     write=lambda *values: _stdout.write(*values), read=lambda *forms: _stdin.read(*forms),
                     flush=lambda: _stdout.flush(), close=lambda f: f.close(),
                     type=_type)  # fmt: skip
os = SimpleNamespace(clock=lambda: time.process_time() - _started, time=_time, date=_date,
                     getenv=_getenv, remove=_remove, tmpname=_tmpname, exit=_exit,
                     rename=_rename, execute=lambda c=None: _os.system(texts.outgoing(c)) if c else 1,
                     difftime=lambda a, b: a - b)  # fmt: skip
