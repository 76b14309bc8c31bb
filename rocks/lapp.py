"""``require 'pl.lapp'``: options out of the text that explains them.

``opt = lapp('''-n,--name (default 10) what it is\\n <file> (string) a file''')`` is the table ``opt.name``,
``opt.file``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch7.lua import Table, tonumber

from . import process
from .callable_module import make_callable

_FLAG = re.compile(
    r"\s*(?:-(?P<short>\w)\b(?!\w))?,?\s*(?:--(?P<long>[A-Za-z][\w-]*))?(?P<many>\.\.\.)?\s*(?P<rest>.*)", re.S
)
_PLACE = re.compile(r"\s*<(?P<name>[\w-]+)(?P<many>\.\.\.)?>\s*(?P<rest>.*)", re.S)
_KINDS = ("string", "number", "int", "integer", "boolean", "file-in", "file-out")


@dataclass
class _Spec:
    """An option or place of the text. ``kind``: a Lua type, ``'flag'`` for one without a value."""

    name: str
    flags: tuple[str, ...] = ()
    kind: str = "flag"
    default: Any = None
    optional: bool = False
    many: bool = False
    limits: tuple[float, float] | None = None
    choices: tuple[str, ...] | None = None


def _specification(line: str) -> _Spec | None:
    place = _PLACE.match(line)
    found = place or _FLAG.match(line)
    short, long = (None, None) if place else (found["short"], found["long"])
    if not place and not short and not long:
        return None
    name = (place["name"] if place else long or short).replace("-", "_")
    flags = tuple(f for f in (short and f"-{short}", long and f"--{long}") if f)
    spec = _Spec(name, flags, "string" if place else "flag", many=bool(found["many"]))
    inside = re.match(r"\((.*?)\)", found["rest"])
    if inside:
        _read(spec, inside[1])
    return spec


def _read(spec: _Spec, inside: str) -> None:
    """What stands in brackets: ``default 3``, ``number``, ``optional string``, ``number default 3``, ``1..10``,
    ``a|b|c``.
    """
    spec.kind = "string"
    head, _, default = inside.partition("default")
    for word in head.split():
        if word == "optional":
            spec.optional = True
        elif word in _KINDS:
            spec.kind = {"int": "integer"}.get(word, word)
        elif limits := re.fullmatch(r"(-?[\d.]+?)\.\.(-?[\d.]+)", word):
            spec.kind, spec.limits = "number", (float(limits[1]), float(limits[2]))
        elif word in _types:
            spec.kind = word
        elif "|" in word or "," in word:
            spec.choices = tuple(re.split(r"[|,]", word))
    if default.strip():
        text = re.sub(r"^(['\"])(.*)\1$", r"\2", default.strip())
        quoted = text != default.strip()
        if limits := re.fullmatch(r"(-?[\d.]+?)\.\.(-?[\d.]+)", text):
            spec.kind, spec.limits, text = "number", (float(limits[1]), float(limits[2])), limits[1]
        number = None if quoted or (head.split() and spec.kind == "string") else tonumber(text)
        spec.kind = "number" if number is not None and spec.kind == "string" else spec.kind
        spec.default = _default(spec, text, number)


def _default(spec: _Spec, text: str, number: Any) -> Any:
    if text in ("true", "false"):
        spec.kind = "flag"
        return text == "true"
    return (
        open(text, encoding="utf-8")
        if spec.kind == "file-in" and os.path.exists(text)
        else text
        if number is None
        else number
    )


def _value(spec: _Spec, text: str) -> Any:
    if spec.kind in ("number", "integer"):
        number = tonumber(text)
        if number is None:
            process.fail(f"{spec.name}: unable to convert to number: {text}")
        if spec.kind == "integer" and number != int(number):
            process.fail(f"{spec.name}: {text} is not an integer")
        if spec.limits and not spec.limits[0] <= number <= spec.limits[1]:
            process.fail(f"{spec.name}: {text} is out of range {spec.limits[0]:g}..{spec.limits[1]:g}")
        return number
    if spec.kind in _types:
        return _types[spec.kind](text)
    if spec.choices and text not in spec.choices:
        process.fail(f"{spec.name}: {text} is not one of {', '.join(spec.choices)}")
    if spec.kind in ("file-in", "file-out"):
        return open(text, "r" if spec.kind == "file-in" else "w", encoding="utf-8")
    return text


def parse(text: str, arguments: list[str] | None = None) -> Table:
    """The values of the options that ``text`` describes, from the command line or ``arguments``.

    A line begins with ``-n,--name``, ``--name`` or ``<name>``; in brackets stand the type, ``default`` and a value, or
    ``optional``. Without brackets it is a flag, False unless given. Wrong words end the script with status 1.
    """
    specs = [spec for line in text.split("\n") if (spec := _specification(line))]
    values = Table({s.name: s.default if s.kind != "flag" else bool(s.default) for s in specs})
    words = list(process.arguments() if arguments is None else arguments)
    places, rest = [s for s in specs if not s.flags], []
    while words:
        word = words.pop(0)
        if word in ("-h", "--help") and not any(word in s.flags for s in specs):
            process.finish(text)
        elif word.startswith("-") and len(word) > 1 and tonumber(word) is None:
            _option(word, words, specs, values, text)
        else:
            rest.append(word)
    _place(places, rest, values)
    for spec in specs:
        if values[spec.name] is None:
            if not spec.optional:
                process.fail(f"missing required parameter: {spec.name}", text)
            del values[spec.name]
    return values


def _option(word: str, words: list[str], specs: list[_Spec], values: Table, text: str) -> None:
    flag, _, given = word.partition("=")
    spec = next((s for s in specs if flag in s.flags), None)
    if spec is None and not word.startswith("--") and len(word) > 2:  # -n3, or flags -abc
        short = next((s for s in specs if word[:2] in s.flags), None)
        if short is not None:
            more = word[2:] if short.kind != "flag" else f"-{word[2:]}"
            words.insert(0, more)
            flag, spec, given = word[:2], short, ""
    if spec is None:
        process.fail(f"unknown parameter: {word.lstrip('-')}", text)
    if spec.kind == "flag":
        values[spec.name] = not spec.default if not given else given == "true"
        return
    if not given and not words:
        process.fail(f"{flag} needs a value", text)
    value = _value(spec, given or words.pop(0))
    if spec.many:
        values[spec.name] = [*(values[spec.name] if isinstance(values[spec.name], list) else []), value]
    else:
        values[spec.name] = value


def _place(places: list[_Spec], rest: list[str], values: Table) -> None:
    """Words that are no options go to the places in their order; more of them are numbered from 1."""
    for spec in places:
        if rest and spec.many:
            values[spec.name] = [_value(spec, rest.pop(0)) for _ in range(len(rest))]
        elif rest:
            values[spec.name] = _value(spec, rest.pop(0))
    values.update(enumerate(rest, 1))


def error(message: str, no_usage: bool | None = None) -> None:
    """End the script with a message and status 1."""
    process.fail(message)


quit = error


def assert_(condition: Any, message: str) -> None:
    """:func:`error` unless a condition holds; in Lua ``lapp.assert``."""
    if condition is None or condition is False:
        process.fail(message)


def add_type(name: str, converter: Any, constraint: Callable[[Any], Any] | None = None) -> None:
    """A type of values: ``converter`` makes one of the text, or is the type to begin with; ``constraint`` raises."""

    def convert(text: str) -> Any:
        value = converter(text) if callable(converter) else _value(_Spec(name, kind=converter or "string"), text)
        if constraint is not None:
            constraint(value)
        return value

    _types[name] = convert


_types: dict[str, Callable[[str], Any]] = {}
process_options_string = parse
make_callable(__name__, parse)
