"""``python -m torch7 view FILE``: a .t7 file as one page of HTML that asks nothing of the network."""

from __future__ import annotations

import base64
import io
import math
import os
from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np

from .builder import Builder
from .drawing import svg
from .files import opened_records
from .inspect import entry_text
from .outline import STATISTICS, Entry, is_parameter, outline
from .page import PAGE
from .records import Object, Tensor
from .replacing import replacing
from .report import network_entries, report
from .sketch import Sketch

DEPTH = 60
#: Entries of one table or object that are shown, of the whole file, and elements of a tensor that are counted.
ENTRIES, ALL_ENTRIES, COUNTED = 400, 20_000, 20_000_000
BARS = 40
SIDE = 96  # filters that are drawn at most
DRAWINGS = 6  # networks that are drawn at most


def view(filename: Any, out: Any = None, mode: str | None = None) -> str:
    """Write the page of ``filename`` to ``out``, by default beside it with ``.html``; returns the name of the page.

    It draws the networks, a graph by its nodes, and shows the tree with types, shapes and modes, for each tensor its
    range, mean, deviation and a histogram, and the filters of the first layer as pictures (with Pillow). Of the file
    nothing is run.
    """
    out = os.fsdecode(filename) + ".html" if out is None else os.fsdecode(out)
    with opened_records(filename, mode) as (root, parser):
        text = "".join(Page(root, Builder(parser.source), os.path.basename(os.fsdecode(filename))).parts())
    with replacing(out) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
    return out


class Page:
    """The parts of a page, from the entries of a file."""

    def __init__(self, root: Any, builder: Builder, title: str) -> None:
        self.entries, self.builder, self.title = outline(root), builder, title
        self.shared = Counter(id(e.item.storage) for e in self.entries if isinstance(e.item, Tensor) and not e.first)
        self.shown: Counter[int] = Counter()
        self.hidden: set[int] = set()
        self.filters = next((e for e in self.entries if _is_filters(e)), None)
        first = [(i, e) for i, e in enumerate(self.entries) if isinstance(e.item, Object) and e.first is None]
        self.places = {id(e.item): i for i, e in first if not isinstance(e.item, Tensor)}
        self.parameters = {id(e.item): e.parameters for _, e in first}

    def parts(self) -> Iterator[str]:
        told = report(self.entries, [])
        head, foot = PAGE.split("<!-- tree -->")
        head, above = head.split("<!-- drawings -->")
        networks = "".join(f"<li>{escape(str(network))}</li>" for network in told.networks)
        yield (
            head.replace("$title", escape(self.title))
            .replace("$networks", networks)
            .replace("$parameters", f"{told.parameters:,}")
        )
        yield from self._drawings()
        yield above
        yield from self._tree()
        yield foot

    def _drawings(self) -> Iterator[str]:
        for entry in network_entries(self.entries)[:DRAWINGS]:
            sketch = Sketch(self.places, lambda record: self.parameters.get(id(record), 0))
            title = escape(f"{entry.path or 'the whole'}: {entry.item.name}")
            drawn = svg(sketch.block(entry.item))
            yield f"<details open><summary>{title}</summary><div class=scroll>{drawn}</div></details>"

    def _tree(self) -> Iterator[str]:
        """Nested details; an entry closes those of its level and below."""
        opened: list[int] = []
        for number, entry in enumerate(self.entries):
            if entry.depth > DEPTH or number > ALL_ENTRIES or not self._is_shown(entry):
                continue
            while opened and opened[-1] >= entry.depth:
                opened.pop()
                yield "</details>"
            opened.append(entry.depth)
            part = isinstance(entry.item, Object) and not isinstance(entry.item, Tensor)
            state = " open" if part or entry.depth < 2 else ""
            label = f"<b>{escape(entry.label.lstrip('.'))}</b> " if entry.label else ""
            place = f" id=e{number}" if self.places.get(id(entry.item)) == number else ""
            yield f"<details{state}{place}><summary>{label}{escape(entry_text(entry, self.shared))}</summary>"
            if isinstance(entry.item, Tensor) and entry.first is None:
                yield self._tensor(entry)
        yield "</details>" * len(opened)

    def _is_shown(self, entry: Entry) -> bool:
        """What hangs on an entry that is left out is left out, too."""
        if entry.parent is None:
            return True
        parent = id(entry.parent)
        self.shown[parent] += 1
        if self.shown[parent] > ENTRIES or parent in self.hidden:
            self.hidden.add(id(entry))
            return False
        return True

    def _tensor(self, entry: Entry) -> str:
        tensor = entry.item
        size = math.prod(tensor.shape)
        if not size or size > COUNTED or not (is_parameter(entry) or entry.label[1:] in STATISTICS or size < 100_000):
            return ""
        x = np.asarray(self.builder.tensor(tensor))
        if x.dtype.kind not in "fiu":
            return ""
        picture = filters(x) if entry is self.filters else ""
        with np.errstate(over="ignore", invalid="ignore"):  # sums of the largest doubles are infinite, and told so
            return f"<div class=numbers>{escape(statistics(x))}</div>{histogram(x)}{picture}"


