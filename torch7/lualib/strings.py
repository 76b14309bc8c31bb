"""Lua's ``string`` over Python's text: patterns, formats, places from 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from ..lua import is_number, lua_number, lua_pattern, split_by
from ..lua import tonumber as parsed

_DIRECTIVE = re.compile(r"%([-+ #0]*\d*(?:\.\d+)?)([a-zA-Z%])")


def tonumber(x: Any, base: int | None = None) -> Any:
    """The number that a text is, None where it is none."""
    if base is not None:
        try:
            return int(str(x), int(base))
        except ValueError:
            return None
    if isinstance(x, str):
        return parsed(x)
    return x if is_number(x) else None


def format(form: str, *values: Any) -> str:
    """``string.format``."""
    rest = iter(values)

    def write(m: re.Match) -> str:
        flags, kind = m.groups()
        if kind == "%":
            return "%"
        return _directive(flags, kind, next(rest))

    return _DIRECTIVE.sub(write, form)


def _directive(flags: str, kind: str, x: Any) -> str:
    from .show import tostring

    if kind == "q":
        return '"' + re.sub(r'["\\\n]|[\0-\x1f\x7f]\d?', _escaped, x) + '"'
    if kind == "s":
        return f"%{flags}s" % tostring(x)
    if kind == "c":
        return chr(int(x))
    x = tonumber(x)
    if kind in "dioxXu":
        return f"%{flags}{'d' if kind == 'u' else kind}" % int(x)
    return f"%{flags}{kind}" % x


def _escaped(m: re.Match) -> str:
    c, digit = m[0][0], m[0][1:]
    return "\\" + c if c in '"\\\n' else f"\\{ord(c):03d}{digit}" if digit else f"\\{ord(c)}"


def _start(s: str, init: int) -> int:
    return max(init - 1, 0) if init > 0 else max(len(s) + init, 0) if init < 0 else 0


def _captures(m: re.Match, whole: bool = True) -> tuple:
    found = [m.start(i) + 1 if _is_place(m, i) else m[i] for i in range(1, m.re.groups + 1)]
    return tuple(found) if found or not whole else (m[0],)


def _is_place(m: re.Match, group: int) -> bool:
    """Whether a capture is ``()``, which gives its place."""
    return m[group] == "" and group in _place_groups(m.re.pattern)


def _place_groups(pattern: str) -> set[int]:
    groups = re.findall(r"\\.|\[(?:\\.|[^]])*\]|\((?!\?)\)?", pattern)
    found = [g for g in groups if g.startswith("(")]
    return {i for i, g in enumerate(found, 1) if g == "()"}


def find(s: str, pattern: str, init: int = 1, plain: Any = None) -> tuple:
    """First and last place of a match and its captures, (None,) where there is none."""
    if plain is not None and plain is not False:
        place = s.find(pattern, _start(s, init))
        return (None,) if place < 0 else (place + 1, place + len(pattern))
    m = _search(s, pattern, init)
    return (None,) if m is None else (m.start() + 1, m.end(), *_captures(m, whole=False))


def _search(s: str, pattern: str, init: int) -> re.Match | None:
    text, start = str_of(s), _start(s, int(init))
    if pattern.startswith("^"):
        return lua_pattern(pattern[1:]).match(text, start)
    return lua_pattern(pattern).search(text, start)


def str_of(x: Any) -> str:
    """A text; numbers as Lua shows them."""
    return lua_number(x) if is_number(x) else x


def match(s: str, pattern: str, init: int = 1) -> Any:
    """The capture of a match, or all of it; a tuple of several captures; None, or a tuple of it, without a match."""
    m = _search(s, pattern, init)
    if m is None:
        return None if lua_pattern(pattern).groups < 2 else (None,) * lua_pattern(pattern).groups
    found = _captures(m)
    return found[0] if len(found) == 1 else found


def gmatch(s: str, pattern: str) -> Iterator[Any]:
    """The matches one after another, each as :func:`match` gives it."""
    for m in lua_pattern(pattern).finditer(str_of(s)):
        found = _captures(m)
        yield found[0] if len(found) == 1 else found


def gsub(s: str, pattern: str, new: Any, most: int | None = None) -> tuple[str, int]:
    """The text with its matches replaced, and how many there were."""
    if most is not None and most <= 0:
        return s, 0
    compiled = lua_pattern(pattern)
    return compiled.subn(_replacement(new), str_of(s), 0 if most is None else int(most))


def _replacement(new: Any) -> Callable[[re.Match], str]:
    if isinstance(new, str) or is_number(new):
        text = str_of(new)
        return lambda m: re.sub(r"%(.)", lambda d: _group(m, d[1]), text, flags=re.S)

    def run(m: re.Match) -> str:
        found = _captures(m)
        value = new(*found) if callable(new) and not hasattr(new, "_content") else _item(new, found[0])
        value = value[0] if isinstance(value, tuple) else value
        return m[0] if value is None or value is False else str_of(value)

    return run


def _item(t: Any, key: Any) -> Any:
    return t.get(key) if isinstance(t, dict) else t[key]


def _group(m: re.Match, digit: str) -> str:
    if not digit.isdigit():
        return digit
    if digit == "0" or (digit == "1" and not m.re.groups):
        return m[0]
    return str_of(_captures(m)[int(digit) - 1])


def sub(s: str, first: int, last: int = -1) -> str:
    """The characters from the place ``first`` to ``last``; negative places count from the end."""
    s, first, last = str_of(s), int(first), int(last)
    start = max(first, 1) if first >= 0 else max(len(s) + first + 1, 1)
    end = last if last >= 0 else len(s) + last + 1
    return s[start - 1 : max(end, 0)]


def byte(s: str, first: int = 1, last: int | None = None) -> Any:
    """The code of a character, a tuple of those of several; None past the end."""
    codes = tuple(map(ord, sub(s, first, first if last is None else last)))
    return codes[0] if len(codes) == 1 else codes or None


def rep(s: Any, count: float, separator: str = "") -> str:
    """The text ``count`` times."""
    return separator.join([str_of(s)] * int(count))


def char(*codes: float) -> str:
    """The characters of these codes."""
    return "".join(chr(int(c)) for c in codes)


def split(s: str, pattern: str = " ") -> list[str]:
    """The parts between matches of a pattern (an extension of ``th``)."""
    return split_by(s, pattern)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_UPPER, _LOWER = str.maketrans(_LETTERS, _LETTERS.upper()), str.maketrans(_LETTERS.upper(), _LETTERS)


def upper(s: Any) -> str:
    """With capital letters, those of ASCII alone."""
    return str_of(s).translate(_UPPER)


def lower(s: Any) -> str:
    """With small letters, those of ASCII alone."""
    return str_of(s).translate(_LOWER)


string = SimpleNamespace(
    format=format, find=find, match=match, gmatch=gmatch, gsub=gsub, sub=sub, byte=byte, rep=rep, char=char,
    split=split, upper=upper, lower=lower, len=lambda s: len(str_of(s)), reverse=lambda s: str_of(s)[::-1],
)  # fmt: skip
