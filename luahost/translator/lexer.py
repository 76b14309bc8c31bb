"""Lua's tokens with their places, and the comments, which have places of their own."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from .errors import TranslationError

KEYWORDS = frozenset(
    [
        "and",
        "break",
        "do",
        "else",
        "elseif",
        "end",
        "false",
        "for",
        "function",
        "goto",
        "if",
        "in",
        "local",
        "nil",
        "not",
        "or",
        "repeat",
        "return",
        "then",
        "true",
        "until",
        "while",
    ]
)
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>--(?:\[(?P<level>=*)\[.*?\](?P=level)\]|[^\n]*))
    |(?P<name>[A-Za-z_]\w*)
    |(?P<number>0[xX][0-9a-fA-F.]+(?:[pP][+-]?\d+)?(?:[uU]?[lL][lL])?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:[uU]?[lL][lL]|i)?)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<long>\[(?P<marks>=*)\[.*?\](?P=marks)\])
    |(?P<sign>\.\.\.|\.\.|==|~=|<=|>=|::|[-+*/%^\#<>=(){}\[\];:,.])""",
    re.X | re.S | re.A,
)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": "\n"}
_ESCAPE = re.compile(r"\\(?:z\s*|x([0-9a-fA-F]{2})|(\d{1,3})|(.))", re.S)


class Token(NamedTuple):
    """A token: its kind (name, keyword, number, string, sign, end), text, value, offsets and line."""

    kind: str
    text: str
    value: str | int | float | None
    start: int
    end: int
    line: int


class Comment(NamedTuple):
    """A comment without its dashes; ``alone``: nothing else stands before it on its line."""

    text: str
    line: int
    alone: bool


def read_tokens(source: str) -> tuple[list[Token], list[Comment]]:
    """The tokens of a program, the last of kind ``end``, and its comments."""
    starts = [0, *(m.end() for m in re.finditer("\n", source))]
    tokens: list[Token] = []
    comments: list[Comment] = []
    place = len(source.partition("\n")[0]) if source.startswith("#") else 0
    while place < len(source):
        line = bisect_right(starts, place)
        m = _TOKEN.match(source, place)
        if m is None:
            raise TranslationError(f"unexpected {source[place]!r}", line)
        kind, text = m.lastgroup, m[0]
        if m["comment"]:
            alone = not source[starts[line - 1] : place].strip()
            comments.append(Comment(_comment_text(text), line, alone))
        elif not m["space"]:
            tokens.append(_token(m, text, line))
        del kind
        place = m.end()
    tokens.append(Token("end", "<eof>", None, place, place, bisect_right(starts, place)))
    return tokens, comments


def _token(m: re.Match, text: str, line: int) -> Token:
    span = m.start(), m.end(), line
    if m["name"]:
        return Token("keyword" if text in KEYWORDS else "name", text, text, *span)
    if m["number"]:
        return Token("number", text, _number(text), *span)
    if m["string"]:
        return Token("string", text, _ESCAPE.sub(_unescaped, text[1:-1]), *span)
    if m["long"]:
        width = len(m["marks"]) + 2
        return Token("string", text, text[width:-width].removeprefix("\r").removeprefix("\n"), *span)
    return Token("sign", text, text, *span)


def _unescaped(m: re.Match) -> str:
    if m[1]:
        return chr(int(m[1], 16))
    if m[2]:
        return chr(int(m[2]))
    return _ESCAPES.get(m[3], m[3]) if m[3] else ""


def _number(text: str) -> int | float:
    digits = (
        re.sub(r"(?i)(u?ll|(?<!x)i)$", "", text) if not text.lower().startswith("0x") else re.sub("(?i)u?ll$", "", text)
    )
    if digits.lower().startswith("0x"):
        value = float.fromhex(digits) if set(digits.lower()) & set(".p") else int(digits, 16)
    else:
        value = float(digits) if set(digits) & set(".eE") else int(digits)
    return value


def _comment_text(text: str) -> str:
    """The words of a comment, on one or more lines."""
    body = text[2:]
    if long := re.fullmatch(r"\[(=*)\[(.*)\]\1\]", body, re.S):
        return "\n".join(line.rstrip() for line in long[2].strip("\n").split("\n"))
    return body.rstrip()
