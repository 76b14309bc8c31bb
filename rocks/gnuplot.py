"""``require 'gnuplot'``: lines, bars, histograms, matrices and surfaces through matplotlib (extra ``plot``).

No window opens: a figure of ``pngfigure(name)`` (or eps, svg, pdf) is written to its file by ``plotflush``, any figure
by ``figprint(name)``. What a figure shows, title and labels, stays until it is changed, as in gnuplot.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

import numpy as np

import torch7
from torch7.arrays import describe

from .figure import Figure, lines, matrix, points, surface

_figures: dict[int, Figure] = {}
_current: list[int | None] = [None]


def _figure(n: int | None = None, filename: str | None = None) -> Figure:
    """The figure of a number, made where there is none and current from now on."""
    number = max(_figures, default=0) + 1 if n is None else int(n)
    found = _figures.setdefault(number, Figure())
    found.filename = filename or found.filename
    _current[0] = number
    return found


def _now() -> Figure:
    return _figures[_current[0]] if _current[0] in _figures else _figure()


def figure(n: int | None = None, config: Any = None) -> int:
    """Make figure ``n`` (the next number if None) the current one; its number."""
    _figure(n)
    return _current[0]


def _to_file(suffix: str) -> Any:
    def open_figure(fname: str, n: int | None = None) -> int:
        _figure(n, fname)
        return _current[0]

    open_figure.__name__ = open_figure.__qualname__ = f"{suffix}figure"
    open_figure.__doc__ = f"A figure that is drawn into a .{suffix} file; its number."
    return open_figure


pngfigure, epsfigure, svgfigure, pdffigure = map(_to_file, ("png", "eps", "svg", "pdf"))


def figprint(fname: str) -> None:
    """Draw the current figure into a file: .png, .eps, .pdf or .svg."""
    suffix = os.path.splitext(fname)[1][1:]
    if suffix not in ("png", "eps", "pdf", "svg"):
        raise ValueError(f"gnuplot.figprint: a .png, .eps, .pdf or .svg file, not {fname!r}")
    _now().save(fname)


def plotflush(n: int | None = None) -> None:
    """Write the file of a figure."""
    number = _current[0] if n is None else int(n)
    if number not in _figures:
        print(f"no figure {'nil' if number is None else number}")
    elif _figures[number].filename:
        _figures[number].save(_figures[number].filename)


def close(n: int | None = None) -> None:
    """Write the file of a figure and forget the figure."""
    number = _current[0] if n is None else int(n)
    if number in _figures:
        plotflush(number)
        del _figures[number]
        _current[0] = None


def closeall() -> None:
    """:func:`close` of all figures."""
    for number in list(_figures):
        close(number)


def _set(**settings: Any) -> None:
    """Change the current figure, and its file where it is already drawn."""
    now = _now()
    now.settings.update(settings)
    if now.filename and now.contents:
        now.save(now.filename)


def xlabel(label: str) -> None:
    """The text below the x axis."""
    _set(xlabel=label)


def ylabel(label: str) -> None:
    """The text beside the y axis."""
    _set(ylabel=label)


def zlabel(label: str) -> None:
    """The text beside the z axis."""
    _set(zlabel=label)


def title(label: str) -> None:
    """The text above the plot."""
    _set(title=label)


def grid(toggle: bool) -> None:
    """Whether lines go through the marks of the axes."""
    _set(grid=bool(toggle))


def movelegend(hloc: str, vloc: str) -> None:
    """Where the names of the lines stand: left, right or center and bottom, top or middle."""
    if hloc not in ("left", "right", "center") or vloc not in ("bottom", "top", "middle"):
        raise ValueError(f"gnuplot.movelegend: left|right|center and bottom|top|middle, not {hloc!r} and {vloc!r}")
    _set(legend=(hloc, vloc))


def axis(axis: Any) -> None:
    """``'auto'``, ``'image'`` or ``'equal'`` (a circle looks round), ``'fill'``, or ``[xmin, xmax, ymin, ymax]``.

    ``''`` in a list keeps what is.
    """
    if isinstance(axis, str) and axis in ("auto", "image", "equal", "fill"):
        _set(aspect="equal" if axis in ("image", "equal") else "auto", **({"limits": None} if axis == "auto" else {}))
    elif isinstance(axis, list | tuple) and len(axis) == 4:
        _set(limits=[None if v in ("", "*") else float(v) for v in axis])
    else:
        raise ValueError(f"gnuplot.axis: auto, image, equal, fill or [xmin, xmax, ymin, ymax], not {axis!r}")


def raw(command: str) -> NoReturn:
    """Refused: there is no gnuplot behind this package that could take its commands."""
    raise NotImplementedError(
        f"gnuplot.raw({command!r}): figures are drawn by matplotlib, which does not know gnuplot's commands; use "
        "title, xlabel, ylabel, axis, grid and movelegend"
    )


def setterm(term: str) -> None:
    """Accepted: there is no terminal to choose."""


def setgnuplotexe(exe: str) -> None:
    """Accepted: no program is started."""


def _each(args: tuple) -> list:
    """``f(...)`` for one line, ``f({...}, {...})`` or ``f({{...}, {...}})`` for several."""
    if not args:
        raise TypeError("gnuplot: no inputs, at least a tensor is needed")
    if isinstance(args[0], list | tuple):
        return list(args[0]) if isinstance(args[0][0], list | tuple) else list(args)
    return [args]


def _parts(line: Any, name: str) -> tuple[str, list, str]:
    """Legend, tensors and format of ``[legend,] tensor [, tensor ...] [, format]``."""
    line = [x for x in line if x is not None]
    legend = line.pop(0) if line and isinstance(line[0], str) else ""
    form = line.pop() if line and isinstance(line[-1], str) else ""
    if not line or not all(map(torch7.isTensor, line)):
        raise TypeError(
            f"gnuplot.{name}: [string,] tensor [, tensor] [, string], got {', '.join(map(describe, line)) or 'none'}"
        )
    return legend, [np.asarray(x.get() if hasattr(x, "get") else x) for x in line], form


def _curve(line: Any) -> tuple[str, Any, Any, str]:
    legend, tensors, form = _parts(line, "plot")
    if len(tensors) > 2:
        raise TypeError("gnuplot.plot: [string,] tensor [, tensor] [, string]")
    if len(tensors) == 2:
        x, y = tensors
    elif tensors[0].ndim == 2 and tensors[0].shape[1] == 4 and form.lower() == "v":
        x, y = tensors[0][:, [0, 2]], tensors[0][:, [1, 3]]
    elif tensors[0].ndim == 2 and tensors[0].shape[1] > 1:
        x, y = tensors[0][:, 0], tensors[0][:, 1:]
    else:
        y = tensors[0].reshape(-1)
        x = np.arange(1, len(y) + 1)
    if x.ndim not in (1, 2) or len(x) != len(y):
        raise ValueError(f"gnuplot.plot: x and y do not fit: {describe(x)} and {describe(y)}")
    return legend, x, y, form


def plot(*args: Any) -> None:
    """``plot([legend,] [x,] y [, format])``, or a list of such for each line.

    A matrix has x in its first column and lines in the others. Formats: ``'.'`` dots, ``'+'`` points, ``'-'`` lines,
    ``'+-'`` both, ``'~'`` a smooth line, ``'|'`` boxes, ``'v'`` arrows (two columns each: place and step), or
    gnuplot's own ``'with lines'``, ``points``, ``linespoints``, ``dots``, ``boxes``, ``impulses``, ``filledcurves``.
    """
    curves = [_curve(line) for line in _each(args)]
    _now().contents = lambda axes: lines(axes, curves)
    _now().three = False


def bar(*args: Any) -> None:
    """``bar(y)`` or ``bar(x, y)``: boxes."""
    plot(*args, "|")


def histc(tensor: Any, bins: int | None = None, min: float | None = None, max: float | None = None) -> dict:
    """How many elements fall into each of ``bins`` (10) parts of min .. max (those of the tensor).

    ``raw`` are the counts; entry i (from 1) has ``val``, the middle of the part, and ``nb``; ``max`` is the entry with
    most.
    """
    n = int(bins or 10)
    low = float(tensor.min() if min is None else min)
    high = float(tensor.max() if max is None else max)
    raw = torch7.histc(torch7.double(tensor), n, low, high)
    middles = low + (np.arange(n) + 0.5) * (high - low) / n
    table: dict[Any, Any] = {i + 1: {"val": float(middles[i]), "nb": float(raw[i])} for i in range(n)}
    return {**table, "raw": raw, "bins": n, "max": table[int(np.argmax(raw)) + 1]}


def hist(tensor: Any, bins: int | None = None, min: float | None = None, max: float | None = None) -> dict:
    """Boxes of :func:`histc`, which is returned."""
    found = histc(tensor, bins, min, max)
    bar(np.array([found[i]["val"] for i in range(1, found["bins"] + 1)]), found["raw"])
    return found


def imagesc(x: Any, palette: str | None = None) -> None:
    """A matrix as a picture, the first row on top; the palette is ``'gray'`` or ``'color'``."""
    if not torch7.isTensor(x) or x.ndim != 2:
        raise ValueError(f"gnuplot.imagesc: a matrix, got {describe(x)}")
    kept = np.array(x.get() if hasattr(x, "get") else x)
    _now().contents = lambda axes: matrix(axes, kept, palette)
    _now().three = False


def splot(*args: Any) -> None:
    """``splot([legend,] z)`` or ``splot([legend,] x, y, z)``: surfaces over matrices."""
    surfaces = []
    for line in _each(args):
        legend, tensors, _ = _parts(line, "splot")
        if len(tensors) == 1:
            rows, columns = np.indices(tensors[0].shape) + 1
            tensors = [rows, columns, tensors[0]]
        if len(tensors) != 3 or any(t.ndim != 2 for t in tensors):
            raise ValueError(f"gnuplot.splot: matrices z or x, y, z, got {', '.join(map(describe, tensors))}")
        surfaces.append((legend, *tensors))
    _now().contents = lambda axes: surface(axes, surfaces)
    _now().three = True


def scatter3(*args: Any) -> None:
    """``scatter3([legend,] x, y, z)``: points in space."""
    clouds = []
    for line in _each(args):
        legend, tensors, _ = _parts(line, "scatter3")
        if len(tensors) != 3 or len({t.shape for t in tensors}) != 1 or tensors[0].ndim != 1:
            raise ValueError(f"gnuplot.scatter3: x, y and z of one length, got {', '.join(map(describe, tensors))}")
        clouds.append((legend, *tensors))
    _now().contents = lambda axes: points(axes, clouds)
    _now().three = True
