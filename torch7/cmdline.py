"""CmdLine: the options of a script."""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

from . import registry
from .lua import Table, lua_number, lua_type, tonumber

HELP = ("-help", "-h", "--help")


@dataclass
class _Entry:
    """An argument (no default) or option of the help text."""

    key: str
    help: str | None
    type: str
    default: Any = None

    @property
    def name(self) -> str:
        return self.key.lstrip("-")

    @property
    def title(self) -> str:
        return self.key if self.default is not None else f"<{self.name}>"

    def describe(self, width: int) -> str:
        """The line of the help text, the title padded to ``width``."""
        help = "" if self.help is None else f" {self.help}"
        default = "" if self.default is None else f" [{_plain(self.default)}]"
        return f"  {self.title:<{width}}{help}{default}"


class CmdLine:
    """Declares the options of a script, reads them from the command line and prints their help::

        cmd = torch7.CmdLine()
        cmd.text('Train a network')
        cmd.option('-lr', 0.1, 'learning rate')
        opt = cmd.parse(sys.argv[1:])        # opt.lr

    ``argseparator`` (``','``) and ``keyseparator`` (``'='``) are used by ``string``.
    """

    def __init__(self, argseparator: str | None = None, keyseparator: str | None = None) -> None:
        self.argseparator = "," if argseparator is None else argseparator
        self.keyseparator = "=" if keyseparator is None else keyseparator
        self.options: dict[str, _Entry] = {}
        self.arguments: list[_Entry] = []
        self.helplines: list[_Entry | str] = []
        self._print_to_console = True
        self._stamp = lambda: ""
        self._console: Callable[..., None] | None = None

    def text(self, text: str | None = None) -> None:
        """A line of the help text, at this place."""
        self.helplines.append("" if text is None else text)

    def argument(self, key: str, help: str | None = None, type: str | None = None) -> None:
        """A positional argument, ``type`` ``'string'`` (the default) or ``'number'``."""
        entry = _Entry(key, help, type or "string")
        self.arguments.append(entry)
        self.helplines.append(entry)

    def option(self, key: str, default: Any = None, help: str | None = None, type: str | None = None) -> None:
        """An option with its default, whose type (number, string, boolean) is the option's.

        ``ValueError`` if there is no default, or if ``type`` is given and is not that of the default.
        """
        if default is None:
            raise ValueError(f"option {key} has no default value")
        if type is not None and type != lua_type(default):
            raise ValueError(f"option {key} has wrong default type value")
        entry = _Entry(key, help, lua_type(default), default)
        self.options[key] = entry
        self.helplines.append(entry)

    def default(self) -> Table:
        """The options with their defaults."""
        return Table((entry.name, entry.default) for entry in self.options.values())

    def parse(self, arg: Sequence[str] | None = None) -> Table:
        """The options and arguments in ``arg`` (``sys.argv[1:]``) as a table: ``opt.lr`` or ``opt['lr']``.

        A boolean option takes no value and turns its default round. ``-help``, ``-h`` and ``--help`` print the help
        and end the program; a mistake prints its message on stderr, then the help, and ends it with status 1.
        """
        rest = list(sys.argv[1:] if arg is None else arg)
        params, given = self.default(), 0
        while rest:
            word = rest.pop(0)
            if word in HELP:
                self.help()
                raise SystemExit(0)
            if word in self.options:
                self._read_option(params, self.options[word], rest)
            else:
                self._read_argument(params, given, word)
                given += 1
        if given < len(self.arguments):
            self._fail("not enough arguments")
        return params

    def _read_option(self, params: Table, entry: _Entry, rest: list[str]) -> None:
        if entry.type == "boolean":
            params[entry.name] = not entry.default
        elif not rest:
            self._fail(f"missing argument for option {entry.key}")
        else:
            params[entry.name] = self._convert(entry, rest.pop(0), "option")

    def _read_argument(self, params: Table, given: int, word: str) -> None:
        if given == len(self.arguments):
            self._fail(f"invalid argument: {word}")
        entry = self.arguments[given]
        params[entry.name] = self._convert(entry, word, "argument")

    def _convert(self, entry: _Entry, word: str, what: str) -> Any:
        if entry.type == "string":
            return word
        value = tonumber(word) if entry.type == "number" else None
        if value is None:
            self._fail(f"invalid type for {what} {entry.key} (should be {entry.type})")
        return value

    def _fail(self, message: str) -> NoReturn:
        sys.stderr.write(f"{message}\n")
        self.help()
        raise SystemExit(1)

    def help(self, arg: Sequence[str] | None = None) -> None:
        """Print the help: usage with the program's name (``arg[0]``, else ``sys.argv[0]``), options and texts."""
        program = (sys.argv if arg is None else arg)[:1]
        names = [f"<{entry.name}>" for entry in self.arguments]
        lines = [" ".join(["Usage:", *program, "[options]", *names])]
        width = max((len(e.title) for e in self.helplines if isinstance(e, _Entry)), default=0)
        for line in self.helplines:
            lines.append(line if isinstance(line, str) else line.describe(width))
        sys.stdout.write("\n".join(lines) + "\n")

    def string(self, prefix: str, params: Mapping[str, Any], ignore: Mapping[str, bool]) -> str:
        """A name for a run: ``prefix``, then the arguments, then the options that are not at their defaults, sorted.

        ``ignore`` maps names to True (never) or False (always, at its default too). Booleans are written ``t`` and
        ``f``. Prints name, value and default of each option that is mentioned, with tabs between. Options declared with
        two dashes are not recognised, as in Lua; after arguments alone the name ends in a separator, as in Lua.
        """
        if ignore == []:  # an empty table of Lua
            ignore = {}
        if not isinstance(ignore, Mapping):
            raise TypeError("ignore must be a dict of names, {} if there are none")
        known = {entry.key.removeprefix("-"): entry for entry in self.options.values()}
        given = [entry.name for entry in self.arguments if entry.name in params]
        arguments = [f"{name}{self.keyseparator}{_letter(params[name])}" for name in given]
        chosen = []
        for key in sorted(params):
            if key not in known:
                self._warn_unknown(key)
            elif ignore.get(key):
                print(f"-- ignore option {key}")
            elif params[key] != known[key].default or key in ignore:
                value = _letter(params[key])
                chosen.append(f"{key}{self.keyseparator}{value}")
                print(key, value, _plain(known[key].default), sep="\t")
        return self.argseparator.join([prefix, *arguments, *(chosen or [""] * bool(arguments))])

    def _warn_unknown(self, key: str) -> None:
        if key not in [entry.name for entry in self.arguments]:
            print(f"WARNING: unknown option/argument: {key} IGNORING for DIRECTORY NAME")

    def silent(self) -> None:
        """Keep what is logged off the console."""
        self._print_to_console = False

    def addTime(self, name: str | None = None, format: str | None = None) -> None:
        """Begin each line of the log file with the time (``'%Y-%m-%d %H:%M:%S'``) and ``[name]:``."""
        format = "%Y-%m-%d %H:%M:%S" if format is None else format
        tail = " " if name is None else f"[{name}]: "
        self._stamp = lambda: time.strftime(format) + tail

    def log(self, file: str | TextIO, params: Mapping[str, Any] | None = None) -> None:
        """From now on ``print`` writes to ``file`` (a path, opened anew, or a file) too; begins with ``params``.

        It replaces Python's own ``print``, as Lua's was replaced; output to other files is left alone.
        """
        log = open(file, "w") if isinstance(file, str) else file  # noqa: SIM115
        self.close()
        self._console = console = builtins.print

        def tee(*values: Any, **options: Any) -> None:
            if options.get("file") is None:
                log.write(f"{self._stamp()}{' '.join(map(_plain, values))}\n")
                log.flush()
            if self._print_to_console or options.get("file") is not None:
                console(*values, **options)

        builtins.print = tee
        print(f"[program started on {time.strftime('%c')}]")
        print("[command line arguments]")
        for key, value in (params or {}).items():
            print(key, value)
        print("[----------------------]")

    def close(self) -> None:
        """End the log: ``print`` is again what it was before ``log``."""
        if self._console is not None:
            builtins.print, self._console = self._console, None


def _letter(value: Any) -> str:
    """A value in the name of a run: ``t`` and ``f`` for booleans."""
    return "tf"[not value] if isinstance(value, bool) else _plain(value)


def _plain(value: Any) -> str:
    """A value as Lua writes it."""
    kind = lua_type(value)
    if kind == "number":
        return lua_number(value)
    return str(value).lower() if kind == "boolean" else "nil" if value is None else str(value)


registry.register("torch.CmdLine", CmdLine)
