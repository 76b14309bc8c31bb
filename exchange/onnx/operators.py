"""What each operator of an ONNX file is among nn's modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx

import nn
from torch7.onnx import NotReadable

#: For each operator a function that yields (output, modules one after the other, inputs).
READERS: dict[str, Callable] = {}
Read = list[tuple[str, list[nn.Module], list[str]]]


class Operation:
    """A node with its attributes and what is known of its inputs."""

    def __init__(self, node: onnx.NodeProto, reading: Any) -> None:
        self.node, self.constants, self.shapes = node, reading.constants, reading.shapes
        self.opset, self.made, self.spread = reading.opset, reading.made, reading.spread
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        self.inputs, self.output = list(node.input), node.output[0]

    def get(self, name: str, default: Any = None) -> Any:
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value

    def constant(self, i: int, default: Any = None) -> Any:
        """Input number ``i``, which must be a constant; the default where it is missing."""
        if i >= len(self.inputs) or not self.inputs[i]:
            return default
        if self.inputs[i] not in self.constants:
            raise self.refuse(f"input {i + 1} that is no constant")
        return self.constants[self.inputs[i]]

    def is_constant(self, i: int) -> bool:
        return self.inputs[i] in self.constants

    def is_zero(self, i: int) -> bool:
        """Whether input ``i`` is a constant of zeros."""
        return self.is_constant(i) and not np.any(self.constants[self.inputs[i]])

    def shape(self, i: int = 0) -> tuple:
        found = self.shapes.get(self.inputs[i])
        if found is None:
            raise self.refuse("an input of unknown rank")
        return found

    @property
    def ndim(self) -> int:
        return len(self.shape())

    def axis(self, default: int = 0, name: str = "axis") -> int:
        axis = self.get(name, default)
        return axis + self.ndim if axis < 0 else axis

    def one(self, *modules: nn.Module) -> Read:
        """The modules between the first input and the output."""
        return [(self.output, list(modules), self.inputs[:1])]

    def refuse(self, what: str) -> NotReadable:
        return NotReadable(
            f"{self.node.op_type} (node {self.node.name or self.output!r}) with {what}: no module does that"
        )


def reads(*names: str) -> Callable:
    def put(function: Callable) -> Callable:
        READERS.update(dict.fromkeys(names, function))
        return function

    return put


def fill(module: nn.Module, **tensors: Any) -> nn.Module:
    """Put numbers into the parameters and statistics of a module."""
    for name, x in tensors.items():
        old = getattr(module, name)
        old[...] = np.asarray(x).reshape(old.shape)
    return module


SIMPLE = {
    "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "Abs": nn.Abs, "Exp": nn.Exp, "Log": nn.Log, "Sqrt": nn.Sqrt,
    "Relu": nn.ReLU, "Softplus": nn.SoftPlus, "Softsign": nn.SoftSign, "Identity": nn.Identity,
}  # fmt: skip


@reads(*SIMPLE)
def simple(o: Operation) -> Read:
    return o.one(SIMPLE[o.node.op_type]())


@reads("Dropout")
def dropout(o: Operation) -> Read:
    """Only training drops."""
    ratio = o.get("ratio", o.constant(1, 0.5) if o.opset >= 12 else 0.5)
    return o.one(nn.Dropout(float(ratio)) if 0 < float(ratio) < 1 else nn.Identity())


@reads("Neg")
def negative(o: Operation) -> Read:
    return o.one(nn.MulConstant(-1))


@reads("Elu")
def elu(o: Operation) -> Read:
    return o.one(nn.ELU(o.get("alpha", 1.0)))


@reads("LeakyRelu")
def leaky(o: Operation) -> Read:
    return o.one(nn.LeakyReLU(o.get("alpha", 0.01)))


@reads("PRelu")
def prelu(o: Operation) -> Read:
    """A slope of one dimension spreads along the last axis, which is the planes' only in a matrix."""
    slope = o.constant(1)
    if slope.size > 1 and not (slope.ndim == o.ndim - 1 == slope.shape.count(1) + 1 and slope.shape[0] == slope.size):
        raise o.refuse(f"slopes of shape {slope.shape}")
    return o.one(fill(nn.PReLU(0 if slope.size == 1 else slope.size), weight=slope))


