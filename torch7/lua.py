"""Small facts of Lua that scripts show: names of types, how numbers print and parse, patterns, tables with fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_CLASSES = {
    "a": "a-zA-Z",
    "c": r"\x00-\x1f\x7f",
    "d": "0-9",
    "l": "a-z",
    "p": r"!-/:-@\[-`{-~",
    "s": r" \t\n\r\f\v",
    "u": "A-Z",
    "w": "a-zA-Z0-9",
    "x": "0-9a-fA-F",
    "z": r"\x00",
}
_NESTED = 40
_TOKEN = re.compile(
    r"%b(?P<balanced>..)|%f(?P<frontier>\[\^?\]?[^]]*\])|%(?P<escape>.)|(?P<set>\[\^?(?:%.|\])?(?:%.|[^]])*\])|(?P<char>.)",
    re.S,
)


class Table(dict):
    """A table with named fields: ``opt.lr`` is ``opt['lr']``; fields named like dict methods need the brackets."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]


def is_number(x: Any) -> bool:
    """Whether Lua would call ``x`` a number: Python and NumPy scalars, but no bool."""
    return isinstance(x, int | float | np.integer | np.floating) and not isinstance(x, bool)


def lua_type(x: Any) -> str:
    """What Lua's ``type(x)`` said of a value that is no torch object: nil, boolean, number, string, table, ..."""
    if x is None:
        return "nil"
    if isinstance(x, bool | np.bool_):
        return "boolean"
    if is_number(x):
        return "number"
    if isinstance(x, str | bytes):
        return "string"
    if isinstance(x, list | tuple | Mapping):
        return "table"
    return "function" if isinstance(x, Callable) else "userdata"


def lua_number(x: float) -> str:
    """A number as Lua prints it: 14 significant digits."""
    return f"{float(x):.14g}"


def tonumber(text: str) -> int | float | None:
    """Lua's ``tonumber``: decimal or hexadecimal, None if it is no number; whole numbers become ints."""
    text = text.strip()
    if "_" in text:
        return None
    try:
        value = float.fromhex(text) if "x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return None
    return int(value) if value == value and abs(value) < 2**63 and value == int(value) else value


def lua_pattern(pattern: str) -> re.Pattern:
    """A Lua pattern as a compiled regular expression; ``%b`` finds up to 40 levels."""
    body = pattern.removeprefix("^")
    anchored, tail = len(body) < len(pattern), ""
    if body.endswith("$") and not body.endswith("%$"):
        body, tail = body[:-1], r"\Z"
    parts: list[str] = []
    single = False  # whether a sign of repetition may follow: behind one character or class, not behind a group
    for token in _TOKEN.finditer(body):
        parts.append(_translate(token, single))
        single = _is_single(token, single)
    try:
        return re.compile((r"\A" if anchored else "") + "".join(parts) + tail, re.S)
    except re.error as e:
        raise ValueError(f"malformed pattern {pattern!r}: {e}") from None


def split_by(text: str, pattern: str) -> list[str]:
    """The parts between matches of a Lua pattern; an empty one at the start or the end is left out, as in ``sys``."""
    parts, start = [], 0
    for m in lua_pattern(pattern).finditer(text):
        if m.end() == m.start():
            break
        if m.start() > 0:
            parts.append(text[start : m.start()])
        start = m.end()
    return [*parts, text[start:]] if start < len(text) else parts


def _is_single(token: re.Match, after_single: bool) -> bool:
    """Whether a piece of a pattern stands for one character."""
    if token["char"]:
        return token["char"] not in "()" and not (after_single and token["char"] in "*+?-")
    return bool(token["set"] or (token["escape"] and not token["escape"].isdigit()))


def _translate(token: re.Match, after_item: bool) -> str:
    if token["balanced"]:
        return _balanced(*map(re.escape, token["balanced"]))
    if token["frontier"]:
        inside = _set(token["frontier"])
        return f"(?<!{inside})(?={inside}|\\Z)"
    if token["set"]:
        return _set(token["set"])
    if token["escape"]:
        return _escape(token["escape"])
    char = token["char"]
    if char in "*+?-" and after_item:
        return "*?" if char == "-" else char
    return char if char in ".()" else re.escape(char)


def _balanced(first: str, last: str) -> str:
    """``%bxy``: from ``x`` to the ``y`` that closes it, ``_NESTED`` deep."""
    if first == last:
        return f"{first}[^{first}]*{first}"
    plain = found = f"[^{first}{last}]"
    for _ in range(_NESTED):
        found = f"(?:{plain}|{first}{found}*{last})"
    return f"{first}{found}*{last}"


def _escape(char: str) -> str:
    if char.lower() in _CLASSES:
        return f"[{'^' if char.isupper() else ''}{_CLASSES[char.lower()]}]"
    if char.isdigit():
        return f"(?:\\{char})"
    if char == "b":
        raise ValueError("malformed pattern: %b is followed by two characters")
    return re.escape(char)


def _set(text: str) -> str:
    """``[%w_-]`` -> ``[a-zA-Z0-9_\\-]``."""
    head = "[^" if text.startswith("[^") else "["
    items = re.findall(r"%.|[^%]-[^%]|.", text[len(head) : -1], re.S)
    return head + "".join(map(_set_item, items)) + "]"


def _set_item(item: str) -> str:
    if item.startswith("%"):
        name = item[1:]
        if name.isupper() and name.lower() in _CLASSES:
            inside = re.compile(f"[{_CLASSES[name.lower()]}]")
            return "".join(re.escape(chr(c)) for c in range(256) if not inside.match(chr(c)))
        return _CLASSES.get(name, re.escape(name))
    return f"{re.escape(item[0])}-{re.escape(item[2])}" if len(item) == 3 else re.escape(item)
