"""How the cost of layers grows with batch, length of sequences and planes, beside PyTorch.

    python -m benchmarks.growth [--threads 2] [--rounds 3] [--cpu] [--plot FOLDER] [LAYER ...]

A row gives the geometric mean of the ratios to PyTorch along the axis, the lowest of them, and the highest cliff of
both: the time of a size over the one that its two neighbours let expect, on a line in logarithms. ``--plot`` draws time
per sample, step or multiplication, one picture an axis; LAYER is a part of a name such as "SeqLSTM length".
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .contests import clock, heading, row, set_threads
from .growth_layers import AXES, PASSES, SERIES, Series
from .timing import side_by_side
from .whole import geometric_mean

#: A cliff above this is timed again, longer, so often: a disturbance does not come back.
SUSPECT, AGAIN = 1.3, 3
TURN = 0.02
COLOURS = {"torch7": "C0", "PyTorch": "C1"}
LINES = {"forward": "-", "backward": "--"}


@dataclass
class Curve:
    """Seconds at each size, of one pass of one library."""

    sizes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def cliffs(self) -> np.ndarray:
        """Each size's time over what its neighbours let expect; 1 at the ends."""
        x, y = np.log(self.sizes), np.log(self.seconds)
        share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
        return np.exp(np.pad(y[1:-1] - (1 - share) * y[:-2] - share * y[2:], 1))


Curves = dict[tuple[str, str], Curve]  # by pass and library


def measured(series: Series, options: argparse.Namespace) -> Curves:
    """All sizes, and those again that stick out."""
    curves: Curves = defaultdict(Curve)
    for size in AXES[series.axis]:
        for key, seconds in timed(series, size, options.rounds, options).items():
            curves[key].sizes.append(size)
            curves[key].seconds.append(seconds)
    for _ in range(AGAIN):
        places = {place for curve in curves.values() for place in np.flatnonzero(curve.cliffs() > SUSPECT)}
        for i in sorted({place + step for place in places for step in (-1, 0, 1)}):
            for key, seconds in timed(series, AXES[series.axis][i], 2 * options.rounds, options).items():
                curves[key].seconds[i] = min(curves[key].seconds[i], seconds)
    return curves


def timed(series: Series, size: int, rounds: int, options: argparse.Namespace) -> dict[tuple[str, str], float]:
    mine, other = series.sides(size)
    found = {}
    for part in PASSES:
        runs = {"torch7": mine[part], "PyTorch": other[part]}
        times = side_by_side(runs, rounds, clock=clock(options), turn=TURN)
        found |= {(part, library): seconds for library, seconds in times.items()}
    return found


def rows(series: Series, curves: Curves) -> Iterator[str]:
    for part in PASSES:
        ours, theirs = curves[part, "torch7"], curves[part, "PyTorch"]
        ratios = np.divide(theirs.seconds, ours.seconds)
        low = int(ratios.argmin())
        cells = [f"{geometric_mean(list(ratios)):.2f}", f"{ratios[low]:.2f} at {ours.sizes[low]}"]
        for curve in (ours, theirs):
            high = int(curve.cliffs().argmax())
            cells.append(f"{curve.cliffs()[high]:.2f} at {curve.sizes[high]}")
        yield row([series.name, part, *cells])


# -- pictures


def plot(axis: str, found: dict[str, tuple[Series, Curves]], folder: Path) -> None:
    """growth-<axis>.svg: a small picture of each layer."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": axis, "font.size": 8}
    from matplotlib import pyplot

    columns = 3
    count = -(-len(found) // columns)
    figure, axes = pyplot.subplots(count, columns, figsize=(9, 2.2 * count), squeeze=False, layout="constrained")
    for place in axes.flat[len(found) :]:
        place.remove()
    for place, (series, curves) in zip(axes.flat, found.values()):
        draw(place, series, curves)
    axes.flat[0].legend(fontsize=6)
    figure.savefig(folder / f"growth-{axis}.svg", metadata={"Date": None})
    pyplot.close(figure)


def draw(place: Any, series: Series, curves: Curves) -> None:
    for (part, library), curve in curves.items():
        unit = [1e9 * t / series.work(n) for t, n in zip(curve.seconds, curve.sizes)]
        style = {"color": COLOURS[library], "linestyle": LINES[part], "linewidth": 1}
        place.loglog(curve.sizes, unit, label=f"{library} {part}", **style)
    place.set_title(series.layer)
    place.set_xlabel(series.axis)
    place.set_ylabel("ns / n²" if series.work(2) == 4 else "ns / n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="LAYER", help="; ".join(series.name for series in SERIES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="draw into this folder")
    options = parser.parse_args()
    set_threads(options.threads)
    found: dict[str, dict] = defaultdict(dict)
    print(heading(["layer and axis", "pass", "ratio", "lowest", "cliff", "PyTorch's"]))
    for series in SERIES:
        if not options.names or any(name in series.name for name in options.names):
            curves = measured(series, options)
            found[series.axis][series.name] = series, curves
            print(*rows(series, curves), sep="\n", flush=True)
    if options.plot:
        for axis, those in found.items():
            plot(axis, those, options.plot)


if __name__ == "__main__":
    main()
