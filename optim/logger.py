"""A log of numbers in columns, and its plot."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

Names = Sequence[str] | Mapping[Any, Any]


class Logger:
    """Write rows of numbers to a text file, each ended by a tab, and plot the columns.

    ``Logger(filename, timestamp=False)`` makes the folder and starts the file; ``timestamp`` adds date and time to its
    name; without a file name rows are printed. With ``append`` rows that the file holds stay (a number: so many of
    them), and are the history: a training that is resumed goes on with its log. ``tensorboard`` is a folder to which
    every row goes, too, as scalars by the names of the columns over the number of the row (extra ``tensorboard``).
    The first row holds the names of the columns, from ``setNames`` or the keys of the first ``add``. Numbers are
    written as ``%11.4e``, strings as they are.

    Fields: ``names``, ``symbols`` (the history of each column), ``styles``, ``name``, ``pngfile``, ``epsfile``,
    ``nsymbols``, ``defaultStyle`` ``'+'``, ``logscale`` False, ``showPlot`` True.

    Errors: TypeError for a value that is neither number nor string, ValueError for rows that do not fit the columns;
    nothing is written then. Source: Torch's optim manual, Logger.
    """

    def __init__(
        self,
        filename: str | Path | None = None,
        timestamp: bool | None = None,
        append: bool | int = False,
        tensorboard: str | Path | None = None,
    ) -> None:
        self.name = "stdout" if filename is None else str(filename)
        self._epsfile = None if filename is None else f"{filename}.eps"
        self.pngfile = None if filename is None else f"{filename}.png"
        self.filename: Path | None = None
        if filename is None:
            warnings.warn("optim.Logger: no file name given, logging to the standard output", stacklevel=2)
        else:
            self.filename = Path(f"{filename}-{time.strftime('%Y_%m_%d_%X')}" if timestamp else filename)
            self.filename.parent.mkdir(parents=True, exist_ok=True)
            if append is False:
                self.filename.write_text("")
        self.empty = True
        self.nsymbols = 0
        self.names: dict[Any, str] = {}
        self.symbols: dict[Any, list] = {}
        self.styles: dict[Any, list] = {}
        self.defaultStyle = "+"
        self.logscale = False
        self.showPlot = True
        self.sink = None if tensorboard is None else _sink(tensorboard)
        if append is not False and self.filename is not None and self.filename.exists():
            self._read(self.filename.read_text().splitlines(), None if append is True else append)

    def _read(self, lines: list[str], most: int | None) -> None:
        """Take the rows of a file, ``most`` at most, as the history; the file loses the rest and rows cut short."""
        if not lines:
            return
        names = [cell.strip() for cell in lines[0].rstrip("\t").split("\t")]
        whole = [line for line in lines[1:] if line.endswith("\t") and line.count("\t") == len(names)][:most]
        self.names = {name: name for name in names}
        self.empty = False
        self.symbols = {name: [] for name in names}
        self.styles = {name: [self.defaultStyle] for name in names}
        for line in whole:
            for name, cell in zip(names, line.split("\t")):
                self.symbols[name].append(_value(cell.strip()))
        if len(whole) < len(lines) - 1:
            self.filename.write_text("".join(f"{line}\n" for line in (lines[0], *whole)))

    def setNames(self, names: Sequence[str]) -> Logger:
        """Name the columns and write them as the first row."""
        names = list(names)
        if not self.empty and list(self.names.values()) == names:  # the file had them
            return self
        if not self.empty:
            raise ValueError(f"optim.Logger: the columns of {self.name} are named already: {list(self.names.values())}")
        self._begin(dict(enumerate(names, 1)))
        self.nsymbols = len(names)
        return self

    def add(self, symbols: Sequence[Any] | Mapping[str, Any] | None = None, **named: Any) -> None:
        """Write a row: a list in the order of the columns, or a dict (or keywords) of their names."""
        row = self._row(named if symbols is None else symbols)
        cells = [_cell(value) for value in row.values()]
        if self.empty:
            self._begin({key: str(key) for key in row})
            self.nsymbols = 0 if isinstance(next(iter(row), None), str) else len(row)
        self._write(cells)
        for key, value in row.items():
            self.symbols[key].append(value)
        if self.sink is not None:
            self._send(row)

    def _send(self, row: Mapping[Any, Any]) -> None:
        step = len(next(iter(self.symbols.values())))
        for key, value in row.items():
            if not isinstance(value, str):
                self.sink.add_scalar(self.names[key], float(value), step)
        self.sink.flush()

    def style(self, symbols: Names) -> Logger:
        """Set how columns are drawn: ``'-'`` lines, ``'+'`` points, ``'+-'`` both, ``'.'`` dots, ``'|'`` bars, ``'~'``.

        A list in the order of the columns, or a dict of their names; a list of strings as a style passes the rest (a
        matplotlib colour, say) on.
        """
        if not isinstance(symbols, Mapping):
            symbols = dict(zip(self.symbols or range(1, len(symbols) + 1), symbols))
        for key, style in symbols.items():
            self.styles[self._key(key)] = [style] if isinstance(style, str) else list(style or [self.defaultStyle])
        return self

    def setlogscale(self, state: bool) -> None:
        """Draw the y axis in powers of ten."""
        self.logscale = bool(state)

    def display(self, state: bool) -> None:
        """Kept for scripts: no window is ever opened, ``plot`` writes a file."""
        self.showPlot = bool(state)

    @property
    def epsfile(self) -> str | None:
        """Where Torch draws to; a script that sets another file gets its plots there."""
        return self._epsfile

    @epsfile.setter
    def epsfile(self, path: str | None) -> None:
        self._epsfile = self.pngfile = path

    def plot(self, filename: str | Path | None = None) -> Path | None:
        """Draw the columns of numbers over the rows; the file's ending (``.png`` in ``pngfile``) says which format.

        None, and a warning, without matplotlib (extra ``plot``): a training goes on.
        """
        from .plotting import save

        target = filename or self.pngfile
        if target is None:
            raise ValueError("optim.Logger: a logger without a file needs plot(filename)")
        try:
            return save(self, Path(target))
        except ImportError as error:
            warnings.warn(f"optim.Logger: no plot: {error}", stacklevel=2)
            return None

    def rewrite(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let the log hold these rows and no others: what a resumed training has done. TensorBoard has them already."""
        sink, self.sink = self.sink, None
        self.symbols = {key: [] for key in self.symbols}
        if self.filename is not None:
            self.filename.write_text("")
        if not self.empty:
            self._write(list(self.names.values()))
        for row in rows:
            self.add(row)
        self.sink = sink

    def __repr__(self) -> str:
        rows = len(next(iter(self.symbols.values()), []))
        return f"optim.Logger({self.name!r}, columns {list(self.names.values())}, {rows} rows)"

    def _repr_html_(self) -> str:
        """The last rows as a table."""
        names = "".join(f"<th>{escape(str(name))}</th>" for name in self.names.values())
        count = len(next(iter(self.symbols.values()), []))
        last = range(max(0, count - 10), count)
        rows = ("".join(f"<td>{escape(str(column[i]))}</td>" for column in self.symbols.values()) for i in last)
        body = "".join(f"<tr><th>{i + 1}</th>{row}</tr>" for i, row in zip(last, rows))
        return f"<p>{escape(repr(self))}</p><table><tr><th></th>{names}</tr>{body}</table>"

    def _key(self, key: Any) -> Any:
        """The column called ``key``: columns named by setNames are numbered."""
        by_name = {name: k for k, name in self.names.items()}
        return key if key in self.symbols else by_name.get(key, key)

    def _row(self, symbols: Any) -> dict[Any, Any]:
        if isinstance(symbols, Mapping):
            row = {self._key(key): value for key, value in symbols.items()}
        elif isinstance(symbols, list | tuple | np.ndarray):
            keys = list(self.symbols) or range(1, len(symbols) + 1)
            if len(keys) != len(symbols):
                raise ValueError(f"optim.Logger: {len(symbols)} values for {len(keys)} columns")
            row = dict(zip(keys, symbols))
        else:
            raise TypeError(f"optim.Logger: a row is a list or a dict, not {type(symbols).__name__}")
        if not self.empty and row.keys() != self.symbols.keys():
            raise ValueError(f"optim.Logger: the columns are {list(self.names.values())}, not {list(symbols)}")
        return row if self.empty else {key: row[key] for key in self.symbols}

    def _begin(self, names: dict[Any, str]) -> None:
        self.empty = False
        self.names = names
        self.symbols = {key: [] for key in names}
        self.styles = {key: self.styles.get(key, [self.defaultStyle]) for key in names}
        self._write(list(names.values()))

    def _write(self, cells: list[str]) -> None:
        line = "".join(f"{cell}\t" for cell in cells) + "\n"
        if self.filename is None:
            sys.stdout.write(line)
        else:
            with self.filename.open("a") as file:
                file.write(line)


def _sink(folder: str | Path) -> Any:
    """A writer of TensorBoard's event files."""
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        raise ImportError(
            "optim.Logger(tensorboard=...) needs tensorboardX: pip install 'torch7[tensorboard]'"
        ) from None
    return SummaryWriter(str(folder))


def _value(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not (isinstance(value, int | float | np.number) or getattr(value, "size", 0) == 1):
        raise TypeError(f"optim.Logger: can only log numbers and strings, not {type(value).__name__}")
    return f"{float(value):11.4e}"
