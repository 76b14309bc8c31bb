"""``require 'xlua'``: a progress bar, options, a profiler, tables as text."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any, NoReturn

import torch7
from torch7.lua import lua_number, tonumber

from .option_parser import OptionParser as OptionParser
from .profiler import Profiler as Profiler
from .progress import formatTime as formatTime
from .progress import progress as progress
from .sys import COLORS


def print(*values: Any) -> None:
    """Torch's ``print``, with the entries of tables."""
    import builtins

    builtins.print(*[table2string(v) if isinstance(v, list | dict) else _shown(v) for v in values], sep="    ")


def _shown(value: Any) -> str:
    if torch7.isTensor(value):
        return torch7.tostring(value)
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    return lua_number(value) if isinstance(value, int | float) else str(value)


def table2string(table: Any, newline: bool | None = None) -> str:
    """The entries of a list or dict, in one line or a line each."""
    return _text(table, bool(newline), "")


def _text(table: Any, newline: bool, indent: str) -> str:
    entries = enumerate(table, 1) if isinstance(table, list | tuple) else table.items()
    shown = [
        f"{indent}{key} = {_text(x, newline, indent + '  ') if isinstance(x, list | dict) else _shown(x)}"
        for key, x in entries
    ]
    gap, between = ("\n", "\n") if newline else ("", ", ")
    return f"{{{gap}{between.join(sorted(shown))}{gap}}}"


def error(message: Any, domain: str | None = None, usage: str | None = None) -> NoReturn:
    """Raise an error: ``<domain> message`` in red, then the usage."""
    text = f"<{domain}> {message}" if domain else str(message)
    raise RuntimeError(f"{COLORS.Red}{text}{COLORS.none}" + (f"\n{usage}" if usage else ""))


def warning(message: str, domain: str | None = None) -> None:
    """Print a warning."""
    print(f"<{domain or 'warning'}> {message}")


def trycatch(attempt: Callable[[], Any], catch: Callable[[str], Any]) -> None:
    """Call ``attempt``; where it raises, call ``catch`` with the message."""
    try:
        attempt()
    except Exception as e:
        catch(str(e))


def require(name: str, refuse: Any = None) -> Any:
    """The package, or False and a line that says why not."""
    try:
        return torch7.require(name)
    except ImportError as e:
        if refuse:
            raise
        print(str(e))
        print(f"warning: <{name}> could not be loaded (is it installed?)")
        return False


def installed(name: str) -> bool:
    """Whether a package can be required."""
    return importlib.util.find_spec(f"rocks.{name}") is not None or importlib.util.find_spec(name) is not None


def envparams(params: dict) -> dict:
    """The defaults in a dict, replaced by variables of the environment of the same names."""
    for name, default in list(params.items()):
        value = os.environ.get(str(name))
        if value is not None:
            number = tonumber(value) if isinstance(default, int | float) and not isinstance(default, bool) else None
            params[name] = value if number is None else number
    return params


def unpack(args: Any, name: str, description: str, *specs: dict) -> tuple:
    """Named or positional arguments by their specifications: a table of all, then each.

    A specification is a dict of ``arg``, ``type``, ``help``, ``default``, ``defaulta`` (the argument whose value is the
    default) and ``req``.
    """
    given = args[0] if len(args) == 1 and isinstance(args[0], dict) else None
    values: dict[str, Any] = {}
    for i, spec in enumerate(specs):
        value = given.get(spec["arg"]) if given is not None else args[i] if i < len(args) else None
        if value is None:
            value = values.get(spec["defaulta"]) if "defaulta" in spec else spec.get("default")
        if value is None and spec.get("req"):
            raise TypeError(f"<{name}> missing argument: {spec['arg']} ({spec.get('help', '')})")
        values[spec["arg"]] = value
    return (values, *values.values())


def usage(name: str, description: str | None = None, example: str | None = None, *specs: Any) -> str:
    """The text that explains a function: its arguments (as for :func:`unpack`; ``''`` begins another form of the
    call).
    """
    lines = [name, *([description] if description else [])]
    for spec in specs:
        if not spec:
            lines.append("or")
            continue
        title = spec.get("arg", spec.get("type", ""))
        lines.append(f"  {title if spec.get('req') else f'[{title}]':<24} -- {spec.get('help', '')}".rstrip(" -"))
    return "\n".join(lines + ([example] if example else []))


def clearlog() -> bool:
    """Nothing; for scripts that call it."""
    return True
