"""An ONNX graph that grows: values with examples, constants, nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from torch7.onnx import NotExportable


@dataclass
class Value:
    """A tensor of the graph, with what it is for the example input.

    ``other`` is what it is for an input whose batch is larger by one (None: the batch is fixed): an axis in which the
    two differ is the batch.
    """

    name: str
    array: np.ndarray
    other: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def sizes(self) -> list[int | None]:
        """The sizes, None where they follow the batch."""
        if self.other is None:
            return list(self.shape)
        return [a if a == b else None for a, b in zip(self.shape, self.other.shape)]


@dataclass
class Graph:
    """Nodes and constants; ``place`` is where in the network the exporter is, for names and errors."""

    opset: int
    #: Whether what only training does is kept.
    training: bool = False
    #: Why the batch is fixed, where it was to be free.
    fixed: str | None = None
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)
    place: str = "net"
    parameters: dict[tuple, tuple[np.ndarray, str]] = field(default_factory=dict)
    kept: dict[tuple, str] = field(default_factory=dict)
    #: What recurrent modules, by id, hand on to their next step.
    states: dict[int, list[Value]] = field(default_factory=dict)
    #: The nodes and inputs of max poolings, by the id of their modules.
    pools: dict[int, tuple[onnx.NodeProto, Value]] = field(default_factory=dict)

    #: What PushTables took out, by their ids.
    pushed: dict[int, Value] = field(default_factory=dict)

    def refuse(self, what: str) -> NotExportable:
        return NotExportable(f"{what} (at {self.place or 'the network itself'}) cannot be written to ONNX")

    # -- constants

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """The name of a constant; equal ones are kept once."""
        x = np.asarray(value, dtype)
        key = (x.dtype.str, x.shape, x.tobytes())
        if key not in self.kept:
            self.kept[key] = self._store(f"constant_{len(self.kept)}", x)
        return self.kept[key]

    def integers(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def parameter(self, name: str, x: np.ndarray, owner: np.ndarray | None = None) -> str:
        """The name of a parameter, by its path; ``owner`` is the module's own array, which tells shared ones."""
        owner = x if owner is None else owner
        key = (id(owner), name, x.shape)
        if key not in self.parameters:
            path = self._store(self._free(f"{self.place}.{name}".lstrip(".")), np.asarray(x, np.float32))
            self.parameters[key] = (owner, path)
        return self.parameters[key][1]

    def _free(self, name: str) -> str:
        """``name``, with a number where it is taken."""
        count, free = 1, name
        while free in self.constants:
            count, free = count + 1, f"{name}_{count + 1}"
        return free

    def _store(self, name: str, x: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(x).reshape(x.shape), name)
        return name

    # -- nodes

    def op(self, kind: str, *inputs: Any, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; numbers among ``inputs`` become constants. Returns the name of its output, or a list of them."""
        names = [self._name(x) for x in inputs]
        made = [f"{self.place}/{kind}_{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, names, made, name=made[0], **attributes))
        return made[0] if outputs == 1 else made

    def _name(self, x: Any) -> str:
        if isinstance(x, str):
            return x
        return x.name if isinstance(x, Value) else self.constant(x)

    def chain(self, kind: str, inputs: Sequence[Any]) -> str:
        """A node of two inputs over all of them, from the left."""
        result = self._name(inputs[0])
        for x in inputs[1:]:
            result = self.op(kind, result, x)
        return result

    def reshape(self, x: Any, sizes: Sequence[int | None]) -> str:
        """``x`` in other sizes; None, at most once, is what follows the batch."""
        sizes = list(sizes)
        if sizes.count(None) > 1 or (None in sizes and 0 in sizes):
            raise self.refuse("a reshape in which two sizes follow the batch")
        return self.op("Reshape", x, self.integers(*(-1 if s is None else s for s in sizes)))

    def reduce(self, kind: str, x: Any, axis: int, keep: bool = True) -> str:
        """``ReduceSum``, ``ReduceMean`` ... over an axis: the axis was an attribute of most before opset 18."""
        if kind == "ReduceSum" or self.opset >= 18:
            return self.op(kind, x, self.integers(axis), keepdims=int(keep))
        return self.op(kind, x, axes=[axis], keepdims=int(keep))

    def zeros(self, sizes: Any) -> str:
        """Zeros of computed sizes; the value is written, as OpenCV does not know the default."""
        value = numpy_helper.from_array(np.zeros(1, np.float32), "value")
        return self.op("ConstantOfShape", sizes, value=value)

    def slice(self, x: Any, axis: int, start: int, end: int) -> str:
        return self.op("Slice", x, *(self.integers(i) for i in (start, end, axis)))

    def pad(self, x: Value, pads: Sequence[tuple[int, int]], value: float = 0.0, mode: str = "constant") -> str:
        """Pairs of what is added in front of and behind each of the last axes; negative ones are cut off."""
        first, name = x.ndim - len(pads), x.name
        for axis, (low, high) in enumerate(pads, first):
            if low < 0 or high < 0:
                name = self.slice(name, axis, max(-low, 0), x.shape[axis] - max(-high, 0))
        added = [[max(p[side], 0) for p in pads] for side in (0, 1)]
        if not any(map(any, added)):
            return name
        places = self.integers(*[0] * first, *added[0], *[0] * first, *added[1])
        return self.op("Pad", name, places, *([value] if mode == "constant" else []), mode=mode)


def declared(value: Value, batch: str | None) -> onnx.ValueInfoProto:
    """The type and sizes of an input or output."""
    kind = TensorProto.INT64 if value.array.dtype == np.int64 else TensorProto.FLOAT
    return helper.make_tensor_value_info(value.name, kind, [batch if s is None else s for s in value.sizes])
