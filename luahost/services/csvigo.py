"""``csvigo``: tables of rows or columns in files of comma-separated values."""

from __future__ import annotations

import csv
from typing import Any

from .paths import native


def load(options: Any) -> Any:
    """``csvigo.load{path=, mode='tidy'}``: columns by name, or with another mode rows."""
    options = {"path": options} if isinstance(options, str) else options
    with open(native(options["path"]), encoding="latin-1", newline="") as f:
        rows = list(csv.reader(f, delimiter=options.get("separator") or ","))
    skip = int(options.get("skip") or 0)
    rows = rows[skip:]
    if (options.get("mode") or "tidy") != "tidy":
        return rows
    header = options.get("header")
    if header is None or header:
        names, rows = rows[0] if rows else [], rows[1:]
    else:
        names = [f"var_{i}" for i in range(1, len(rows[0]) + 1)] if rows else []
    return {name: [row[i] if i < len(row) else "" for row in rows] for i, name in enumerate(names)}


def save(options: Any, data: Any = None) -> None:
    """``csvigo.save{path=, data=}``: a table of rows, or of columns by name."""
    if isinstance(options, str):
        options = {"path": options, "data": data}
    data = options["data"]
    rows = data
    if isinstance(data, dict):
        names = options.get("column_order") or sorted(data)
        rows = [names, *map(list, zip(*[data[name] for name in names]))]
    with open(native(options["path"]), "w", encoding="latin-1", newline="") as f:
        csv.writer(f, delimiter=options.get("separator") or ",", lineterminator="\n").writerows(
            [[_text(x) for x in row] for row in rows]
        )


def _text(x: Any) -> str:
    return f"{x:.14g}" if isinstance(x, int | float) and not isinstance(x, bool) else str(x)


FUNCTIONS = {"load": load, "save": save}
