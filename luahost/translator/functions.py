"""Functions: ``def`` and ``lambda``, how many values they return, which variables they share."""

from __future__ import annotations

from math import inf

from . import nodes as n
from .code import LAMBDA, TERNARY, Code, wrapped
from .scopes import Scope, Variable

_LAMBDA_WIDTH = 70


class Functions:
    """Part of the printer."""

    def find_conventions(self) -> None:
        """How many values each function returns, the same for all that one place calls."""
        scopes = [s for s in self.names.functions.values() if s.parent is not None]
        for _ in range(6):
            before = [s.convention for s in scopes]
            for scope in scopes:
                scope.convention = _joined([scope.convention, self.returned(scope)])
            self.join_callees()
            if before == [s.convention for s in scopes]:
                return

    def join_callees(self) -> None:
        for x in self.known.nodes:
            if isinstance(x, n.Call | n.Method):
                numbers = self.known.own_functions(x.f) if isinstance(x, n.Call) else self.method_functions(x)
                called = [s for s in map(self.known.scope_of, numbers) if s is not None]
                found = [s.convention for s in called]
                for scope in called if len(called) > 1 else []:
                    scope.convention = None if len({*found}) > 1 and self.known.is_spread(x) else _joined(found)

    def returned(self, scope: Scope) -> int | None:
        counts = [self.count(r.values) for r in scope.returns] or [1]
        callers = self.known.callers(scope.node)
        if len({*counts}) > 1 and (not callers or any(map(self.known.is_spread, callers))):
            return None
        return _joined(counts)

    def count(self, values: list[n.Expression]) -> int | None:
        """How many values a list of expressions has."""
        if values and isinstance(values[-1], n.Call | n.Method | n.Vararg):
            counts = self.known.counts(values[-1])
            last = self.shape(values[-1])
            if last is None and len(counts) == 1 and not self.conventions(values[-1]):
                last = max(counts[0], 1)
            return None if last is None else len(values) - 1 + last
        return max(len(values), 1)

    # -- definitions

    def write_function(self, f: n.Function, base: str = "function") -> Code:
        """A function in an expression: a lambda, or a def on the lines before."""
        if (code := self.try_lambda(f)) is not None:
            return code
        name = self.naming.fresh(self.scope, base)
        self.define(name, f)
        return Code(name)

    def try_lambda(self, f: n.Function) -> Code | None:
        statements = f.body.statements
        scope = self.names.functions[f]
        if len(statements) != 1 or not isinstance(statements[0], n.Return) or not statements[0].values:
            return None
        if self.count(statements[0].values) != scope.convention or self.rebound(scope):
            return None
        if any(isinstance(x, n.Function) for x in n.walk(f.body)):
            return None
        with self.inside(scope), self.not_hoisting():
            written = len(self.out)
            parameters = ", ".join(self.parameters(f))
            code = self.returned_code(statements[0].values, scope)
        fits = len(self.out) == written and len(code) <= _LAMBDA_WIDTH
        del self.out[written:]
        code = f"({code})" if len(statements[0].values) > 1 else code
        return Code(f"lambda {parameters}: {code}".replace("lambda :", "lambda:"), LAMBDA) if fits else None

    def define(self, name: str, f: n.Function) -> None:
        """``def name(...)`` with its body."""
        scope = self.names.functions[f]
        bound = [f"{v.cell}={v.cell}" for v in self.rebound(scope)]
        parameters = self.parameters(f) + (["*", *bound] if bound and not f.vararg else bound)
        with self.inside(scope):
            self.line(f"def {name}({', '.join(parameters)}):")
            self.trailing_comment(f.line)
            with self.indented():
                start = len(self.out)
                self.declarations(scope)
                self.block(f.body)
                self.fall_through(scope)
                if len(self.out) == start or all(line.lstrip().startswith("#") for line in self.out[start:]):
                    self.line("pass")

    def fall_through(self, scope: Scope) -> None:
        """The end of a function that returns several values elsewhere."""
        statements = scope.node.body.statements
        if scope.convention != 1 and not (statements and _leaves(statements[-1])):
            self.line(f"return {self.padded([], scope)}")

    def parameters(self, f: n.Function) -> list[str]:
        scope, words = self.names.functions[f], self.known.words(f"f{f.number}")
        variables = [v for v in scope.variables if v.parameter]
        optional, found = self.optional_from(f, len(variables)), []
        for i, v in enumerate(variables):
            found.append(v.python + ("=None" if i >= optional else ""))
        extra = any(w.startswith("extra:") and int(w[6:]) > self.dropped(f) for w in words)
        extra |= not words and (f in self.known.passed or self.unknown_calls(f))  # nobody knows what it is called with
        if f.vararg:
            taken = self.naming.used[scope].union(*(self.naming.used[inner] for inner in scope.inner))
            scope.name = scope.name or ("args" if "args" not in taken else self.naming.fresh(scope, "args"))
            found.append(f"*{scope.name}")
        elif extra:
            found.append("*_" if all(v.python != "_" for v in variables) else "*_rest")
        return found

    def unknown_calls(self, f: n.Function) -> bool:
        """Whether a function in a table is called in ways that the program does not show."""
        return f in self.known.in_tables and not f.method and not self.known.callers(f)

    def dropped(self, f: n.Function) -> int:
        """How many of the extra arguments Python does not pass: the ``self`` of a function in a Table."""
        callers = self.known.callers(f)
        return int(f in self.known.in_tables and bool(callers) and not any(isinstance(c, n.Call) for c in callers))

    def optional_from(self, f: n.Function, count: int) -> int:
        """The first parameter that a call left out."""
        first = int(f.method)
        for i in range(first, count):
            if "nil" in self.known.words(f"f{f.number}.{i + 1}"):
                return i
        if f"f{f.number}" in self.known.facts:
            return count
        calls = [c for c in self.known.callers(f) if len(c.arguments) < count - first]
        return count if self.known.callers(f) and not calls else first

    def rebound(self, scope: Scope) -> list[Variable]:
        """Variables made anew in each round of a loop, which a function that outlives the round keeps."""
        if scope.last_use != inf:
            return []
        function = scope.node
        return [
            v
            for v in sorted(scope.free, key=lambda v: v.start)
            if v.loop is not None and v.function is scope.parent and v.loop.start < function.start < v.loop.end
            and function not in v.values and (v.boxed or not _changes(v, scope))
        ]  # fmt: skip

    def find_cells(self) -> None:
        """Box the variables of a round that a function keeps and somebody changes later."""
        for scope in self.names.functions.values():
            if scope.last_use == inf and scope.parent is not None:
                for v in scope.free:
                    inside = v.loop is not None and v.loop.start < scope.node.start < v.loop.end
                    own = inside and v.function is scope.parent
                    if own and scope.node not in v.values and _changes(v, scope):
                        v.boxed = True

    def declarations(self, scope: Scope) -> None:
        assigned = [v for v in sorted(scope.free, key=lambda v: v.start) if scope in v.assigned_in and not v.boxed]
        main = self.names.functions[self.main]
        shared = [v.python for v in assigned if v.function is main] + sorted(
            scope.assigned_globals - self.project.shared
        )
        if shared:
            self.line(f"global {', '.join(dict.fromkeys(shared))}")
        own = [v.python for v in assigned if v.function is not main]
        if own:
            self.line(f"nonlocal {', '.join(dict.fromkeys(own))}")

    def varargs(self) -> str:
        """The name of ``...``."""
        if self.scope.parent is None:
            return self.runtime("arg")
        return self.scope.name

    # -- return

    def write_return(self, s: n.Return) -> None:
        scope = self.scope
        if scope.parent is None and self.module:
            self.line(f"returned = {self.value(s.values[0]) if s.values else True}")
        elif scope.parent is None:
            self.line("raise SystemExit")
        elif scope in self.constructors:
            self.line("return")
        else:
            code = self.returned_code(s.values, scope)
            self.line(f"return {code}" if code else "return")

    def returned_code(self, values: list[n.Expression], scope: Scope) -> str:
        """What a function gives: as many values as all its returns have."""
        if scope.convention == 1:
            return str(self.value(values[0], "inner")) if values else ""
        count = self.count(values) if values else 0
        if count == scope.convention and len(values) == 1:
            return self.tuple_of(values[0])
        return self.padded(values, scope)

    def tuple_of(self, x: n.Expression) -> str:
        code = self.several(x)
        shape = self.shape(x)
        kept = (shape == self.scope.convention and (shape is not None or self.surely_tuple(x))) or code.startswith(
            "tuple("
        )
        return str(code) if kept else f"({', '.join(self.spread(x))},)"

    def padded(self, values: list[n.Expression], scope: Scope) -> str:
        codes = [wrapped(c, TERNARY) for c in self.arguments(values)]
        if scope.convention is None:
            return f"({', '.join(codes)}{',' if len(codes) == 1 else ''})"
        missing = scope.convention - (self.count(values) or scope.convention if values else 0)
        return ", ".join(codes + ["None"] * missing)


def _joined(conventions: list[int | None]) -> int | None:
    return None if None in conventions else max(conventions)


def _leaves(s: n.Statement) -> bool:
    if isinstance(s, n.If):
        return s.clauses[-1][0] is None and all(b.statements and _leaves(b.statements[-1]) for _, b in s.clauses)
    return isinstance(s, n.Return)


def _changes(v: Variable, scope: Scope) -> bool:
    """Whether a variable gets another value in a function or after it was made."""
    inside = any(s is not v.function for s in v.assigned_in)
    return inside or any(x is None or x.start > scope.node.start for x in v.values[1:])
