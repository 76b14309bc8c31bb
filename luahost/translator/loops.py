"""Loops and blocks."""

from __future__ import annotations

from collections.abc import Sequence

from . import nodes as n
from .code import ATOM, Code, offset, wrapped


class Loops:
    """Part of the printer."""

    def write_do(self, s: n.Do) -> None:
        self.block(s.body)

    def body(self, block: n.Block, names: Sequence[n.Name] = ()) -> None:
        """``names`` are the loop's own: those that functions change are lists of one value."""
        with self.indented():
            start = len(self.out)
            for cell in [x.variable.cell for x in names if x.variable.boxed]:
                self.line(f"{cell} = [{cell}]")
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
            self.lua_line = s.test.line
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
                self.lua_line = test.line
                with self.not_hoisting(i > 0):
                    code = self.truth(test)
                self.line(f"{'elif' if i else 'if'} {code}:")
                self.trailing_comment(test.last_line)
            self.body(block)

    def write_break(self, s: n.Break) -> None:
        self.line("break")

    def write_label(self, s: n.Label) -> None:
        pass

    def write_goto(self, s: n.Goto) -> None:
        if s.region is not None:
            self.line(f"raise {s.region.python}")
        elif isinstance(s.loop, n.Repeat):
            with self.not_hoisting():
                self.line(f"if {self.truth(s.loop.test)}:")
            with self.indented():
                self.line("break")
            self.line("continue")
        else:
            self.line("continue")

    def write_region(self, s: n.Region) -> None:
        """What a jump leaves, or begins again, is a block that an exception of its own ends."""
        s.python = self.naming.fresh(self.scope, s.name)
        if s.again:
            self.line("while True:")
        self.depth += s.again
        self.line(f"with {self.helper('label', told=False)} as {s.python}:")
        self.body(s.body)
        if s.again:
            self.line("    break")
        self.depth -= s.again

    def write_numericfor(self, s: n.NumericFor) -> None:
        self.line(f"for {s.name.variable.cell} in {self.numbers(s)}:")
        self.trailing_comment(s.line)
        self.body(s.body, [s.name])

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
        names = [x.variable.cell for x in s.names]
        used = [bool(x.variable.uses) for x in s.names]
        self.line(f"for {self.rounds(s, names, used)}:")
        self.trailing_comment(s.line)
        self.body(s.body, s.names)

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
