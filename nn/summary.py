"""``nn.summary(net, input)``: layers, shapes, parameters, multiply-adds and memory of a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from math import prod
from typing import Any

from torch7 import arrays, registry

from . import utils
from .container import Container
from .convolution.convolution_base import Convolution
from .convolution.spatial_depth_wise_convolution import SpatialDepthWiseConvolution
from .convolution.spatial_full_convolution import FullConvolution
from .module import Module
from .notebook import shape_text

HEADS = ("layer", "output", "parameters", "multiply-adds")


@dataclass
class Row:
    """A module of the network: ``depth`` levels down, ``place`` such as ``3.1``; sizes of its output."""

    place: str
    depth: int
    name: str
    output: str
    parameters: int
    multiply_adds: int | None
    container: bool


@dataclass
class Summary:
    """What :func:`summary` found; ``str`` is a table, notebooks show one.

    ``parameters``: elements of all parameters, shared ones once. ``multiply_adds`` of the layers that multiply
    (linear, convolution, recurrent), for this input. ``parameter_bytes``; ``output_bytes`` of all modules' outputs,
    arrays that several hold once.
    """

    rows: list[Row] = field(default_factory=list)
    parameters: int = 0
    multiply_adds: int = 0
    parameter_bytes: int = 0
    output_bytes: int = 0

    def cells(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                "  " * row.depth + (f"({row.place.rpartition('.')[2]}) " if row.place else "") + row.name,
                row.output,
                f"{row.parameters:,}" if row.parameters and not row.container else "",
                f"{row.multiply_adds:,}" if row.multiply_adds else "",
            )
            for row in self.rows
        ]

    def totals(self) -> str:
        return (
            f"{self.parameters:,} parameters ({size(self.parameter_bytes)}), {self.multiply_adds:,} multiply-adds, "
            f"{size(self.output_bytes)} of outputs"
        )

    def __str__(self) -> str:
        table = [HEADS, *self.cells()]
        widths = [max(len(row[i]) for row in table) for i in range(4)]
        lines = [
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}".rstrip() for a, b, c, d in table
        ]
        return "\n".join([*lines, self.totals()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{h}</th>" for h in HEADS)
        body = "".join(
            "<tr>" + f'<td style="text-align:left;white-space:pre">{escape(a)}</td>'
            f"<td>{escape(b)}</td><td>{c}</td><td>{d}</td></tr>"
            for a, b, c, d in self.cells()
        )
        return f"<table><tr>{head}</tr>{body}</table><p>{escape(self.totals())}</p>"


def summary(net: Module, input: Any = None) -> Summary:
    """The layers of ``net`` with their shapes, parameters and multiply-adds.

    ``input``: a tensor or table, or the sizes of a tensor, ``(1, 3, 32, 32)``; it goes forward through a clone in
    evaluation, so that ``net`` stays as it is. Without it shapes are those of the last forward.
    """
    if isinstance(input, tuple) and input and all(isinstance(n, int) for n in input):
        input = arrays.module_of(net._type).zeros(input, net._dtype)
    if input is not None:
        net = net.clone().evaluate()
        net.forward(input)
    found = Summary()
    _walk(found, net, "", 0, set())
    parameters = {id(p): p for p in net.parameters()[0] if arrays.is_array(p)}.values()
    found.parameters = sum(p.size for p in parameters)
    found.parameter_bytes = sum(p.nbytes for p in parameters)
    outputs = {id(t): t for m in net.listModules() for t in _tensors(getattr(m, "output", None))}
    found.output_bytes = sum(t.nbytes for t in outputs.values())
    return found


def _walk(found: Summary, module: Module, place: str, depth: int, seen: set[int]) -> None:
    inner = isinstance(module, Container) and module.modules
    mine = [p for p in module.parameters()[0] if arrays.is_array(p)] if hasattr(module, "parameters") else []
    again = id(module) in seen
    seen.add(id(module))
    work = None if inner else multiply_adds(module)
    found.multiply_adds += work or 0
    name = repr(module).partition("\n")[0].removesuffix(" {") + (" (again)" if again else "")
    count = 0 if again else sum(p.size for p in mine)
    found.rows.append(Row(place, depth, name, shape_text(module.output), count, work, bool(inner)))
    for i, child in enumerate(module.modules if inner else [], 1):
        _walk(found, child, f"{place}.{i}" if place else str(i), depth + 1, seen)


def multiply_adds(module: Module) -> int | None:
    """The products that the last forward added up, None for a module that only moves or maps elements."""
    output, weight = getattr(module, "output", None), getattr(module, "weight", None)
    if not arrays.is_array(output) or not arrays.is_array(weight) or not output.size:
        return None
    if isinstance(module, SpatialDepthWiseConvolution):
        return output.size * prod(module.kernel())
    if isinstance(module, FullConvolution):
        sizes = zip(output.shape[-module.dims :], module.kernel(), module.stride(), module.pad(), module.adj())
        places = prod((n - k + 2 * p - a) // d + 1 for n, k, d, p, a in sizes)
        return weight.size * places * output.size // (prod(output.shape[-module.dims :]) * module.nOutputPlane)
    if isinstance(module, Convolution):
        return output.size * prod(module.kernelShape()[1:])
    name = registry.class_name(type(module))
    if name in ("nn.SeqLSTM", "nn.SeqGRU"):
        return weight.size * prod(output.shape[:2])
    if weight.ndim < 2 or "LookupTable" in name:
        return None
    return weight.size // weight.shape[0] * output.size  # a row of the weight for each element of the output


def size(n: int) -> str:
    """Bytes in words: 1.5 MB."""
    for unit in ("B", "kB", "MB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.3g} GB"


def _tensors(x: Any) -> list:
    if utils.is_table(x):
        return [t for v in (x.values() if isinstance(x, dict) else x) for t in _tensors(v)]
    return [x] if arrays.is_array(x) else []
