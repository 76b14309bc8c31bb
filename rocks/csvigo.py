"""``require 'csvigo'``: tables of rows or columns in files of comma-separated values."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from typing import Any

from torch7.lua import lua_number

from .arguments import named

_MODES = ("raw", "tidy", "query", "large")


@named
def load(
    path: Any = None, separator: Any = None, mode: Any = None, header: Any = None, verbose: Any = None, skip: Any = None
) -> Any:
    """``csvigo.load({'path': 'a.csv'})``: the columns by name; the values are text.

    ``mode`` ``'raw'`` or ``'large'`` gives the rows, ``'query'`` a function: ``q('vars')``, ``q('all')``,
    ``q('union', {'x': [1, 2]})``, ``q('inter', ...)``. ``header=False``: the columns are var_1 ...; ``skip`` lines are
    left out before. ``verbose=False`` keeps quiet.
    """
    mode = mode or "tidy"
    if mode not in _MODES:
        raise ValueError(f"csvigo.load: the mode is one of {', '.join(_MODES)}, not {mode!r}")
    _say(verbose, f"parsing file: {path}")
    with open(os.path.expanduser(path), encoding="utf-8", errors="surrogateescape", newline="") as f:
        rows = [row for row in csv.reader(f, delimiter=separator or ",") if row]
    if mode in ("raw", "large"):
        _say(verbose, "parsing done")
        return rows
    _say(verbose, "tidying up entries")
    table = _columns(rows[int(skip or 0) :], header is None or bool(header))
    _say(verbose, "returning tidy table" if mode == "tidy" else "generating reversed index for fast queries")
    if mode == "tidy":
        return table
    _say(verbose, "returning query closure, type query('help') to get help")
    return _query(table)


def _say(verbose: Any, text: str) -> None:
    if verbose is None or verbose:
        print("<csv>", text, sep="\t")


def _columns(rows: list[list[str]], header: bool) -> dict[str, list[str]]:
    names = rows[0] if header and rows else [f"var_{i}" for i in range(1, len(rows[0]) + 1)] if rows else []
    table: dict[str, list[str]] = {name: [] for name in names}
    for row in rows[1:] if header else rows:
        for name, value in zip(names, row):
            table[name].append(value)
    return table


def _query(table: dict[str, list[str]]) -> Callable[..., Any]:
    count = max(map(len, table.values()), default=0)

    def query(what: str = "all", wanted: dict | None = None) -> Any:
        """``'vars'``, ``'all'``, or ``'union'`` / ``'inter'`` with the values of columns that rows must have."""
        if what == "vars":
            return list(table)
        if what == "all":
            return table
        if what not in ("union", "inter"):
            raise ValueError(f"query: all, vars, union or inter, not {what!r}")
        tests = [(table[k], set(map(_text, v if isinstance(v, list) else [v]))) for k, v in (wanted or {}).items()]
        together = any if what == "union" else all
        rows = [i for i in range(count) if together(i < len(column) and column[i] in ok for column, ok in tests)]
        return {name: [column[i] for i in rows if i < len(column)] for name, column in table.items()}

    return query


@named
def save(
    path: Any = None,
    data: Any = None,
    separator: Any = None,
    mode: Any = None,
    header: Any = None,
    verbose: Any = None,
    column_order: Any = None,
) -> None:
    """``csvigo.save({'path': 'a.csv', 'data': table})``: columns by name (or a query), or rows.

    ``column_order`` lists the names; ``header=False`` leaves their line out.
    """
    _say(verbose, f"writing to file: {path}")
    rows = data
    if callable(data):
        data = data("all")
    if isinstance(data, dict):
        _say(verbose, "exporting tidy table to raw CSV")
        names = column_order or list(data)
        longest = max((len(data[name]) for name in names), default=0)
        rows = [[data[n][i] if i < len(data[n]) else "" for n in names] for i in range(longest)]
        rows = [names, *rows] if header is None or header else rows
    with open(os.path.expanduser(path), "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
        writer = csv.writer(f, delimiter=separator or ",", lineterminator="\n")
        writer.writerows([[_text(x) for x in row] for row in rows])
    _say(verbose, "writing done")


def _text(x: Any) -> str:
    return lua_number(x) if isinstance(x, int | float) and not isinstance(x, bool) else str(x)
