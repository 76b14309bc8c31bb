"""Errors: any value may be raised; ``pcall`` gives it back, for an exception of Python a text as Lua's."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .table import truth_of
from .values import values_of

_NIL = (
    (re.compile(r"'NoneType' object is not (?:subscriptable|iterable)"), "attempt to index a nil value"),
    (re.compile(r"'NoneType' object has no attribute '(\w+)'"), r"attempt to index a nil value (field '\1')"),
    (re.compile(r"'NoneType' object does not support item assignment"), "attempt to index a nil value"),
    (re.compile(r"'NoneType' object is not callable"), "attempt to call a nil value"),
    (re.compile(r"unsupported operand type\(s\) for .*'NoneType'"), "attempt to perform arithmetic on a nil value"),
    (re.compile(r"'.*' not supported between instances of .*'NoneType'"), "attempt to compare nil with a value"),
)


class LuaError(Exception):
    """An error of a program; ``value`` is what it raised."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


def error(value: Any = None, level: int = 1) -> None:
    """Raise a value; a text gets the place in the program unless ``level`` is 0."""
    if isinstance(value, str) and level:
        frame = sys._getframe(int(level))
        value = f"{frame.f_code.co_filename}:{frame.f_lineno}: {value}"
    raise LuaError(value)


def assert_(*values: Any) -> Any:
    """The values themselves, or an error with the second where the first is nil or false."""
    if not values or not truth_of(values[0]):
        raise LuaError(values[1] if len(values) > 1 else "assertion failed!")
    return values[0] if len(values) == 1 else values


def message(e: BaseException) -> Any:
    """What ``pcall`` gives for an exception."""
    if isinstance(e, LuaError):
        return e.value
    if isinstance(e, AssertionError) and not e.args:
        return "assertion failed!"
    text = str(e.args[0]) if isinstance(e, KeyError) and e.args else str(e)
    for pattern, words in _NIL:
        if m := pattern.search(text):
            text = m.expand(words)
            break
    return "\n".join([text or type(e).__name__, *getattr(e, "__notes__", [])])


def pcall(f: Callable[..., Any], *args: Any) -> tuple:
    """True and the values of ``f(*args)``, or False and the error."""
    try:
        return True, *values_of(f(*args))
    except Exception as e:
        return False, message(e)


def xpcall(f: Callable[..., Any], handler: Callable[[Any], Any], *args: Any) -> tuple:
    """As :func:`pcall`, with what ``handler`` makes of the error."""
    try:
        return True, *values_of(f(*args))
    except Exception as e:
        return False, *values_of(handler(message(e)))


def _traceback(text: Any = None, *_: Any) -> Any:
    return text if text is not None and not isinstance(text, str) else f"{text or ''}\nstack traceback:"


def _getinfo(level: Any = 1, *_: Any) -> dict[str, Any]:
    """Where the code of a level of calls stands."""
    frame = sys._getframe(int(level) if isinstance(level, int | float) else 1)
    file, code = frame.f_code.co_filename, frame.f_code
    return {
        "source": f"@{file}",
        "short_src": file,
        "currentline": frame.f_lineno,
        "name": code.co_name,
        "linedefined": code.co_firstlineno,
        "what": "Lua",
    }


debug = SimpleNamespace(traceback=_traceback, getinfo=_getinfo)
