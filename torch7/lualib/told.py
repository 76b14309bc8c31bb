"""Exceptions of Python that Lua raises itself, in Lua's words: ``attempt to index local 't' (a nil value)``."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from types import FrameType, TracebackType

from ..lua import is_number, lua_type
from .places import described, expression, last_of_program, place, value_of

_WORDS = {"NoneType": "nil", "int": "number", "float": "number", "str": "string", "list": "table", "dict": "table",
          "Table": "table", "bool": "boolean", "function": "function", "builtin_function_or_method": "function",
          "method": "function"}  # fmt: skip
_HERE = os.path.dirname(__file__)


def _word(name: str) -> str:
    return _WORDS.get(name, "userdata")


def _arguments(x: ast.expr | None) -> list[ast.expr]:
    return x.args if isinstance(x, ast.Call) else []


def _indexed(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    of = x.value if isinstance(x, ast.Subscript | ast.Attribute) else next(iter(_arguments(x)), None)
    return f"attempt to index {described(of, frame, _word(m[1]))}"


def _lacking(m: re.Match, x: ast.expr | None, frame: FrameType) -> str | None:
    """An attribute that is not there is nil, which the program calls."""
    return _indexed(m, x, frame) if m[1] == "NoneType" else f"attempt to call method '{m[2]}' (a nil value)"


def _called(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    f = x.func if isinstance(x, ast.Call) else None
    if isinstance(f, ast.Attribute) and getattr(f.value, "id", "") != "G":
        return f"attempt to call method '{f.attr}' (a {_word(m[1])} value)"
    return f"attempt to call {described(f, frame, _word(m[1]))}"


def _computed(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    words = [_word(name) for name in m.groups()]
    sides = [x.left, x.right] if isinstance(x, ast.BinOp) else [x.operand] if isinstance(x, ast.UnaryOp) else []
    first = next((i for i, word in enumerate(words) if word != "number"), 0)
    return f"attempt to perform arithmetic on {described(sides[first] if sides else None, frame, words[first])}"


def _added(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    """``'a' + 1`` is arithmetic, ``'a' + nil`` was ``'a' .. nil``."""
    left, right = _word(m[1]), _word(m[2])
    sides = [x.left, x.right] if isinstance(x, ast.BinOp) else [None, None]
    if left == "string" and right not in ("number", "string"):
        return f"attempt to concatenate {described(sides[1], frame, right)}"
    return f"attempt to perform arithmetic on {described(sides[0], frame, left)}"


def _compared(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    words = _word(m[2]), _word(m[3])
    if words[0] == words[1]:
        return f"attempt to compare two {words[0]} values"
    first, second = reversed(words) if m[1].startswith(">") else words
    return f"attempt to compare {first} with {second}"


def _measured(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    return f"attempt to get length of {described(next(iter(_arguments(x)), None), frame, _word(m[1]))}"


def _of_helper(m: re.Match, x: ast.expr | None, frame: FrameType) -> str:
    """What the run-time library raised: which of the arguments it was."""
    verb, word = m.groups()
    arguments = _arguments(x)
    if verb in ("index", "get length of"):
        return f"attempt to {verb} {described(next(iter(arguments), None), frame, word)}"
    for argument in arguments[verb == "perform arithmetic on" :]:  # behind the operator
        value = value_of(argument, frame)
        if value is not ... and not (is_number(value) or (isinstance(value, str) and verb == "concatenate")):
            word = _WORDS.get(type(value).__name__) or lua_type(value)
            return f"attempt to {verb} {described(argument, frame, word)}"
    return m[0]


_SAID: tuple[tuple[str, Callable[[re.Match, ast.expr | None, FrameType], str | None]], ...] = (
    (r"'(\w+)' object (?:is not (?:subscriptable|iterable)|does not support item assignment)", _indexed),
    (r"'([\w.]+)' object has no attribute '(\w+)'", _lacking),
    (r"'(\w+)' object is not callable", _called),
    (r"unsupported operand type\(s\) for [^:]*: '(\w+)' and '(\w+)'", _computed),
    (r"bad operand type for unary -: '(\w+)'", _computed),
    (r"can only concatenate (\w+) \(not \"(\w+)\"\) to \w+", _added),
    (r"'(\S+)' not supported between instances of '(\w+)' and '(\w+)'", _compared),
    (r"object of type '(\w+)' has no len\(\)", _measured),
    (r"attempt to (index|get length of|perform arithmetic on|concatenate) a (\w+) value$", _of_helper),
)


def told(e: BaseException, text: str) -> str | None:
    """Lua's words for an exception, with the place in the program where it came from one; None for others."""
    if not isinstance(e, TypeError | AttributeError):
        return None
    at = last_of_program(e.__traceback__)
    inside = at is not None and _in_library(at.tb_next)
    for pattern, write in _SAID:
        if m := re.match(pattern, text):
            said = write(m, expression(at) if inside and at else None, at.tb_frame if at else None)
            return said and (place(at.tb_frame, at.tb_lineno) if inside and at else "") + said
    if text.startswith(("attempt to ", "table index is ")) and inside and at:
        return place(at.tb_frame, at.tb_lineno) + text
    return None


def _in_library(rest: TracebackType | None) -> bool:
    """Whether what follows in a traceback are functions that stand for Lua's own."""
    while rest is not None and os.path.dirname(rest.tb_frame.f_code.co_filename) == _HERE:
        rest = rest.tb_next
    return rest is None
