"""A network of a file as a drawing, from its records alone: containers by their branches, graphs by their nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .drawing import Block, Branches, Chain, Frame, Layers, Leaf
from .outline import fields_of
from .records import Object, Record, TableRecord, Tensor
from .tables import number

#: Boxes of a drawing, and how deep containers are opened.
BOXES, DEPTH = 1500, 24
#: Cells that are one box, whatever networks their steps are made of.
CELLS = {"LSTM", "FastLSTM", "GRU", "MuFuRu", "SeqLSTM", "SeqGRU", "SeqLSTMP"}
FAMILIES = {
    "Conv": "conv", "Pooling": "pool", "Normalization": "norm", "BatchNorm": "norm", "Linear": "linear",
    "LookupTable": "linear", "LSTM": "cell", "GRU": "cell", "Recur": "cell", "Table": "quiet", "View": "quiet",
    "Reshape": "quiet", "Identity": "quiet", "Dropout": "quiet",
}  # fmt: skip


class Sketch:
    """Draws a module and what is in it; ``places`` numbers entries by the id of their records."""

    def __init__(self, places: dict[int, int], parameters: Callable[[Record], int]) -> None:
        self.places, self.parameters, self.count = places, parameters, 0

    def block(self, module: Any, depth: int = 0) -> Block:
        self.count += 1
        fields = Fields(module)
        inner = fields.modules()
        if fields.name == "gModule" and isinstance(fields["forwardnodes"], TableRecord):
            inner = inner or [module]
        if not inner or depth > DEPTH or self.count + len(inner) > BOXES or fields.name in CELLS:
            return self._leaf(module, fields, len(inner))
        if fields.name == "gModule":
            drawn = self._graph(fields, depth)
            return drawn if depth == 0 else self._framed(module, fields, drawn)
        parts = [self.block(part, depth + 1) for part in inner]
        if fields.name == "Sequential":
            return Chain(parts)
        return self._framed(module, fields, Chain(parts) if len(parts) == 1 else Branches(parts))

    def _leaf(self, module: Any, fields: Fields, inside: int) -> Leaf:
        family = next((kind for part, kind in FAMILIES.items() if part in fields.name), "")
        more = f"{inside} modules" if inside and fields.name not in CELLS else ""
        count = self.parameters(module)
        lines = fields.name, fields.caption(), more, f"{count:,} parameters" if count else "", fields.shape()
        return Leaf(lines, family, self.places.get(id(module)))

    def _framed(self, module: Any, fields: Fields, inner: Block) -> Frame:
        return Frame([f"{fields.name} {fields.caption()}".strip()], inner, self.places.get(id(module)))

    def _graph(self, fields: Fields, depth: int) -> Block:
        """The nodes in their order; splits and entries of tables are small boxes."""
        nodes = [n for n in listed(fields["forwardnodes"]) if isinstance(n, Object)]
        numbers = {id(node): i for i, node in enumerate(nodes)}
        blocks, edges = [], []
        for i, node in enumerate(nodes):
            own = Fields(node)
            children = listed(own["children"])
            blocks.append(self._node(Fields(own["data"]), depth, not children))
            for child in children:
                if id(child) in numbers and numbers[id(child)] != i:
                    edges.append((i, numbers[id(child)]))
        return Layers(blocks, edges)

    def _node(self, data: Fields, depth: int, last: bool) -> Block:
        name = data["name"]
        label = name.decode("utf-8", "replace") if isinstance(name, bytes) else ""
        if isinstance(data["module"], Object):
            return self.block(data["module"], depth + 1)
        if isinstance(data["selectindex"], float):
            return Leaf([f"entry {number(data['selectindex'])}"], "quiet")
        if data["nSplitOutputs"]:
            return Leaf(["split"], "quiet")
        return Leaf([label or ("output" if last else "input")], "quiet")


class Fields:
    """The fields of an object, or of a table, by name."""

    def __init__(self, record: Any) -> None:
        self.record = record
        table = fields_of(record) if isinstance(record, Record) else None
        self.pairs = dict(_named(table)) if table is not None else {}

    def __getitem__(self, name: str) -> Any:
        return self.pairs.get(name.encode())

    @property
    def name(self) -> str:
        """The class without its package."""
        return self.record.name.rpartition(".")[2] if isinstance(self.record, Object) else ""

    def modules(self) -> list:
        held = self["modules"]
        return [m for m in listed(held) if isinstance(m, Object)] if isinstance(held, TableRecord) else []

    def whole(self, *names: str) -> list | None:
        """Numbers of these fields, or None where one is missing."""
        found = [self[name] for name in names]
        if not all(isinstance(v, float) and math.isfinite(v) for v in found):
            return None
        return [number(v) for v in found]

    def caption(self) -> str:
        """Planes, windows and sizes, where there are such fields."""
        parts = []
        ends = (("nInputPlane", "nOutputPlane"), ("inputSize", "outputSize"), ("inputFrameSize", "outputFrameSize"))
        for pair in (*ends, ("inputsize", "hiddensize"), ("inputsize", "outputsize")):
            if planes := self.whole(*pair):
                parts.append(f"{planes[0]} → {planes[1]}")
                break
        weight = self["weight"]
        if not parts and self.name.startswith(("Linear", "LookupTable")) and isinstance(weight, Tensor):
            shape = weight.shape[::-1] if self.name.startswith("Linear") else weight.shape
            parts.append(" → ".join(map(str, shape)))
        for names in (("kW", "kH"), ("kT", "kW", "kH")):
            if window := self.whole(*names):
                parts = [p for p in parts if "×" not in p] + ["×".join(map(str, window))]
        steps = self.whole("dW", "dH")
        if steps and steps != [1, 1]:
            parts.append(f"step {'×'.join(map(str, steps))}")
        for name in ("dimension", "p", "index"):
            if (value := self.whole(name)) and self.name not in ("LSTM", "SeqLSTM"):
                parts.append(f"{name} {value[0]:g}" if isinstance(value[0], float) else f"{name} {value[0]}")
        return ", ".join(parts)

    def shape(self) -> str:
        """Of the last output, where the file holds it."""
        output = self["output"]
        if isinstance(output, Tensor) and output.shape and math.prod(output.shape):
            return "gave " + "×".join(map(str, output.shape))
        return ""


def _named(table: TableRecord) -> list:
    return [(key, value) for key, value in table.pairs() if isinstance(key, bytes)]


def listed(table: Any) -> list:
    """The values of 1, 2, 3 ... of a table."""
    if not isinstance(table, TableRecord):
        return []
    numbered = [(key, value) for key, value in table.pairs() if isinstance(key, float)]
    return [value for _, value in sorted(numbered, key=lambda pair: pair[0])]
