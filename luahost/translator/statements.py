"""Statements: assignments, conditions, loops."""

from __future__ import annotations

import importlib

from torch7 import registry

from . import nodes as n
from .builtins import is_package
from .classes import class_call
from .code import COMPARE, TERNARY, wrapped
from .loops import Loops
from .tensors import takes_several

_COMPOUND = {"+", "-", "*", "/"}


class Statements(Loops):
    """Part of the printer."""

    def block(self, block: n.Block) -> None:
        for s in block.statements:
            self.statement(s)
        self.comments_before(block.last_line)

    def statement(self, s: n.Statement) -> None:
        if isinstance(s, n.FunctionStatement) and s in self.gathered:
            return
        self.comments_before(s.line)
        simple = isinstance(s, n.Local | n.Assign | n.CallStatement | n.Return)
        if simple:
            self.comments_before(s.last_line, within=True)
        written, self.lua_line = len(self.out), s.line
        getattr(self, f"write_{type(s).__name__.lower()}")(s)
        if simple and len(self.out) > written:
            self.trailing_comment(s.last_line)

    # -- assignments

    def write_local(self, s: n.Local) -> None:
        if class_call(s) is not None and s in self.classes:
            self.write_class(self.classes[s])
        elif self.is_import(s):
            self.write_import(s)
        elif len(s.names) == len(s.values) == 1 and isinstance(s.values[0], n.Function):
            self.define(s.names[0].variable.python, s.values[0])
        elif any(x.variable.boxed for x in s.names):
            self.local_cells(s)
        elif not s.values:
            self.line(" = ".join([*[x.variable.python for x in s.names], "None"]))
        else:
            self.assign([(None, x.variable.python) for x in s.names], s.names, s.values)

    def local_cells(self, s: n.Local) -> None:
        """Variables that functions keep for themselves in each round of a loop: lists of one value."""
        if len(s.names) == 1 and len(s.values) < 2:
            self.line(f"{s.names[0].variable.cell} = [{self.value(s.values[0]) if s.values else None}]")
            return
        for name in s.names:
            if name.variable.boxed:
                self.line(f"{name.variable.cell} = [None]")
        if s.values:
            self.assign([(None, x.variable.python) for x in s.names], s.names, s.values)

    def is_import(self, s: n.Local) -> bool:
        x = s.values[0] if len(s.values) == 1 else None
        return (
            isinstance(x, n.Call) and isinstance(x.f, n.Name) and x.f.id == "require" and self.is_global(x.f)
            and bool(x.arguments) and isinstance(x.arguments[0], n.Constant)
            and x.arguments[0].value not in self.project.files and is_package(x.arguments[0].value)
        )  # fmt: skip

    def write_import(self, s: n.Local) -> None:
        name = s.values[0].arguments[0].value
        self.draw_four(name)
        python = self.package(name, s.names[0].variable.python)
        if python != s.names[0].variable.python:
            s.names[0].variable.python = python

    def write_assign(self, s: n.Assign) -> None:
        if class_call(s) is not None and s in self.classes:
            self.write_class(self.classes[s])
            return
        target, value = s.targets[0], s.values[0]
        if len(s.targets) == len(s.values) == 1:
            if isinstance(value, n.Function) and self.assign_function(target, value):
                return
            if self.compound(target, value) or self.assign_default(target, value):
                return
            self.line(self.assignment(target, value, str(self.value(value, self.base_name(target)))))
            return
        self.assign([(t, "") for t in s.targets], s.targets, s.values)

    def base_name(self, target: n.Expression) -> str:
        """The name for a function that is put here."""
        if isinstance(target, n.Index) and isinstance(target.key, n.Constant) and str(target.key.value).isidentifier():
            return str(target.key.value)
        return "function"

    def assign_function(self, target: n.Expression, f: n.Function) -> bool:
        if isinstance(target, n.Name) and (
            target.variable is None or self.scope in target.variable.assigned_in | {target.variable.function}
        ):
            self.define_named(target, f)
            return True
        if isinstance(target, n.Index) and self.kinds(target.of) == {"object"} and self.takes_owner(target, f):
            name = self.naming.fresh(self.scope, self.base_name(target))
            self.define(name, f)
            of = self.value(target.of)
            self.line(self.assignment(target, None, f"{self.package('functools')}.partial({name}, {of})"))
            return True
        return False

    def takes_owner(self, target: n.Index, f: n.Function) -> bool:
        """Whether a function replaces a method of an object, which Lua's caller passes first."""
        names = self.known.object_names(target.of)
        importlib.import_module("rnn")  # with nn and dpnn: their classes by name
        classes = [registry.find(name) for name in names]
        methods = [callable(getattr(c, str(target.key.value), None)) for c in classes if c is not None]
        return bool(f.parameters or f.method) and bool(methods) and all(methods)

    def define_named(self, target: n.Name, f: n.Function) -> None:
        """``def name`` of a variable; of a global that files share, which gets it then."""
        if target.variable is None and target.id in self.project.shared:
            self.define(target.id, f)
            self.line(f"{self.global_name(target.id)} = {target.id}")
        else:
            self.define(self.name_of(target), f)

    def name_of(self, x: n.Name) -> str:
        return self.global_name(x.id) if x.variable is None else x.variable.python

    def compound(self, target: n.Expression, value: n.Expression) -> bool:
        """``x = x + 1`` of numbers as ``x += 1``."""
        if not (isinstance(value, n.Binary) and value.op in _COMPOUND and self.kinds(value) == {"number"}):
            return False
        if self.known.text(target) != self.known.text(value.left) or self.kinds(value.left) != {"number"}:
            return False
        if self.kinds(value.right) != {"number"}:
            return False
        if value.op == "/" and self.known.words(value.number).keys() & {"number:inf", "number:nan"}:
            return False
        place = self.place_of(target)
        if place is None or place.endswith(".item()"):
            return False
        self.line(f"{place} {value.op}= {self.value(value.right)}")
        return True

    def assign_default(self, target: n.Expression, value: n.Expression) -> bool:
        """``self.k = self.k or v``."""
        if not (isinstance(value, n.Binary) and value.op == "or" and isinstance(target, n.Index)):
            return False
        kinds = self.kinds(value.left)
        if self.known.text(target) != self.known.text(value.left) or "boolean" in kinds or not kinds - {"nil"}:
            return False
        self.tested.add(value.left)
        self.line(f"if {self.truth(value.left, True)}:")
        with self.indented():
            self.line(self.assignment(target, value.right, str(self.value(value.right))))
        return True

    def assignment(self, target: n.Expression, value: n.Expression | None, code: str) -> str:
        """The statement that puts ``code`` into one target."""
        if isinstance(target, n.Paren):
            target = target.x
        if isinstance(target, n.Name):
            return f"{self.name_of(target)} = {code}"
        return self.assign_item(target, value, code)

    def place_of(self, target: n.Expression) -> str | None:
        """The target in a Python assignment, None where it takes another statement."""
        statement = self.assignment(target, None, "\0")
        return statement[: -len(" = \0")] if statement.endswith(" = \0") else None

    def assign(self, targets: list, names: list, values: list[n.Expression]) -> None:
        """Several targets, or values of a call."""
        codes, after = [], []
        for target, name in targets:
            place = None if self.moves_place(target, names) else name or self.place_of(target)
            if place is None:
                place = self.naming.fresh(self.scope, "value")
                after.append((target, place))
            codes.append(place)
        after.sort(key=lambda entry: isinstance(entry[0], n.Name))  # Lua finds t[i] before i changes
        places, code = self.balanced(codes, values)
        self.line(f"{', '.join(places)} = {code}")
        for target, name in after:
            self.line(self.assignment(target, None, name))

    def moves_place(self, target: n.Expression | None, targets: list) -> bool:
        """``i, t[i] = ...``: Lua looks where ``t[i]`` is before ``i`` changes."""
        if not isinstance(target, n.Name):
            return False
        items = [t for t in targets if isinstance(t, n.Index)]
        return any(isinstance(x, n.Name) and x.id == target.id for t in items for x in n.walk(t))

    def balanced(self, places: list[str], values: list[n.Expression]) -> tuple[list[str], str]:
        """As many values as targets."""
        count, last = len(places), values[-1]
        if len(values) >= count or not isinstance(last, n.Call | n.Method | n.Vararg):
            bases = [p if p.isidentifier() else "function" for p in places]
            codes = [wrapped(self.value(v, b), TERNARY) for v, b in zip(values, bases + ["function"] * len(values))]
            return places, ", ".join((codes + ["None"] * count)[:count])
        before = [wrapped(self.value(v), TERNARY) for v in values[:-1]]
        need = count - len(before)
        code, extra = self.exactly(last, need)
        if before:
            return places, ", ".join([*before, f"*{wrapped(code, COMPARE)}" if need > 1 else code])
        return places + ["_"] * extra, code

    def exactly(self, x: n.Expression, need: int) -> tuple[str, int]:
        """The values of a call for ``need`` targets, and how many targets more it takes."""
        shape, counts = self.shape(x), self.known.counts(x)
        unpacked = isinstance(x, n.Call) and self.known.text(x.f) in ("unpack", "table.unpack")
        if unpacked and len(x.arguments) == 1 and counts == [need] and self.kinds(x.arguments[0]) == {"list"}:
            return str(self.value(x.arguments[0])), 0
        if need > 1 and (code := self.outcome(x, need)) is not None:
            return str(code), 0
        if need == 2 and self.makes_threads(x):
            return f"{self.package('threads')}.Threads.with_results({', '.join(self.arguments(x.arguments))})", 0
        code = self.several(x)
        if shape == need or (shape is None and counts == [need]):
            return str(code), 0
        if shape is not None and need < shape <= need + 2:
            return str(code), shape - need
        if shape == 1 and (self.known.reached(x) or self.kinds(x) or self.library_function(x)):
            return ", ".join([wrapped(code, TERNARY)] + ["None"] * (need - 1)), 0
        return str(self.helper("adjust", code, str(need), told=False)), 0

    # -- functions and calls

    def write_functionstatement(self, s: n.FunctionStatement) -> None:
        target = s.target
        if isinstance(target, n.Name):
            self.define_named(target, s.function)
            return
        name = str(target.key.value)
        name = self.naming.fresh(
            self.scope, name if name.isidentifier() and not name.startswith("__") else f"_{name.strip('_')}"
        )
        self.define(name, s.function)
        if self.kinds(target.of) == {"object"} and self.takes_owner(target, s.function):
            name = f"{self.package('functools')}.partial({name}, {self.value(target.of)})"
        self.line(self.assign_item(target, s.function, name))

    def write_callstatement(self, s: n.CallStatement) -> None:
        x = s.call
        if class_call(s) is not None and s in self.classes:
            self.write_class(self.classes[s])
        elif (
            isinstance(x, n.Call)
            and isinstance(x.f, n.Name)
            and self.is_global(x.f)
            and x.f.id in ("require", "assert")
        ):
            getattr(self, f"statement_{x.f.id}")(x)
        else:
            self.effect(x)

    def effect(self, x: n.Expression) -> None:
        """A call for its effect; a chain that begins with another size is written as its lines."""
        code = self.several(x)
        if str(code) != self.text_of_place(x):
            self.line(str(code))

    def text_of_place(self, x: n.Expression) -> str:
        """What is left of ``x:resize(2)`` or ``torch.sort(x, ...)`` once its line is written: the place itself."""
        of = x.of if isinstance(x, n.Method) else next(iter(x.arguments), None) if takes_several(x) else None
        of = of.x if isinstance(of, n.Paren) else of
        return str(self.value(of)) if isinstance(of, n.Name | n.Index) else ""

    def statement_require(self, x: n.Call) -> None:
        name = x.arguments[0].value if isinstance(x.arguments[0], n.Constant) else None
        if name is None or name in self.project.files or not is_package(name):
            self.line(str(self.several(x)))
            return
        self.draw_four(name)
        if name != "pl":  # Penlight's parts come by their names
            self.package(name)

    def draw_four(self, name: str) -> None:
        """Loading nn drew four numbers, which a program that had seeded before sees."""
        if name in ("nn", "nngraph", "dpnn", "rnn", "nnx") and not self.nn_loaded:
            self.nn_loaded = True
            if self.seeded:
                self.line(f"{self.package('torch')}.rand(4)  # as loading nn did")

    def statement_assert(self, x: n.Call) -> None:
        test, *rest = x.arguments
        if isinstance(test, n.Call | n.Method) and self.shape(test) != 1:
            self.line(str(self.value(x)))
            return
        code = ", ".join([str(self.truth(test)), *[str(self.value(r)) for r in rest[:1]]])
        self.line(f"assert {code}")

    # -- blocks