def statistics(x: np.ndarray) -> str:
    finite = x[np.isfinite(x)].astype(np.float64)
    odd = "".join(
        f", {n} {what}" for n, what in ((int(np.isnan(x).sum()), "nan"), (int(np.isinf(x).sum()), "inf")) if n
    )
    if not finite.size:
        return f"no finite number{odd}"
    zeros = f", {np.mean(finite == 0):.0%} zeros" if (finite == 0).any() else ""
    numbers = finite.min(), finite.max(), finite.mean(), finite.std()
    return "from {:.4g} to {:.4g}, mean {:.4g}, deviation {:.4g}".format(*numbers) + zeros + odd


def histogram(x: np.ndarray) -> str:
    """Bars of how many elements lie in each part of the range."""
    finite = x[np.isfinite(x)].astype(np.float64).reshape(-1)
    if finite.size < 8 or not 0 < finite.max() - finite.min() < np.inf:
        return ""
    counts, _ = np.histogram(finite, BARS)
    heights = np.ceil(counts / counts.max() * 40).astype(int)
    bars = "".join(f"M{4 * i} 40v-{h}h3v{h}z" for i, h in enumerate(heights) if h)
    width = 4 * BARS
    path = f'<path d="{bars}M0 40h{width}v1h-{width}z"/>'
    return f'<svg width="{width}" height="42" viewBox="0 0 {width} 42">{path}</svg>'


def _is_filters(entry: Entry) -> bool:
    """Whether an entry is the weight of a convolution that sees one or three planes."""
    if entry.label != ".weight" or not isinstance(entry.item, Tensor) or not isinstance(entry.parent.item, Object):
        return False
    name, shape = entry.parent.item.name, entry.item.shape
    return "Convolution" in name and len(shape) == 4 and shape[1] in (1, 3) and min(shape[2:]) > 1


def filters(x: np.ndarray) -> str:
    """Each filter as a small picture, all by one scale; nothing without Pillow."""
    try:
        from PIL import Image
    except ImportError:
        return ""
    x = x[:SIDE].astype(np.float64)
    low, high = np.nanmin(x), np.nanmax(x)
    x = np.nan_to_num((x - low) / (high - low or 1))
    count, _, height, width = x.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    sheet = np.ones((rows * (height + 1) + 1, columns * (width + 1) + 1, 3))
    for i, one in enumerate(x):
        top, left = i // columns * (height + 1) + 1, i % columns * (width + 1) + 1
        sheet[top : top + height, left : left + width] = np.moveaxis(one, 0, -1)  # one plane is grey
    buffer = io.BytesIO()
    Image.fromarray((sheet * 255).astype(np.uint8)).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    scale = max(1, 480 // sheet.shape[1])
    return f'<img alt="filters" width={sheet.shape[1] * scale} src="data:image/png;base64,{data}">'
