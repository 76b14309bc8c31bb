"""Errors: any value may be raised; ``pcall`` gives it back, for an exception of Python a text as Lua's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .places import last_of_program, lines_of, place
from .table import truth_of
from .told import told
from .values import values_of


class LuaError(Exception):
    """An error of a program; ``value`` is what it raised."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


def error(value: Any = None, level: int = 1) -> None:
    """Raise a value; a text gets the place in the program unless ``level`` is 0."""
    if isinstance(value, str) and level:
        value = place(sys._getframe(int(level))) + value
    raise LuaError(value)


def assert_(*values: Any) -> Any:
    """The values themselves, or an error with the second where the first is nil or false."""
    if not values or not truth_of(values[0]):
        said = values[1] if len(values) > 1 else "assertion failed!"
        frame = sys._getframe(1)
        raise LuaError(place(frame) + said if isinstance(said, str) and lines_of(frame.f_code.co_filename) else said)
    return values[0] if len(values) == 1 else values


def message(e: BaseException) -> Any:
    """What ``pcall`` gives for an exception."""
    if isinstance(e, LuaError):
        return e.value
    if isinstance(e, AssertionError) and (not e.args or isinstance(e.args[0], str)):
        at = last_of_program(e.__traceback__)
        own = at is not None and at.tb_next is None
        return (place(at.tb_frame, at.tb_lineno) if own else "") + (e.args[0] if e.args else "assertion failed!")
    if isinstance(e, FileNotFoundError) and e.filename is not None:  # the library's: Lua's own give nil
        return f"cannot open <{e.filename}> in mode r"
    text = str(e.args[0]) if isinstance(e, KeyError) and e.args else str(e)
    return "\n".join([told(e, text) or text or type(e).__name__, *getattr(e, "__notes__", [])])


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
    known = lines_of(file)
    return {
        "source": f"@{known.name if known else file}",
        "short_src": known.name if known else file,
        "currentline": int(place(frame).rsplit(":", 2)[1]),
        "name": code.co_name,
        "linedefined": code.co_firstlineno,
        "what": "Lua",
    }


debug = SimpleNamespace(traceback=_traceback, getinfo=_getinfo)
