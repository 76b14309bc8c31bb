"""Modules of tables; a table is a list of values."""

from __future__ import annotations

from typing import Any

from nn.joining import counted_axis

from ..graph import Graph, Value
from ..tracing import kind_of, rule, walk

CHAINS = {"CAddTable": "Add", "CMulTable": "Mul", "CMaxTable": "Max", "CMinTable": "Min"}


@rule(*CHAINS, "CSubTable", "CDivTable")
def folded(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    """Entries of other sizes have those of the first, as many elements."""
    name = kind_of(m)
    fitting = [v if v.shape == y.shape else g.reshape(v, y.sizes) for v in x]
    return g.chain(CHAINS.get(name) or name[1:4], fitting)


@rule("CAddTensorTable")
def added_to_all(g: Graph, m: Any, x: list, y: list[Value]) -> list[str]:
    fitting = [v if v.shape == x[0].shape else g.reshape(v, x[0].sizes) for v in x[1]]
    return [g.op("Add", x[0], v) for v in fitting]


@rule("MixtureTable")
def mixture(g: Graph, m: Any, x: list, y: Value) -> str:
    """sum over i of gates[i] * experts[i]; a table of experts becomes a new axis."""
    gates, experts = x
    axis = gates.ndim - 1 if isinstance(experts, list) or m.dim is None else m.dim - 1
    if isinstance(experts, list):
        stacked: Any = g.op("Concat", *[g.op("Unsqueeze", e, g.integers(axis)) for e in experts], axis=axis)
    else:
        stacked = experts
    front = [gates.sizes[0]] if gates.ndim == 2 else []
    spread = [*front, *[1] * (axis - len(front)), gates.sizes[-1], *[1] * (y.ndim - axis)]
    return g.reduce("ReduceSum", g.op("Mul", stacked, g.reshape(gates, spread)), axis, keep=False)


@rule("JoinTable")
def join(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    return g.op("Concat", *x, axis=counted_axis(m, x[0].array))


@rule("SplitTable")
def split(g: Graph, m: Any, x: Value, y: list[Value]) -> list[str]:
    axis = counted_axis(m, x.array)
    if x.sizes[axis] is None or x.ndim == 1:
        raise g.refuse("nn.SplitTable of the batch, or of a vector,")
    return [g.op("Gather", x, g.constant(i, int), axis=axis) for i in range(x.shape[axis])]


@walk("SelectTable")
def select(g: Graph, m: Any, x: list[Any]) -> Any:
    return x[m.index - 1 if m.index > 0 else m.index]


@walk("NarrowTable")
def narrow(g: Graph, m: Any, x: list[Any]) -> Any:
    return x[m.offset - 1 : m.offset - 1 + m.length]


@walk("FlattenTable")
def flatten(g: Graph, m: Any, x: Any) -> Any:
    return [v for part in x for v in flatten(g, m, part)] if isinstance(x, list) else [x]


@walk("ReverseTable")
def reverse(g: Graph, m: Any, x: list[Any]) -> Any:
    return x[::-1]


@walk("ZipTable")
def zip_table(g: Graph, m: Any, x: list[Any]) -> Any:
    return [list(entries) for entries in zip(*x)]


@walk("ZipTableOneToMany")
def zip_one_to_many(g: Graph, m: Any, x: list[Any]) -> Any:
    return [[x[0], entry] for entry in x[1]]


@rule("MM", "MV")
def product(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    def turned(v: Value, wanted: bool) -> Any:
        return g.op("Transpose", v, perm=[*range(v.ndim - 2), v.ndim - 1, v.ndim - 2]) if wanted else v

    if kind_of(m) == "MM":
        return g.op("MatMul", turned(x[0], m.transA), turned(x[1], m.transB))
    matrix, vector = x
    column = g.op("Unsqueeze", vector, g.integers(vector.ndim))
    return g.op("Squeeze", g.op("MatMul", turned(matrix, m.trans), column), g.integers(vector.ndim))


@rule("DotProduct", "CosineDistance", "PairwiseDistance")
def distance(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    name, axis = kind_of(m), x[0].ndim - 1

    def dot(a: Any, b: Any) -> str:
        return g.reduce("ReduceSum", g.op("Mul", a, b), axis)

    if name == "PairwiseDistance":
        powers = g.op("Pow", g.op("Abs", g.op("Sub", *x)), m.norm)
        result = g.op("Pow", g.reduce("ReduceSum", powers, axis), 1 / m.norm)
    elif name == "DotProduct":
        result = dot(*x)
    else:  # Torch's guard against zeros
        lengths = (g.op("Sqrt", g.op("Add", dot(v, v), 1e-12)) for v in x)
        result = g.op("Div", dot(*x), g.chain("Mul", list(lengths)))
    return g.reshape(result, y.sizes)
