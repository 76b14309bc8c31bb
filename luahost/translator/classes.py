"""``torch.class``: the methods that the program defines one by one become a class statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import nodes as n
from .builtins import python_field
from .code import Code, literal
from .scopes import Variable

_OPERATORS = {"add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "mod": "mod", "pow": "pow", "unm": "neg",
              "eq": "eq", "lt": "lt", "le": "le", "call": "call"}  # fmt: skip
_PYTHON = frozenset({"torch", "nn", "optim", "rnn", "dpnn", "nngraph", "nnx"})


@dataclass(eq=False)
class TorchClass:
    """A class of the program: its Torch name and parent, the variables for both, its methods, where it is put."""

    name: str
    parent: str | None
    variable: Variable | None = None
    parent_variable: Variable | None = None
    text: str = ""
    methods: list[n.FunctionStatement] = field(default_factory=list)
    module: n.Expression | None = None

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


def class_call(s: n.Statement) -> n.Call | None:
    """The call of ``torch.class`` in a statement."""
    values = s.values if isinstance(s, n.Local | n.Assign) else [s.call] if isinstance(s, n.CallStatement) else []
    if len(values) != 1 or not isinstance(values[0], n.Call):
        return None
    f = values[0].f
    is_class = isinstance(f, n.Index) and f.dot and f.key.value == "class" and getattr(f.of, "id", "") == "torch"
    named = values[0].arguments and isinstance(values[0].arguments[0], n.Constant)
    plain = all(isinstance(a, n.Constant | n.Name) for a in values[0].arguments)
    return values[0] if is_class and named and plain else None


def find_classes(main: n.Function) -> dict[n.Statement, TorchClass]:
    """The classes of a program by the statement that declares them."""
    found: dict[n.Statement, TorchClass] = {}
    for block in [x for x in n.walk(main) if isinstance(x, n.Block)]:
        here: list[TorchClass] = []
        for s in block.statements:
            if (call := class_call(s)) is not None:
                found[s] = _declared(s, call)
                here.append(found[s])
            elif isinstance(s, n.FunctionStatement) and isinstance(s.target, n.Index):
                for c in here:
                    if _belongs(s.target.of, c):
                        c.methods.append(s)
                        break
    return found


def _declared(s: n.Statement, call: n.Call) -> TorchClass:
    values = [a.value for a in call.arguments[:2] if isinstance(a, n.Constant)]
    made = TorchClass(values[0], values[1] if len(values) > 1 else None)
    made.module = next((a for a in call.arguments if isinstance(a, n.Name)), None)
    targets = s.names if isinstance(s, n.Local) else s.targets if isinstance(s, n.Assign) else []
    if targets and isinstance(targets[0], n.Name):
        made.variable, made.text = targets[0].variable, targets[0].id
    if len(targets) > 1 and isinstance(targets[1], n.Name):
        made.parent_variable = targets[1].variable
    if made.variable is not None:
        made.variable.name = made.short
    return made


def _belongs(x: n.Expression, c: TorchClass) -> bool:
    if isinstance(x, n.Name):
        return x.variable is c.variable and x.id in (c.text, c.name) and bool(x.variable or c.variable is None)
    return isinstance(x, n.Index) and isinstance(x.of, n.Name) and x.dot and f"{x.of.id}.{x.key.value}" == c.name


def operator_of(s: n.FunctionStatement) -> str | None:
    """The method of Python for ``__add``, Lua's, and ``__add__``, Torch's; None for other methods."""
    name = str(s.target.key.value)
    python = _OPERATORS.get(name.strip("_")) if name.startswith("__") else None
    return python and f"__{python}__"


class Classes:
    """Part of the printer."""

    def write_class(self, c: TorchClass) -> None:
        package, _, _ = c.name.rpartition(".")
        words = [literal(x) for x in (c.name, c.parent) if x]
        if c.module is not None and (package != "dl" or c.module.variable is None):
            words.append(f"module={self.value(c.module)}")
        elif package in _PYTHON:
            self.package(package)
        elif package:
            words.append(f"module={self.package_table(package)}")
        self.line(f"@{self.package('torch')}.class_({', '.join(words)})")
        python = c.variable.python if c.variable is not None else c.short
        self.line(f"class {python}({self.class_named(c.parent)}):" if c.parent else f"class {python}:")
        with self.indented():
            for i, s in enumerate(c.methods):
                if i:
                    self.blank()
                self.comments_before(s.line)
                self.method_class.append(c)
                self.define(self.method_name(s), s.function)
                self.method_class.pop()
            if any(s.target.key.value in ("__tostring", "__tostring__") for s in c.methods):
                self.line(f"__repr__ = {self.method_name_of(c)}")
            self.reflected(c)
            if not c.methods:
                self.line("pass")
        if not package and c.short in self.project.shared:
            self.line(f"{self.global_name(c.short)} = {python}")

    def method_name_of(self, c: TorchClass) -> str:
        return next(self.method_name(s) for s in c.methods if s.target.key.value.startswith("__tostring"))

    def method_name(self, s: n.FunctionStatement) -> str:
        if s.target.key.value == "__init":
            self.constructors.add(self.names.functions[s.function])
        return operator_of(s) or python_field(s.target.key.value)

    def reflected(self, c: TorchClass) -> None:
        """Operators whose left operand is a number somewhere, and what equality takes away."""
        names = [operator_of(s) for s in c.methods]
        sides = {x.op for x in self.known.nodes if isinstance(x, n.Binary) and self.kinds(x.left) == {"number"}
                 and "object" in self.kinds(x.right)}  # fmt: skip
        for op, name in (("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "truediv"), ("%", "mod"), ("^", "pow")):
            if op in sides and f"__{name}__" in names:
                self.line(f"__r{name}__ = {self.helper('reflected', f'__{name}__', told=False)}")
        if "__eq__" in names:
            self.line("__hash__ = object.__hash__")

    def class_named(self, name: str) -> Code:
        package, _, short = name.rpartition(".")
        if not package:
            return Code(self.global_name(short))
        own = next((c for c in self.classes.values() if c.name == name), None)
        if package not in _PYTHON and own is not None:
            return Code(own.variable.python if own.variable is not None else own.short)
        return Code(f"{self.package(package) if package in _PYTHON else self.package_table(package)}.{short}")

    def package_table(self, name: str) -> str:
        """What a program puts its classes into: ``dl``, or a table of its own."""
        return self.package("dataload") if name == "dl" else self.global_name(name)

    def parent_call(self, f: n.Index, x: n.Call) -> Code | None:
        """``parent.f(self, ...)`` in a method of the class as ``super().f(...)``."""
        if not (self.method_class and isinstance(f.of, n.Name) and x.arguments):
            return None
        c, first = self.method_class[-1], x.arguments[0]
        if f.of.variable is None or f.of.variable is not c.parent_variable or getattr(first, "id", "") != "self":
            return None
        if self.scope.node not in [s.function for s in c.methods]:
            return None
        return Code(f"super().{python_field(f.key.value)}({', '.join(self.arguments(x.arguments[1:]))})")
