"""``xlua.OptionParser``: options in the manner of Python's old optparse."""

from __future__ import annotations

from typing import Any

from torch7.lua import Table, tonumber
from torch7.serialization.values import functions

from . import process


class OptionParser:
    """``op = OptionParser(usage)``, ``op.option('-n', '--name', dest='n', default=1, help='...')``, ``op.parse()``."""

    def __init__(self, usage: str | None = None) -> None:
        self.usage = usage or ""
        self.options: list[dict[str, Any]] = []

    def option(self, *flags: Any, **spec: Any) -> None:
        """Declare an option: its flags, then ``action`` (``'store'``, ``'store_true'``, ``'store_false'``), ``dest``,
        ``default``, ``help``, ``req``. A dict takes the place of all, with the flags at 1, 2 ..."""
        given = functions.table(flags[0]) if flags and functions.table is not None else None
        if given is not None or (flags and isinstance(flags[0], dict)):
            given = flags[0] if given is None else given
            spec = {k: v for k, v in given.items() if isinstance(k, str)}
            flags = tuple(v for k, v in given.items() if not isinstance(k, str))
        elif flags and isinstance(flags[0], list):
            flags = tuple(flags[0])
        if not flags:
            raise ValueError("option: at least one flag is needed, such as '--name'")
        spec["flags"] = [str(flag) for flag in flags]
        spec.setdefault("dest", spec["flags"][-1].lstrip("-"))
        self.options.append(spec)

    add_option = option

    def help(self) -> str:
        """The text of ``--help``."""
        lines = [f"  {', '.join(spec['flags'])}  {spec.get('help', '')}".rstrip() for spec in self.options]
        return "\n".join([self.usage, "", "Options:", *lines])

    def fail(self, message: str) -> None:
        """Say what is wrong and end the script."""
        process.fail(message, self.usage)

    def parse(self, arguments: list[str] | None = None) -> tuple[Table, list[str]]:
        """The options as a table, and the words that are no options."""
        values = Table({s["dest"]: s["default"] for s in self.options if s.get("default") is not None})
        rest: list[str] = []
        words = list(process.arguments() if arguments is None else arguments)
        while words:
            word = words.pop(0)
            if word in ("-h", "--help"):
                process.finish(self.help())
            elif word.startswith("-") and len(word) > 1 and tonumber(word) is None:
                self._take(word, words, values)
            else:
                rest.append(word)
        for spec in self.options:
            if spec.get("req") and spec["dest"] not in values:
                self.fail(f"missing option {spec['flags'][-1]}")
        return values, rest

    def _take(self, word: str, words: list[str], values: Table) -> None:
        flag, _, value = word.partition("=")
        spec = next((s for s in self.options if flag in s["flags"]), None)
        if spec is None:
            self.fail(f"invalid option: {word}")
            return
        if spec.get("action") in ("store_true", "store_false"):
            values[spec["dest"]] = spec["action"] == "store_true"
            return
        if not value and not words:
            self.fail(f"option {flag} needs a value")
        value = value or words.pop(0)
        number = tonumber(value)
        values[spec["dest"]] = value if number is None else number
