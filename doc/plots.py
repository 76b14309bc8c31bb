"""The plots of the transfer functions: f and its derivative, drawn by the modules themselves when the manual is built.

``python doc/plots.py`` draws them without building; they land in ``doc/_build/plots``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

import nn

matplotlib.use("Agg")
from matplotlib import pyplot

FOLDER = Path(__file__).parent / "_build" / "plots"
NAMES = [
    "Tanh",
    "Sigmoid",
    "LogSigmoid",
    "ReLU",
    "ReLU6",
    "Threshold",
    "LeakyReLU",
    "PReLU",
    "RReLU",
    "ELU",
    "SoftPlus",
    "HardTanh",
    "SoftSign",
    "HardShrink",
    "SoftShrink",
    "TanhShrink",
    "SoftMax",
    "SoftMin",
    "LogSoftMax",
]
ARGUMENTS = {"Threshold": (1, -0.5), "LeakyReLU": (0.1,)}
RANGES = {"ReLU6": (-2, 8)}
OF_CLASSES = ("SoftMax", "SoftMin", "LogSoftMax")


def curve(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, f(x) and its derivative; the functions of classes get the two scores x and 0, and f is the first result."""
    module = getattr(nn, name)(*ARGUMENTS.get(name, ())).evaluate()
    x = np.linspace(*RANGES.get(name, (-3, 3)), 1201)
    input = np.stack([x, np.zeros_like(x)], 1) if name in OF_CLASSES else x[:, None]
    output = module.forward(input)
    gradOutput = np.zeros_like(output)
    gradOutput[:, 0] = 1
    return x, output[:, 0].copy(), module.backward(input, gradOutput)[:, 0]


def with_gaps(y: np.ndarray) -> np.ndarray:
    """``y`` with NaN where it jumps, so that no line is drawn across."""
    y = y.copy()
    y[1:][np.abs(np.diff(y)) > 0.05] = np.nan
    return y


def draw(name: str, folder: Path = FOLDER) -> Path:
    """Draw one function to ``folder/NAME.svg``."""
    x, y, slope = curve(name)
    figure, axes = pyplot.subplots(figsize=(5, 3), layout="constrained")
    axes.axhline(0, color="0.85", linewidth=1)
    axes.axvline(0, color="0.85", linewidth=1)
    axes.plot(x, with_gaps(y), color="tab:blue", linewidth=2, label="f(x)")
    axes.plot(x, with_gaps(slope), color="tab:orange", linewidth=1.5, linestyle="--", label="df/dx")
    axes.set_xlabel("x")
    axes.set_title(f"nn.{name}")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path


def draw_all(app: Any = None) -> None:
    """Draw every function; Sphinx calls it with its application before it reads the pages."""
    for name in NAMES:
        draw(name)


def setup(app: Any) -> dict:
    """What Sphinx asks of an extension."""
    app.connect("builder-inited", draw_all)
    return {"parallel_read_safe": True}


if __name__ == "__main__":
    draw_all()
