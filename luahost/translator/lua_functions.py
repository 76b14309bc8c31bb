"""Calls of Lua's own functions."""

from __future__ import annotations

from . import nodes as n
from .builtins import is_package
from .code import ATOM, Code, quoted, wrapped


class LuaFunctions:
    """Part of the printer."""

    def call_print(self, x: n.Call) -> Code:
        return Code(f"{self.runtime('print')}({', '.join(self.arguments(x.arguments))})")

    def call_require(self, x: n.Call) -> Code:
        name = x.arguments[0].value if isinstance(x.arguments[0], n.Constant) else None
        if name is not None and (name in self.project.files or not is_package(name)):
            return Code(f"{self.runtime('require')}({quoted(name)})")
        return Code(self.package(name)) if name else self.helper("require", self.value(x.arguments[0]), told=False)

    def call_assert(self, x: n.Call) -> Code:
        if len(x.arguments) == 1 and self.outcome(x.arguments[0]) is not None:  # without the message where it is nil
            return Code(f"{self.runtime('assert_')}({self.value(x.arguments[0])})")
        return Code(f"{self.runtime('assert_')}({', '.join(self.arguments(x.arguments))})")

    def call_unpack(self, x: n.Call) -> Code:
        if len(x.arguments) == 1:
            return Code(f"tuple({self.value(x.arguments[0])})")
        return self.helper("unpack", *self.arguments(x.arguments), told=False)

    def call_select(self, x: n.Call) -> Code:
        which, rest = x.arguments[0], x.arguments[1:]
        plain = len(rest) == 1 and isinstance(rest[0], n.Vararg)
        if isinstance(which, n.Constant) and which.value == "#":
            return Code(f"len({self.varargs()})" if plain else f"len(({', '.join(self.arguments(rest))},))")
        if self.negative(which):
            return Code(f"{self.runtime('select')}({', '.join(self.arguments(x.arguments))})")
        code = self.varargs() if plain else f"({', '.join(self.arguments(rest))},)"
        return Code(f"{code}[{self.place(which)}:]")

    def selected(self, x: n.Call, *default: object) -> Code | None:
        """``select(i, ...)`` where one value is asked."""
        which, rest = x.arguments[0], x.arguments[1:]
        if getattr(which, "value", None) == "#" or len(rest) != 1:
            return None
        if isinstance(rest[0], n.Vararg):
            return self.helper("index", self.varargs(), self.value(which), *default, told=False)
        if isinstance(which, n.Constant) and isinstance(rest[0], n.Call | n.Method) and self.shape(rest[0]) != 1:
            return Code(f"{self.operand_of(self.several(rest[0]))}[{self.place(which)}]")
        return None

    def operand_of(self, code: Code) -> str:
        return wrapped(code, ATOM)

    def call_collectgarbage(self, x: n.Call) -> Code:
        if x.arguments and not (isinstance(x.arguments[0], n.Constant) and x.arguments[0].value == "collect"):
            return Code(f"{self.runtime('collectgarbage')}({', '.join(self.arguments(x.arguments))})")
        return Code(f"{self.package('gc')}.collect()")

    def call_ipairs(self, x: n.Call) -> Code:
        return self.helper("ipairs", self.value(x.arguments[0]), told=False)

    def call_pairs(self, x: n.Call) -> Code:
        return self.helper("pairs", self.value(x.arguments[0]), told=False)

    def table_insert(self, x: n.Call) -> Code:
        t, *rest = x.arguments
        codes = self.arguments(rest) if len(rest) > 1 else [str(self.value(rest[0]))]
        if self.kinds(t) == {"list"}:
            of = self.operand(t, ATOM)
            if len(codes) == 1:
                return Code(f"{of}.append({codes[0]})")
            return Code(f"{of}.insert({self.place(rest[0])}, {codes[1]})")
        return Code(f"{self.runtime('table')}.insert({self.value(t)}, {', '.join(codes)})")

    def table_remove(self, x: n.Call) -> Code:
        t, *rest = x.arguments
        if self.kinds(t) == {"list"} and "nil" not in self.kinds(x) and self.known.reached(x):
            return Code(f"{self.operand(t, ATOM)}.pop({self.place(rest[0]) if rest else ''})")
        return Code(f"{self.runtime('table')}.remove({', '.join(self.arguments(x.arguments))})")

    def table_getn(self, x: n.Call) -> Code:
        return self.length(x.arguments[0])

    def table_sort(self, x: n.Call) -> Code:
        if len(x.arguments) == 1 and self.kinds(x.arguments[0]) == {"list"}:
            return Code(f"{self.operand(x.arguments[0], ATOM)}.sort()")
        return Code(f"{self.runtime('table')}.sort({', '.join(self.arguments(x.arguments, 'before'))})")

    def math_random(self, x: n.Call) -> Code:
        return Code(f"{self.package('lua_math')}.random({', '.join(self.arguments(x.arguments))})")

    def math_max(self, x: n.Call) -> Code:
        return Code(f"max({', '.join(self.arguments(x.arguments))})")

    def math_min(self, x: n.Call) -> Code:
        return Code(f"min({', '.join(self.arguments(x.arguments))})")

    def math_abs(self, x: n.Call) -> Code:
        return Code(f"abs({', '.join(self.arguments(x.arguments))})")

    def math_mod(self, x: n.Call) -> Code:
        return Code(f"{self.package('math')}.fmod({', '.join(self.arguments(x.arguments))})")

    def math_sqrt(self, x: n.Call) -> Code:
        return self.guarded_math("sqrt", x)

    def math_log(self, x: n.Call) -> Code:
        return self.guarded_math("log", x)

    def guarded_math(self, name: str, x: n.Call) -> Code:
        """Where a run gave inf or nan, which Python's function refuses."""
        if self.known.words(x.number).keys() & {"number:inf", "number:nan"}:
            return self.helper(name, *self.arguments(x.arguments), told=False)
        return Code(f"{self.package('math')}.{name}({', '.join(self.arguments(x.arguments))})")
