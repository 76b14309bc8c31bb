"""``require 'display'``: pictures and plots that a browser showed; here PNG files in the folder ``display``."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import Any

import numpy as np

import torch7

_pane = SimpleNamespace(folder="display", count=0)


def configure(config: dict | None = None, **named: Any) -> None:
    """``folder``: where the files go. ``hostname`` and ``port`` are accepted; there is no server."""
    _pane.folder = ({**(config or {}), **named}).get("folder") or _pane.folder


def _window(options: dict | None) -> str:
    """The window asked for, or a new one."""
    win = (options or {}).get("win")
    if win is None:
        _pane.count += 1
        win = f"window_{_pane.count}"
    return str(win)


def file(win: str) -> str:
    """The file of a window."""
    return os.path.join(_pane.folder, re.sub(r"[^\w.-]+", "_", win) + ".png")


def image(img: Any, opts: dict | None = None) -> str:
    """A picture, or a batch or list of them in a grid, into the file of a window, which is returned.

    Options: ``win`` (a window to use again), ``title``, ``min`` and ``max`` of the values.
    """
    from . import image as pictures

    opts = opts or {}
    if not torch7.isTensor(img) or img.ndim > 3 or (img.ndim == 3 and len(img) not in (1, 3)):
        img = pictures.toDisplayTensor(input=img, padding=2, nrow=int(np.ceil(np.sqrt(len(img)))))
    elif img.dtype != np.uint8:
        img = pictures.minmax(tensor=img, min=opts.get("min"), max=opts.get("max"), saturate=True)
    win = _window(opts)
    os.makedirs(_pane.folder, exist_ok=True)
    pictures.savePNG(file(win), img)
    return win


images = image


def plot(data: Any, opts: dict | None = None) -> str:
    """Lines over the first column of a table of rows, or tensor, into the file of a window, which is returned.

    Options: ``win``, ``title``, ``labels`` (of all columns), ``xlabel``, ``ylabel``.
    """
    from .figure import new_axes

    opts = opts or {}
    rows = np.asarray(data if torch7.isTensor(data) else [[float(x) for x in row] for row in data])
    axes = new_axes()
    labels = opts.get("labels") or ["x", *[f"y{i}" for i in range(1, rows.shape[1])]]
    for column, label in zip(rows.T[1:], labels[1:]):
        axes.plot(rows[:, 0], column, label=label)
    axes.set(title=opts.get("title") or "", xlabel=opts.get("xlabel") or labels[0], ylabel=opts.get("ylabel") or "")
    if rows.shape[1] > 2:
        axes.legend()
    win = _window(opts)
    os.makedirs(_pane.folder, exist_ok=True)
    axes.figure.savefig(file(win))
    return win


def text(content: str, opts: dict | None = None) -> str:
    """A text into a file beside those of the pictures; the window is returned."""
    win = _window(opts)
    os.makedirs(_pane.folder, exist_ok=True)
    with open(file(win).removesuffix(".png") + ".txt", "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write(content)
    return win


def close(win: str | None = None) -> None:
    """Nothing: the files stay."""
