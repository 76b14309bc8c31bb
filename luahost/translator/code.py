"""Pieces of Python with their rank in its grammar, so that parentheses stand only where they must."""

from __future__ import annotations

from contextlib import suppress

LAMBDA, TERNARY, OR, AND, NOT, COMPARE, ADD, MULTIPLY, UNARY, POWER, ATOM = range(11)


class Code(str):
    """The text of an expression; ``rank``: how tightly its outermost operator binds."""

    __slots__ = ("rank",)
    rank: int

    def __new__(cls, text: str, rank: int = ATOM) -> Code:
        made = super().__new__(cls, text)
        made.rank = rank
        return made


class Line(str):
    """A line of the program; ``lua``: the line of the Lua program that it comes from."""

    __slots__ = ("lua",)
    lua: int

    def __new__(cls, text: str, lua: int) -> Line:
        made = super().__new__(cls, text)
        made.lua = lua
        return made


def wrapped(code: str, rank: int) -> str:
    """The text where an operand of at least ``rank`` is needed."""
    return f"({code})" if getattr(code, "rank", ATOM) < rank else str(code)


def natural(text: str) -> str:
    """Text that is UTF-8 in bytes as such."""
    with suppress(UnicodeError):
        return text.encode("latin-1").decode("utf-8")
    return text


def literal(text: str) -> str:
    """A string literal; text that is UTF-8 in bytes is written as such, other bytes with escapes."""
    shown = natural(text)
    return _double(repr(shown) if text.isascii() or shown != text else ascii(text))


def quoted(text: str) -> str:
    """With double quotes, unless it holds some and no single ones."""
    return _double(repr(text))


def ascii_literal(text: str) -> str:
    """A string literal of bytes, with escapes beyond ASCII."""
    return _double(ascii(text))


def _double(shown: str) -> str:
    if shown.startswith('"') or '"' in shown:
        return shown
    return '"' + shown[1:-1].replace("\\'", "'") + '"'


def offset(code: Code | str, by: int) -> Code:
    """``code + by`` with constants added up: an index from 1 as one from 0."""
    text = str(code)
    if text.lstrip("-").isdigit():
        return Code(str(int(text) + by))
    head, sign, tail = text.rpartition(" ")[0], "", text.rpartition(" ")[2]
    if tail.isdigit() and head.endswith((" +", " -")) and getattr(code, "rank", ATOM) == ADD:
        sign = head[-1]
        total = (int(tail) if sign == "+" else -int(tail)) + by
        head = head[:-2]
        if total == 0:
            return Code(head, ADD if " " in head else ATOM)
        return Code(f"{head} {'+' if total > 0 else '-'} {abs(total)}", ADD)
    if by == 0:
        return code if isinstance(code, Code) else Code(text)
    return Code(f"{wrapped(code, ADD)} {'+' if by > 0 else '-'} {abs(by)}", ADD)
