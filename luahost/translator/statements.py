"""Statements: assignments, conditions, loops."""

from __future__ import annotations

from torch7 import registry

from . import nodes as n
from .classes import class_call
from .code import ATOM, COMPARE, TERNARY, Code, offset, wrapped

_COMPOUND = {"+", "-", "*", "/"}


class Statements:
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
        written = len(self.out)
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
            self.define(self.name_of(target), f)
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
        names = [w[7:] for w in self.known.words(target.of.number) if w.startswith("object:")]
        classes = [registry.find(name) for name in names]
        methods = [callable(getattr(c, str(target.key.value), None)) for c in classes if c is not None]
        return bool(f.parameters) and bool(methods) and all(methods)

    def name_of(self, x: n.Name) -> str:
        return x.id if x.variable is None else x.variable.python

    def compound(self, target: n.Expression, value: n.Expression) -> bool:
        """``x = x + 1`` of numbers as ``x += 1``."""
        if not (isinstance(value, n.Binary) and value.op in _COMPOUND and self.kinds(value) == {"number"}):
            return False
        if self.known.text(target) != self.known.text(value.left) or self.kinds(value.left) != {"number"}:
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
        code = self.several(x)
        if shape == need or (shape is None and counts == [need]):
            return str(code), 0
        if shape is not None and need < shape <= need + 2:
            return str(code), shape - need
        if shape == 1:
            return ", ".join([wrapped(code, TERNARY)] + ["None"] * (need - 1)), 0
        return str(self.helper("adjust", code, str(need), told=False)), 0

    # -- functions and calls

    def write_functionstatement(self, s: n.FunctionStatement) -> None:
        target = s.target
        if isinstance(target, n.Name):
            self.define(self.name_of(target), s.function)
            return
        name = str(target.key.value)
        name = self.naming.fresh(
            self.scope, name if name.isidentifier() and not name.startswith("__") else f"_{name.strip('_')}"
        )
        self.define(name, s.function)
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
        if not (isinstance(x, n.Method) and str(code) == self.text_of_place(x)):
            self.line(str(code))

    def text_of_place(self, x: n.Method) -> str:
        """What is left of ``x:resize(2)`` once its line is written: the place itself."""
        of = x.of.x if isinstance(x.of, n.Paren) else x.of
        return str(self.value(of)) if isinstance(of, n.Name | n.Index) else ""

    def statement_require(self, x: n.Call) -> None:
        name = x.arguments[0].value if isinstance(x.arguments[0], n.Constant) else None
        if name is None:
            self.line(str(self.value(x)))
            return
        self.draw_four(name)
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

    def write_do(self, s: n.Do) -> None:
        self.block(s.body)

    def body(self, block: n.Block) -> None:
        with self.indented():
            start = len(self.out)
            self.block(block)
            if not any(line.strip() and not line.lstrip().startswith("#") for line in self.out[start:]):
                self.line("pass")

    def write_while(self, s: n.While) -> None:
        with self.not_hoisting():
            test = self.truth(s.test)
        self.line(f"while {test}:")
        self.trailing_comment(s.line)
        self.body(s.body)

    def write_repeat(self, s: n.Repeat) -> None:
        self.line("while True:")
        with self.indented():
            self.block(s.body)
            with self.not_hoisting():
                self.line(f"if {self.truth(s.test)}:")
            with self.indented():
                self.line("break")

    def write_if(self, s: n.If) -> None:
        for i, (test, block) in enumerate(s.clauses):
            if test is None:
                if not block.statements:
                    continue
                self.comments_before(block.line)
                self.line("else:")
            else:
                with self.not_hoisting(i > 0):
                    code = self.truth(test)
                self.line(f"{'elif' if i else 'if'} {code}:")
                self.trailing_comment(test.last_line)
            self.body(block)

    def write_break(self, s: n.Break) -> None:
        self.line("break")

    def write_numericfor(self, s: n.NumericFor) -> None:
        self.line(f"for {s.name.variable.python} in {self.numbers(s)}:")
        self.trailing_comment(s.line)
        self.body(s.body)

    def numbers(self, s: n.NumericFor) -> Code:
        whole = self.known.is_int(s.first) and (s.step is None or self.known.is_int(s.step))
        step = self.value(s.step) if s.step is not None else Code("1")
        known_sign = s.step is None or isinstance(s.step, n.Constant | n.Unary)
        if not whole or not known_sign:
            return self.helper("numbers", self.value(s.first), self.value(s.last), step, told=False)
        last = self.value(s.last)
        down = step.startswith("-")
        if not self.known.is_int(s.last):
            last = Code(f"{self.package('math')}.{'ceil' if down else 'floor'}({last})")
        codes = [str(self.value(s.first)), str(offset(last, -1 if down else 1))]
        return Code(f"range({', '.join(codes + ([] if step == '1' else [str(step)]))})")

    def write_genericfor(self, s: n.GenericFor) -> None:
        names = [x.variable.python for x in s.names]
        used = [bool(x.variable.uses) for x in s.names]
        self.line(f"for {self.rounds(s, names, used)}:")
        self.trailing_comment(s.line)
        self.body(s.body)

    def rounds(self, s: n.GenericFor, names: list[str], used: list[bool]) -> str:
        x = s.values[0]
        text = self.known.text(x.f) if isinstance(x, n.Call) else ""
        if text in ("pairs", "ipairs") and self.is_global(x.f):
            return self.over_table(s, x.arguments[0], names, used, text)
        if isinstance(x, n.Name) and x.id == "next" and len(s.values) > 1:
            return self.over_table(s, s.values[1], names, used, "pairs")
        target = ", ".join(names)
        words = self.known.words(f"g{x.number}")
        name = self.library_function(x)
        if name in ("string.gmatch", "io.lines") or self.kinds_of_method(x) == {"file"}:
            return f"{target} in {self.value(x)}"
        if "iterator:python" in words:
            most = max((int(w[6:]) for w in words if w.startswith("round:")), default=len(names))
            return f"{target}{', *_' if most > len(names) else ''} in {self.several(x)}"
        codes = self.arguments(s.values)
        return f"{target} in {self.helper('iterate', str(len(names)), *codes, told=False)}"

    def kinds_of_method(self, x: n.Expression) -> frozenset[str]:
        return self.kinds(x.of) if isinstance(x, n.Method) else frozenset()

    def over_table(self, s: n.GenericFor, t: n.Expression, names: list[str], used: list[bool], text: str) -> str:
        kinds, code = self.kinds(t) - {"nil"}, self.value(t)
        key, value = names[0], names[1] if len(names) > 1 else None
        changed = self.assigned_in(s.body, t)
        if kinds == {"list"}:
            if value is None or not used[1]:
                return f"{key} in range(1, len({code}) + 1)"
            of = f"list({code})" if changed and text == "pairs" else code
            return f"{value} in {of}" if not used[0] else f"{key}, {value} in enumerate({of}, 1)"
        if kinds == {"dict"} and text == "pairs":
            of = wrapped(code, ATOM)
            if value is None or not used[1]:
                return f"{key} in {f'list({code})' if changed else code}"
            if not used[0]:
                return f"{value} in {f'list({of}.values())' if changed else f'{of}.values()'}"
            return f"{key}, {value} in {f'list({of}.items())' if changed else f'{of}.items()'}"
        found = self.helper(text, code, told=not kinds)
        return f"{key}, {value or '_'} in {found}"

    def assigned_in(self, block: n.Block, t: n.Expression) -> bool:
        """Whether a block puts something into a table."""
        targets = [a for y in n.walk(block) if isinstance(y, n.Assign) for a in y.targets]
        return any(isinstance(a, n.Index) and self.known.text(a.of) == self.known.text(t) for a in targets)
