"""The printer: the parts together, with the lines written so far, comments and imports."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from . import nodes as n
from .builtins import RUNTIME, python_field
from .calls import Calls
from .classes import Classes, TorchClass, find_classes, operator_of
from .code import Code, Line, ascii_literal, literal, natural
from .functions import Functions
from .indexing import Indexing
from .knowledge import Knowledge
from .lexer import Comment
from .naming import Naming
from .operators import Operators
from .project import Project
from .scopes import Resolver, Scope
from .statements import Statements
from .strings import Strings
from .tensors import Tensors

MODULES = {"torch": "torch7 as torch", "lua_math": "torch7.lua_math as lua_math", "dataload": "dataload as dl"}
ALIASES = {"dataload": "dl"}
LIBRARY = frozenset(
    {"torch", "nn", "optim", "rnn", "dpnn", "nngraph", "nnx", "dataload", "math", "gc", "functools", "lua_math"}
)
_EXTENSIONS = ("rnn", "dpnn", "nngraph", "nnx", "torchx")
UNKNOWN = "  # type unknown"


class Printer(Operators, Indexing, Tensors, Strings, Calls, Functions, Classes, Statements):
    """Writes a program of Python from the tree of a Lua program and what is known of it."""

    def __init__(self, known: Knowledge, names: Resolver, comments: list[Comment]) -> None:
        self.known, self.names, self.main = known, names, known.main
        self.comments = list(comments)
        self.out: list[str] = []
        self.depth = 0
        self.imports: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.from_library: set[str] = set()
        self.scope: Scope = names.functions[self.main]
        self.may_hoist, self.unknown, self.last_line, self.lua_line = True, False, 1, 1
        self.method_class: list[TorchClass] = []
        self.constructors: set[Scope] = set()
        self.tested: set[n.Node] = set()
        self.nn_loaded = self.seeded = self.module = False
        self.project = Project()
        self.classes = find_classes(self.main)
        self.known.in_classes = {s.function for c in self.classes.values() for s in c.methods}
        methods = [operator_of(s) for c in self.classes.values() for s in c.methods]
        self.compares_objects = "__eq__" in methods
        self.gathered = {s for c in self.classes.values() for s in c.methods}
        self.places_only = self.read_as_places()
        self.find_conventions()
        for c in self.classes.values():
            for scope in [names, *names.functions.values()]:  # without a package it is also global, by the same name
                scope.globals.pop(c.name, None) if isinstance(scope.globals, dict) else scope.globals.discard(c.name)
        self.naming = Naming(names, self.main, {"torch", "nn", "optim", "lua", "math", "octets", "utf8"} | set(RUNTIME))
        self.find_cells()
        for v in (v for scope in names.functions.values() for v in scope.variables if v.boxed):
            v.python += "[0]"
        for c in self.classes.values():
            if c.parent_variable is not None:
                c.parent_variable.python = c.parent or "object"

    @property
    def plain_globals(self) -> set[str]:
        """The globals of the program that are neither classes nor only functions."""
        functions = {s.target.id for s in self.known.nodes if isinstance(s, n.FunctionStatement)
                     and isinstance(s.target, n.Name)}  # fmt: skip
        return self.names.assigned_globals - functions - {c.short for c in self.classes.values()}

    def read_as_places(self) -> set[n.Node]:
        """Calls whose result goes to a variable that is only indexed: ``perm[i]``."""
        indexed = {x.of for x in self.known.nodes if isinstance(x, n.Index)}
        found: set[n.Node] = set()
        for scope in self.names.functions.values():
            for v in scope.variables:
                if v.uses and all(name in indexed for name, _ in v.uses):
                    found.update(x for x in v.values if x is not None)
        return found

    # -- expressions

    def kinds(self, x: n.Expression) -> frozenset[str]:
        return self.known.kinds(x)

    def value(self, x: n.Expression, base: str = "function") -> Code:
        """An expression where it has one value."""
        if isinstance(x, n.Call | n.Method | n.Vararg):
            return self.single(x)
        if isinstance(x, n.Function):
            return self.write_function(x, base)
        return getattr(self, f"write_{type(x).__name__.lower()}")(x)

    def write_constant(self, x: n.Constant) -> Code:
        if isinstance(x.value, str):
            return self.text(x.value)
        if isinstance(x.value, float) and x.text and x.text.lower().lstrip("0123456789.e+-") == "":
            return Code(x.text if "." in x.text or "e" in x.text.lower() else repr(x.value))
        if isinstance(x.value, int) and x.text.lower().startswith("0x"):
            return Code(x.text)
        return Code(repr(x.value))

    def text(self, text: str) -> Code:
        """A text of the program; where texts are bytes, those of one beyond ASCII."""
        if text.isascii() or not self.project.octets:
            return Code(literal(text))
        return Code(ascii_literal(text) if natural(text) == text else f"{self.runtime('utf8')}({literal(text)})")

    def write_paren(self, x: n.Paren) -> Code:
        return self.value(x.x)

    def write_name(self, x: n.Name) -> Code:
        if x.variable is not None:
            return Code(x.variable.python)
        if x.id in self.project.shared or x.id in self.names.assigned_globals:
            return Code(self.global_name(x.id))
        if x.id == "_G":
            return Code(self.runtime("G"))
        if x.id in ("torch", "nn", "optim", "math", "rnn", "dpnn"):
            return Code(self.package(x.id))
        if self.known.reached(x) and self.kinds(x) == {"nil"}:
            return Code("None")
        if package := self.package_of(x):
            return Code(self.package(package))
        if x.id not in RUNTIME and x.id not in self.names.assigned_globals | {c.short for c in self.classes.values()}:
            return Code(f"{self.runtime('G')}.{x.id}")
        return Code(self.runtime(x.id)) if x.id in RUNTIME else Code(x.id)

    def global_name(self, name: str) -> str:
        """A global; those that several files use are attributes of ``G``."""
        return f"{self.runtime('G')}.{name}" if name in self.project.shared else name

    def write_table(self, x: n.Table) -> Code:
        form = self.known.tables.form(x.number)
        if form == "Table":
            return self.table_object(x)
        if form == "dict":
            pairs = self.keyed(x)
            pairs = [(k, v) for k, v in pairs if not (isinstance(v, n.Constant) and v.value is None)]
            return Code("{" + ", ".join(f"{k}: {self.value(v, self.base(k))}" for k, v in pairs) + "}")
        values = self.arguments([v for _, v in x.items])
        if len(values) == 1 and values[0].startswith("*"):
            return Code(f"list({values[0][1:]})")
        return Code("[" + ", ".join(values) + "]")

    def keyed(self, x: n.Table) -> list[tuple[object, n.Expression]]:
        """The entries with their keys, those without one from 1."""
        places = itertools.count(1)
        return [(next(places) if k is None else self.value(k), v) for k, v in x.items]

    def base(self, key: object) -> str:
        text = str(key).strip("\"'")
        return text if text.isidentifier() else "function"

    def table_object(self, x: n.Table) -> Code:
        """A Table of the run-time library: its list part, then its named fields."""
        named = [(k, v) for k, v in x.items if k is not None]
        plain = [v for k, v in x.items if k is None]
        fields = [
            (k.value, v)
            for k, v in named
            if isinstance(k, n.Constant) and str(k.value).isidentifier() and python_field(str(k.value)) == k.value
        ]
        if len(fields) < len(named):
            pairs = ", ".join(f"{self.value(k)}: {self.value(v)}" for k, v in named)
            if plain and not isinstance(plain[-1], n.Call | n.Method | n.Vararg):
                pairs = ", ".join(f"{k}: {self.value(v)}" for k, v in self.keyed(x))
                return Code(f"{self.runtime('Table')}.of({{{pairs}}})")
            return (
                Code(f"{self.runtime('Table')}({', '.join([*self.arguments(plain), f'**{{{pairs}}}'])})")
                if all(isinstance(k, n.Constant) and isinstance(k.value, str) for k, _ in named)
                else Code(f"{self.runtime('Table')}.of({{{pairs}}})")
            )
        codes = self.arguments(plain) + [f"{k}={self.value(v, k)}" for k, v in fields]
        return Code(f"{self.runtime('Table')}({', '.join(codes)})")

    # -- what the program needs

    def package(self, name: str, alias: str | None = None) -> str:
        """The Python name of a package, which is imported."""
        if name == "torchx":
            name = "dpnn"
        if name in _EXTENSIONS:
            self.imports.add("nn")
        self.imports.add(name)
        if name in LIBRARY or name.startswith("pl."):
            return self.aliases.setdefault(
                name, ALIASES.get(name, name) if name in LIBRARY else name.rpartition(".")[2]
            )
        return self.aliases.setdefault(name, alias or name.replace(".", "_").replace("-", "_"))

    def runtime(self, name: str) -> str:
        """A function of the run-time library under its own name."""
        self.from_library.add(name)
        return name

    def helper(self, name: str, *codes: object, told: bool = True) -> Code:
        """A call of the run-time library that finds out the types itself; ``told``: a comment says why."""
        self.unknown |= told
        texts = [str(self.value(c)) if isinstance(c, n.Node) else str(c) for c in codes]
        self.imports.add("lua")
        return Code(f"lua.{name}({', '.join(texts)})")

    # -- lines

    def line(self, text: str) -> None:
        """Write a line, or some of one statement."""
        note = UNKNOWN if self.unknown and not text.rstrip().endswith(":") else ""
        self.unknown = False
        self.out.append(Line("    " * self.depth + text + note, self.lua_line))

    def blank(self) -> None:
        if self.out and self.out[-1] != "":
            self.out.append("")

    @contextmanager
    def indented(self) -> Iterator[None]:
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[None]:
        before, hoist = self.scope, self.may_hoist
        self.scope, self.may_hoist = scope, True
        try:
            yield
        finally:
            self.scope, self.may_hoist = before, hoist

    @contextmanager
    def not_hoisting(self, really: bool = True) -> Iterator[None]:
        before = self.may_hoist
        self.may_hoist = before and not really
        try:
            yield
        finally:
            self.may_hoist = before

    def comments_before(self, line: int, within: bool = False) -> None:
        """Write the comments of the lines before, and a blank line where the program has one."""
        while self.comments and (self.comments[0].line < line or (within and self.comments[0].line < line)):
            comment = self.comments.pop(0)
            self.gap(comment.line)
            for text in natural(comment.text).split("\n"):
                self.line(f"#{text}".rstrip() if text.startswith((" ", "#", "!")) or not text else f"# {text}")
            self.last_line = comment.line + comment.text.count("\n")
        if not within:
            self.gap(line)
            self.last_line = line

    def gap(self, line: int) -> None:
        between = self.known.source.split("\n")[self.last_line : line - 1] if line > self.last_line + 1 else []
        if any(not text.strip() for text in between) and self.out and not self.out[-1].endswith(":"):
            self.blank()

    def trailing_comment(self, line: int) -> None:
        """A comment behind a statement stays behind it."""
        self.last_line = max(self.last_line, line)
        if self.comments and self.comments[0].line <= line and "\n" not in self.comments[0].text:
            comment = self.comments.pop(0)
            self.out[-1] = Line(
                f"{self.out[-1]}  # {natural(comment.text).strip()}", getattr(self.out[-1], "lua", line)
            )
