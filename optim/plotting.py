"""A log as a plot, drawn to a file without a display."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_LINES = {
    "+": {"linestyle": "", "marker": "+"},
    "-": {"linestyle": "-"},
    "+-": {"linestyle": "-", "marker": "+"},
    "-+": {"linestyle": "-", "marker": "+"},
    ".": {"linestyle": "", "marker": "."},
    "~": {"linestyle": "-"},
}


def save(logger: Any, target: Path) -> Path:
    """Draw the columns of ``logger`` that hold numbers and write them to ``target``."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError as e:
        raise ImportError("matplotlib is not installed: pip install 'torch7[plot]'") from e
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for key, values in logger.symbols.items():
        numbers = [(i, float(v)) for i, v in enumerate(values, 1) if not isinstance(v, str)]
        if numbers:
            _draw(axes, *zip(*numbers), logger.names[key], logger.styles[key])
    axes.set_title(f"<Logger::{logger.name}>")
    axes.grid(True)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))  # rows are epochs: there is no half of one
    if logger.logscale:
        axes.set_yscale("log")
    if axes.has_data():
        axes.legend(framealpha=1)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target)
    return target


def _draw(axes: Any, x: tuple, y: tuple, name: str, style: list) -> None:
    kind, *colour = style
    options = {"label": str(name), **({"color": colour[0]} if colour else {})}
    if kind == "|":
        axes.bar(x, y, **options)
    elif kind in _LINES:
        axes.plot(x, y, **_LINES[kind], **options)
    else:
        raise ValueError(f"optim.Logger: no style is called {kind!r}; known: {', '.join([*_LINES, '|'])}")