@reads("Clip")
def clip(o: Operation) -> Read:
    low, high = o.get("min", o.constant(1)), o.get("max", o.constant(2))
    if low is None or high is None:
        raise o.refuse("one bound")
    return o.one(nn.HardTanh(float(low), float(high)))


@reads("Softmax", "LogSoftmax")
def soft_max(o: Operation) -> Read:
    """Before operator set 13 everything behind the axis is one axis."""
    axis, ndim = o.axis(-1 if o.opset >= 13 else 1), o.ndim
    cls = nn.SoftMax if o.node.op_type == "Softmax" else nn.LogSoftMax
    planes = (ndim, axis) in ((1, 0), (2, 1), (3, 0), (4, 1))
    if planes and (o.opset >= 13 or axis == ndim - 1):
        spatial = nn.SpatialSoftMax if cls is nn.SoftMax else nn.SpatialLogSoftMax
        return o.one(spatial() if ndim > 2 else cls())
    if axis == ndim - 1:
        return o.one(nn.Bottle(cls()))
    raise o.refuse(f"axis {axis} of {ndim}")


# -- arithmetic

TABLES = {"Add": nn.CAddTable, "Sub": nn.CSubTable, "Mul": nn.CMulTable, "Div": nn.CDivTable, "Sum": nn.CAddTable}
TABLES |= {"Max": nn.CMaxTable, "Min": nn.CMinTable}


@reads(*TABLES)
def arithmetic(o: Operation) -> Read:
    kind = o.node.op_type
    constants = [i for i in range(len(o.inputs)) if o.is_constant(i)]
    if not constants:
        if kind == "Mul" and o.inputs[0] == o.inputs[1]:
            return o.one(nn.Square())
        spread = [enlarged(o, i) for i in range(len(o.inputs))]
        names = [f"{o.output}:{i}" if modules else o.inputs[i] for i, modules in enumerate(spread)]
        parts = [(name, modules, [o.inputs[i]]) for i, (name, modules) in enumerate(zip(names, spread)) if modules]
        return [*parts, (o.output, [TABLES[kind]()], names)]
    if len(o.inputs) != 2 or kind not in ("Add", "Sub", "Mul", "Div"):
        raise o.refuse("a constant operand")
    place = constants[0]
    name, value = o.inputs[1 - place], np.asarray(o.constants[o.inputs[place]], np.float32)
    if name in o.made and np.asarray(o.constants[o.inputs[place]]).dtype.kind in "iu":
        raise o.refuse("whole numbers")
    return [(o.output, with_constant(o, kind, value, place == 0), [name])]


def enlarged(o: Operation, i: int) -> list[nn.Module]:
    """What repeats operand ``i`` along the axes in which it is 1 and others are not."""
    shapes = [o.shape(n) for n in range(len(o.inputs))]
    ndim = max(map(len, shapes))
    padded = [(1,) * (ndim - len(s)) + s for s in shapes]
    modules: list[nn.Module] = [nn.Replicate(1, 1) for _ in range(ndim - len(shapes[i]))]
    for axis, size in enumerate(padded[i]):
        sizes = {s[axis] for s in padded if s[axis] != 1}
        if size == 1 and sizes:
            if None in sizes:
                raise o.refuse(f"operands {shapes}, one of which follows the batch")
            modules += repeated(axis, sizes.pop())
    return modules


def repeated(axis: int, count: int) -> list[nn.Module]:
    """An axis of size 1 ``count`` times."""
    return [nn.Select(axis + 1, 1), nn.Replicate(count, axis + 1)]


@reads("Expand")
def expand(o: Operation) -> Read:
    sizes, known = [int(s) for s in o.constant(1)], o.shape()
    modules: list[nn.Module] = [nn.Replicate(1, 1) for _ in range(len(sizes) - len(known))]
    known = (1,) * len(modules) + known
    for axis, (size, old) in enumerate(zip(sizes[::-1], known[::-1])):
        if size != 1 and old == 1:
            modules += repeated(len(known) - 1 - axis, size)
    return o.one(*(modules or [nn.Identity()]))


