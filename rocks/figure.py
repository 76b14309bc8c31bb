"""What gnuplot's functions draw, by matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_STYLES = {"": "+-", "points": "+", "dots": ".", "lines": "-", "linespoints": "+-", "boxes": "|", "vectors": "v"}
_STYLES |= {"csplines": "~", "acsplines": "~", "impulses": "impulses", "filledcurves": "filledcurves"}
_MARKS = {"+": "+", ".": ",", "-": "-", "+-": "o-"}
_PLACES = {"top": "upper", "bottom": "lower", "middle": "center"}


def new_axes(three: bool = False) -> Any:
    """The axes of a new picture, which is drawn without a screen."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Picture
    except ImportError as e:
        raise ImportError("plots need matplotlib: pip install 'torch7[plot]'") from e
    picture = Picture(figsize=(8, 6))
    FigureCanvasAgg(picture)
    return picture.add_subplot(projection="3d" if three else None)


class Figure:
    """One figure: what it shows, how, and the file it belongs to."""

    def __init__(self) -> None:
        self.filename: str | None = None
        self.settings: dict[str, Any] = {}
        self.contents: Callable[[Any], None] | None = None
        self.three = False

    def axes(self) -> Any:
        """The figure, drawn."""
        axes = new_axes(self.three)
        if self.contents is not None:
            self.contents(axes)
        for name in ("title", "xlabel", "ylabel", "zlabel")[: 4 if self.three else 3]:
            if name in self.settings:
                getattr(axes, f"set_{name}")(self.settings[name])
        axes.grid(self.settings.get("grid", False))
        self._limit(axes)
        if any(label and label[0] != "_" for label in axes.get_legend_handles_labels()[1]):
            across, down = self.settings.get("legend", ("right", "top"))
            place = "center" if (across, down) == ("center", "middle") else f"{_PLACES[down]} {across}"
            axes.legend(loc=place)
        return axes

    def _limit(self, axes: Any) -> None:
        if not self.three:
            axes.set_aspect(self.settings.get("aspect", "auto"))
        limits = self.settings.get("limits")
        if limits:
            axes.set_xlim(*limits[:2])
            axes.set_ylim(*limits[2:])

    def save(self, filename: str) -> None:
        """Draw into a file of 1024 x 768."""
        self.axes().figure.savefig(filename, dpi=128)


def style(form: str) -> str:
    """The short form of a format string."""
    words = form.removeprefix("with ").removeprefix("smooth ").split()
    first = words[0] if words else ""
    if first in _STYLES:
        return _STYLES[first]
    if first in (".", "+", "-", "+-", "-+", "|", "v", "V", "~") or first.startswith("~"):
        return {"-+": "+-", "V": "v"}.get(first, "~" if first.startswith("~") else first)
    raise ValueError(f"gnuplot.plot: {form!r} is none of . + - +- ~ | v or of gnuplot's {', '.join(_STYLES)[2:]}")


def lines(axes: Any, curves: list) -> None:
    """The lines of ``plot``."""
    for legend, x, y, form in curves:
        kind = style(form)
        if kind == "v":
            axes.quiver(
                x[:, 0], y[:, 0], x[:, 1], y[:, 1], angles="xy", scale_units="xy", scale=1, label=legend or None
            )
        elif kind == "filledcurves" and y.ndim == 2 and y.shape[1] > 1:
            axes.fill_between(x, y[:, 0], y[:, 1], alpha=0.5, label=legend or None)
        else:
            for k, column in enumerate(y.reshape(len(y), -1).T):
                _curve(axes, x.reshape(-1), column, kind, (legend or None) if k == 0 else None)


def _curve(axes: Any, x: Any, y: Any, kind: str, label: str | None) -> None:
    if kind == "|":
        axes.bar(x, y, width=np.diff(np.sort(x)).min() if len(x) > 1 else 0.8, edgecolor="black", label=label)
    elif kind == "impulses":
        axes.vlines(x, 0, y, label=label)
    elif kind == "filledcurves":
        axes.fill_between(x, y, alpha=0.5, label=label)
    elif kind == "~":
        axes.plot(*_smooth(x, y), "-", label=label)
    else:
        axes.plot(x, y, _MARKS[kind], label=label)


def _smooth(x: Any, y: Any) -> tuple[Any, Any]:
    """The natural cubic spline through the points, in 300 steps; the mean of points at one x."""
    x, place = np.unique(np.asarray(x, np.float64), return_inverse=True)
    y = np.bincount(place, np.asarray(y, np.float64)) / np.bincount(place)
    if len(x) < 3:
        return x, y
    h = np.diff(x)
    system = np.eye(len(x))
    right = np.zeros(len(x))
    for i in range(1, len(x) - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    bend = np.linalg.solve(system, right)
    at = np.linspace(x[0], x[-1], 300)
    i = np.clip(np.searchsorted(x, at) - 1, 0, len(x) - 2)
    a, b = (x[i + 1] - at) / h[i], (at - x[i]) / h[i]
    return at, a * y[i] + b * y[i + 1] + ((a**3 - a) * bend[i] + (b**3 - b) * bend[i + 1]) * h[i] ** 2 / 6


def matrix(axes: Any, x: Any, palette: str | None) -> None:
    """The picture of ``imagesc``, with its scale."""
    shown = axes.imshow(
        x, cmap="gray" if palette in (None, "gray") else "inferno", aspect="auto", interpolation="nearest"
    )
    axes.figure.colorbar(shown)


def surface(axes: Any, surfaces: list) -> None:
    """The grids of ``splot``."""
    for legend, x, y, z in surfaces:
        axes.plot_wireframe(x, y, z, label=legend or None)


def points(axes: Any, clouds: list) -> None:
    """The points of ``scatter3``."""
    for legend, x, y, z in clouds:
        axes.scatter(x, y, z, label=legend or None)
