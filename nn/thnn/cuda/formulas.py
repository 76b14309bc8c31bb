"""The CPU's formulas of every element, as C++: what is one expression there needs no kernel of its own here.

A formula is the Python function behind :func:`nn.thnn.cpu.simd.elementwise.elementwise` or ``reduction``. Its syntax
tree becomes statements of C++ in T, float or double. Functions that it calls are put in their place. Expressions of
numbers alone are computed here, once a call and in double precision, and passed to the kernel.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from ..cpu.simd import math as vecmath
from ..cpu.simd import normal, registers

#: Functions of vectors, as C++ of their arguments.
FUNCTIONS = {
    registers.select: "({} ? {} : {})",
    registers.absolute: "fabs({})",
    registers.sqrt: "sqrt({})",
    registers.floor: "floor({})",
    registers.rint: "rint({})",
    registers.copysign: "copysign({}, {})",
    registers.minimum: "({0} < {1} ? {0} : {1})",
    registers.maximum: "({0} > {1} ? {0} : {1})",
    registers.fma: "fma({}, {}, {})",
    registers.splat: "{1}",
    vecmath.exp: "exp({})",
    vecmath.expm1: "expm1({})",
    vecmath.tanh: "tanh({})",
    vecmath.log: "log({})",
    vecmath.log1p: "log1p({})",
    vecmath.sigmoid: "sigmoid({})",
    vecmath.softplus: "softplus({})",
    normal.bell: "exp(T(-0.5) * {0} * {0})",
    normal.cumulative: "(T(0.5) * erfc({} * T(-0.70710678118654752)))",
}
OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.BitAnd: "&", ast.BitOr: "|",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


class NotAFormula(Exception):
    """What the translation does not know."""


@dataclass(frozen=True)
class Code:
    """C++ of a vector's or mask's element, or Python of a number (``host``)."""

    text: str
    host: bool = False


@dataclass(frozen=True)
class Formula:
    """``statements`` end with ``return``; ``numbers`` are the expressions of the parameters that the kernel gets."""

    name: str
    inputs: int
    parameters: tuple[str, ...]
    statements: tuple[str, ...]
    numbers: tuple[CodeType, ...]

    def values(self, parameters: tuple) -> list[float]:
        """The kernel's numbers for those of a call."""
        given = dict(zip(self.parameters, map(float, parameters)))
        return [eval(number, {"__builtins__": {}, "nan": math.nan, "inf": math.inf}, given) for number in self.numbers]


def translate(function: Callable, inputs: int) -> Formula:
    """The formula whose first ``inputs`` arguments are elements; ``NotAFormula`` where something has no translation."""
    return Translation(function, inputs).formula()


class Translation:
    """One formula on its way to C++."""

    def __init__(self, function: Callable, inputs: int) -> None:
        self.function, self.inputs = function, inputs
        self.statements: list[str] = []
        self.numbers: dict[str, int] = {}

    def formula(self) -> Formula:
        names = list(inspect.signature(self.function).parameters)
        arguments = [Code(f"x{i}") for i in range(self.inputs)]
        arguments += [Code(name, host=True) for name in names[self.inputs :]]
        result = self.element(self.inline(self.function, arguments))
        numbers = tuple(compile(number, self.function.__name__, "eval") for number in self.numbers)
        statements = (*self.statements, f"return {result};")
        return Formula(self.function.__name__, self.inputs, tuple(names[self.inputs :]), statements, numbers)

    def inline(self, function: Callable, arguments: list[Code]) -> Code:
        """A function's value, its statements added to the others."""
        function = getattr(function, "py_func", function)
        definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        known = dict(zip(inspect.signature(function).parameters, arguments))
        for statement in definition.body:
            if isinstance(statement, ast.Return):
                return self.value(statement.value, known, function)
            if isinstance(statement, ast.Assign):
                self.assign(statement.targets[0], statement.value, known, function)
            elif not isinstance(statement, ast.Expr):
                raise NotAFormula(type(statement).__name__)
        raise NotAFormula("nothing is returned")

    def assign(self, target: ast.expr, value: ast.expr, known: dict, function: Callable) -> None:
        if isinstance(target, ast.Tuple):
            values = [self.value(v, known, function) for v in value.elts]
            for name, code in zip(target.elts, values):
                known[name.id] = self.named(code)
        else:
            known[target.id] = self.named(self.value(value, known, function))

    def named(self, code: Code) -> Code:
        """The value under a name, so that it is computed once."""
        if code.host:
            return code
        name = f"v{len(self.statements)}"
        self.statements.append(f"const auto {name} = {code.text};")
        return Code(name)

    def value(self, node: ast.expr, known: dict, function: Callable) -> Code:
        if isinstance(node, ast.Name) and node.id in known:
            return known[node.id]
        if isinstance(node, ast.Constant):
            return Code(repr(float(node.value)), host=True)
        if isinstance(node, ast.Name | ast.Attribute):
            return Code(repr(float(found(node, function))), host=True)
        if isinstance(node, ast.BinOp):
            return self.joined(node.op, *(self.value(v, known, function) for v in (node.left, node.right)))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            pair = (node.left, node.comparators[0])
            return self.joined(node.ops[0], *(self.value(v, known, function) for v in pair))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = self.value(node.operand, known, function)
            return Code(f"(-{operand.text})", operand.host)
        if isinstance(node, ast.Call):
            return self.call(node, known, function)
        raise NotAFormula(ast.unparse(node))

    def joined(self, operator: ast.AST, a: Code, b: Code) -> Code:
        if type(operator) not in OPERATORS:
            raise NotAFormula(type(operator).__name__)
        sign = OPERATORS[type(operator)]
        if a.host and b.host:
            return Code(f"({a.text} {sign} {b.text})", host=True)
        return Code(f"({self.element(a)} {sign} {self.element(b)})")

    def call(self, node: ast.Call, known: dict, function: Callable) -> Code:
        called = found(node.func, function)
        if called is math.sqrt:
            return Code(repr(math.sqrt(eval(self.value(node.args[0], known, function).text))), host=True)
        if called in FUNCTIONS:
            if called is registers.splat:
                return Code(self.element(self.value(node.args[1], known, function)))
            arguments = [self.element(self.named(self.value(v, known, function))) for v in node.args]
            return Code(FUNCTIONS[called].format(*arguments))
        return self.inline(called, [self.value(v, known, function) for v in node.args])

    def element(self, code: Code) -> str:
        """C++ of type T, or a mask: numbers become constants or parameters of the kernel."""
        if not code.host:
            return code.text
        try:
            number = float(eval(code.text, {"__builtins__": {}, "nan": math.nan, "inf": math.inf}))
        except NameError:
            return f"k{self.numbers.setdefault(code.text, len(self.numbers))}"
        if math.isfinite(number):
            return f"T({number!r})"
        return f"(Limits<T>::infinity() * T({0.0 if math.isnan(number) else math.copysign(1.0, number)}))"


def found(node: ast.expr, function: Callable) -> Any:
    """What a global name, or an attribute of one, stands for in a function."""
    if isinstance(node, ast.Attribute):
        return getattr(found(node.value, function), node.attr)
    try:
        return function.__globals__[node.id]
    except KeyError:
        raise NotAFormula(f"{node.id} in {function.__name__}") from None