def with_constant(o: Operation, kind: str, value: np.ndarray, first: bool) -> list[nn.Module]:
    """x + c, x - c, c - x, x * c, x / c; constants of some size become parameters."""
    front: list[nn.Module] = []
    if kind == "Sub":
        value, front, kind = (value, [nn.MulConstant(-1)], "Add") if first else (-value, [], "Add")
    elif kind == "Div":
        if first:
            front = [nn.Power(-1)]
        else:
            value = 1 / value
        kind = "Mul"
    if value.size == 1:
        number = float(value.reshape(-1)[0])
        return [*front, nn.AddConstant(number) if kind == "Add" else nn.MulConstant(number)]
    known = o.shape(1 if first else 0)
    if value.ndim > len(known):
        raise o.refuse("a constant of more axes than the input has")
    value = value.reshape((1,) * (len(known) - value.ndim) + value.shape)
    for axis, (size, own) in enumerate(zip(known, value.shape)):
        if size == 1 and own > 1:
            front += repeated(axis, own)
    cls = nn.CAdd if kind == "Add" else nn.CMul
    module = cls(*value.shape)
    return [*front, fill(module, bias=value) if kind == "Add" else fill(module, weight=value)]


@reads("Pow")
def power(o: Operation) -> Read:
    exponent = np.asarray(o.constant(1))
    if exponent.size != 1:
        raise o.refuse("several exponents")
    return o.one(nn.Square() if exponent == 2 else nn.Power(float(exponent)))


@reads("Gemm")
def gemm(o: Operation) -> Read:
    weight = o.constant(1)
    if o.get("transA", 0):
        raise o.refuse("a turned input")
    weight = o.get("alpha", 1.0) * (weight if o.get("transB", 0) else weight.T)
    bias = o.constant(2)
    if bias is not None and (bias.size not in (1, len(weight)) or bias.shape[-1:] != (bias.size,)):
        raise o.refuse("rows that are added")
    bias = None if bias is None else bias.reshape(-1)
    return o.one(linear(weight, None if bias is None else o.get("beta", 1.0) * bias))


def linear(weight: np.ndarray, bias: np.ndarray | None) -> nn.Linear:
    """``weight`` has a row for each output."""
    outputs, inputs = weight.shape
    module = nn.Linear(inputs, outputs, bias is not None)
    fill(module, weight=weight)
    return module if bias is None else fill(module, bias=np.broadcast_to(np.asarray(bias), (outputs,)))


@reads("MatMul")
def mat_mul(o: Operation) -> Read:
    if o.is_constant(1) and np.ndim(o.constant(1)) == 2:
        module = linear(o.constant(1).T, None)
        return o.one(module if o.ndim <= 2 else nn.Bottle(module))
    if o.is_constant(0) or o.is_constant(1) or o.ndim not in (2, 3):
        raise o.refuse("such operands")
    return [(o.output, [nn.MM()], o.inputs)]


@reads("Gather")
def gather(o: Operation) -> Read:
    """A look-up in constant rows counts from 0; a constant place of a tensor is a Select."""
    if o.is_constant(0):
        weight = o.constant(0)
        if o.get("axis", 0) != 0 or weight.ndim != 2:
            raise o.refuse("a look-up that is not of rows")
        table = fill(nn.LookupTable(*weight.shape), weight=weight)
        modules, inputs = o.made.get(o.inputs[1], ([], []))
        if len(modules) == 1 and type(modules[0]) is nn.AddConstant and modules[0].constant_scalar == -1:
            return [(o.output, [table], inputs)]  # the places counted from 1 before
        floats = nn.Copy("torch.LongTensor", "torch.FloatTensor")
        return [(o.output, [floats, nn.AddConstant(1), table], o.inputs[1:2])]
    place = o.constant(1)
    if np.ndim(place):
        raise o.refuse("several places")
    return o.one(nn.Select(o.axis() + 1, int(place) + (1 if place >= 0 else 0)))
