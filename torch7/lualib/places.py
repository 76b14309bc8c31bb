"""Where errors are: lines of the Lua program, from the comment at the end of its translation, and names of values."""

from __future__ import annotations

import ast
import linecache
import os
import re
import sys
from bisect import bisect_right
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any, NamedTuple

_COMMENT = re.compile(r"# lines of (?P<name>.+?): (?P<pairs>[\d: ]*)(?:; globals (?P<globals>.*))?$")


class Lines(NamedTuple):
    """A translation: the name of its Lua program, lines where that one's lines begin anew, and its globals."""

    name: str
    starts: list[int]
    shifts: list[int]
    globals: frozenset[str]


@lru_cache
def lines_of(path: str) -> Lines | None:
    """What the comment at the end of a file says, None without one."""
    last = next(filter(str.strip, reversed(linecache.getlines(path))), "")
    m = _COMMENT.match(last.strip())
    if m is None:
        return None
    pairs = [tuple(map(int, pair.split(":"))) for pair in m["pairs"].split()]
    name = os.path.join(os.path.dirname(_as_given(path)), m["name"])
    return Lines(name, [a for a, _ in pairs], [b - a for a, b in pairs], frozenset((m["globals"] or "").split()))


def _as_given(path: str) -> str:
    """The program by the name that it was started with."""
    return sys.argv[0] if sys.argv and os.path.abspath(sys.argv[0]) == os.path.abspath(path) else path


def place(frame: FrameType, line: int | None = None) -> str:
    """``train.lua:12: ``; of a file that is no translation its own name and line."""
    path, line = frame.f_code.co_filename, frame.f_lineno if line is None else line
    known = lines_of(path)
    if known is None:
        return f"{path}:{line}: "
    at = bisect_right(known.starts, line) - 1
    return f"{known.name}:{line + known.shifts[max(at, 0)] if known.shifts else line}: "


def last_of_program(traceback: TracebackType | None) -> TracebackType | None:
    """Where an exception left the translated program, None where it did not come through one."""
    found = None
    while traceback is not None:
        if lines_of(traceback.tb_frame.f_code.co_filename) is not None:
            found = traceback
        traceback = traceback.tb_next
    return found


def expression(at: TracebackType) -> ast.expr | None:
    """The expression that failed there."""
    code = at.tb_frame.f_code
    line, last, start, end = next(islice(code.co_positions(), at.tb_lasti // 2, None))
    if None in (line, last, start, end):
        return None
    text = [s.encode() for s in linecache.getlines(code.co_filename)[line - 1 : last]]
    if not text:
        return None
    text[-1] = text[-1][:end]
    text[0] = text[0][start:]
    try:
        return ast.parse(b"(" + b"".join(text) + b")", mode="eval").body
    except SyntaxError:
        return None


def value_of(x: ast.expr, frame: FrameType) -> Any:
    """The value of a name, field or item, looked up again."""
    if not isinstance(x, ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.List | ast.Dict | ast.JoinedStr):
        return ...
    try:
        return eval(compile(ast.Expression(x), "<place>", "eval"), frame.f_globals, frame.f_locals)
    except Exception:
        return ...


def described(x: ast.expr | None, frame: FrameType, word: str) -> str:
    """``local 'x' (a nil value)``; ``word`` is Lua's for the type."""
    name = _named(x, frame)
    return f"{name} (a {word} value)" if name else f"a {word} value"


def _named(x: ast.expr | None, frame: FrameType) -> str:
    if isinstance(x, ast.Name):
        return f"{_scope(x.id, frame)} '{x.id.removesuffix('_')}'"
    if isinstance(x, ast.Attribute):
        return f"{'global' if getattr(x.value, 'id', '') == 'G' else 'field'} '{x.attr}'"
    if isinstance(x, ast.Subscript):
        return f"field '{_key(x.slice)}'"
    if isinstance(x, ast.Call) and len(x.args) > 1 and getattr(x.func, "id", "") == "getattr":
        return f"field '{_key(x.args[1])}'"
    if isinstance(x, ast.Call) and isinstance(x.func, ast.Attribute) and x.func.attr in ("get", "index"):
        return f"field '{_key(x.args[x.func.attr == 'index'])}'"
    return ""


def _key(x: ast.expr) -> str:
    return x.value if isinstance(x, ast.Constant) and isinstance(x.value, str) else "?"


def _scope(name: str, frame: FrameType) -> str:
    code: CodeType = frame.f_code
    known = lines_of(code.co_filename)
    if known is not None and name in known.globals and name not in code.co_varnames:
        return "global"
    inside = code.co_name == "<module>" or name in (*code.co_varnames, *code.co_cellvars)
    return "local" if inside else "upvalue"
