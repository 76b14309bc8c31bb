"""How many values a call has, and the form in which they are written: one, a tuple, or any number spread."""

from __future__ import annotations

from . import nodes as n
from .builtins import SEVERAL_OF_METHODS, SEVERAL_OF_TORCH, SILENT, SINGLE, words
from .code import ATOM, COMPARE, Code, wrapped
from .lua_functions import LuaFunctions

# functions of Lua's library whose Python form always gives a tuple
TUPLES = frozenset(
    {"pcall", "xpcall", "next", "string.find", "string.gsub", "coroutine.resume", "math.modf", "math.frexp"}
)
# methods of strings and of dataload's loaders that give several values
_PERHAPS_SEVERAL = words("gsub find match byte sub index sample next split read")
# those that give nil and a message where they fail
FALLIBLE = words("io.open os.remove os.rename loadstring loadfile")
# libraries whose functions give None instead of nil and a message
_ONE = frozenset({"io", "os", "string", "table", "math", "loadstring", "loadfile", "dofile", "tonumber", "assert"})


class CallValues(LuaFunctions):
    """Part of the printer."""

    def shape(self, x: n.Expression) -> int | None:
        """How many values the Python form of a call gives: 1, a tuple of 2 or more, None: a tuple of any number."""
        if isinstance(x, n.Vararg):
            return None
        name = self.library_function(x)
        if name in TUPLES:
            return None
        if self.makes_threads(x):
            return 1
        if name in ("unpack", "table.unpack", "select") or self.is_match(x, name):
            return None if self.is_tuple(x, name) else 1
        conventions = self.conventions(x)
        if conventions:
            return conventions[0]
        counts = [c for c in self.known.counts(x) if c != 0]
        if name == "assert":
            return self.count(x.arguments)
        if name == "string.byte" and len(x.arguments) > (1 if isinstance(x, n.Method) else 2):
            return 1 if counts == [1] else None
        if name is not None and name.partition(".")[0] in _ONE:
            return 1
        return counts[0] if len(counts) == 1 else None if counts else self.usual_shape(x, name)

    def makes_threads(self, x: n.Expression) -> bool:
        """Whether a call makes a pool of threads, which also gives the results of their first functions."""
        f = x.f if isinstance(x, n.Call) else None
        if isinstance(f, n.Index) and f.dot and f.key.value == "Threads":
            f = f.of
        return f is not None and self.package_of(f) == "threads"

    def usual_shape(self, x: n.Expression, name: str | None) -> int | None:
        """How many values a call has that no run reached, by its name."""
        if isinstance(x, n.Method):
            several = (
                SEVERAL_OF_METHODS
                if x.arguments or x.name in ("getParameters", "parameters", "findModules")
                else {"sort": 2}
            )
            if not self.kinds(x.of) and x.name in _PERHAPS_SEVERAL:
                return None
            return several.get(x.name, 1)
        if isinstance(x.f, n.Index) and not x.f.dot and self.package_of(x.f.of) in ("nn", "rnn", "dpnn"):
            return 1
        package, _, function = (name or "").partition(".")
        if package == "torch":
            return SEVERAL_OF_TORCH.get(function, 1) if len(x.arguments) > 1 or function in ("svd", "qr") else 1
        if package in ("nn", "math", "rnn", "dpnn") or function[:1].isupper() or name in SINGLE:
            return 1
        return None

    def conventions(self, x: n.Expression) -> list[int | None]:
        if isinstance(x, n.Vararg):
            return []
        numbers = self.known.own_functions(x.f) if isinstance(x, n.Call) else self.method_functions(x)
        scopes = [s for s in map(self.known.scope_of, numbers) if s is not None]
        return [s.convention for s in scopes]

    def method_functions(self, x: n.Method) -> list[int]:
        """The functions of the program that a method call may reach, by name."""
        kinds = self.kinds(x.of)
        return self.known.methods.get(x.name, []) if kinds - {"tensor", "string"} or not kinds else []

    def is_match(self, x: n.Expression, name: str | None) -> bool:
        return name == "string.match"

    def is_tuple(self, x: n.Expression, name: str | None) -> bool:
        if name == "string.match":
            pattern = x.arguments[0] if isinstance(x, n.Method) else x.arguments[1]
            if isinstance(pattern, n.Constant):
                return str(pattern.value).replace("%(", "").count("(") > 1
            return self.known.counts(x) not in ([], [1])
        if name == "select":
            return not (isinstance(x.arguments[0], n.Constant) and x.arguments[0].value == "#")
        return True

    def library_function(self, x: n.Expression) -> str | None:
        """``string.find`` of ``s:find(...)`` and ``string.find(s, ...)``."""
        if isinstance(x, n.Method):
            return f"string.{x.name}" if self.kinds(x.of) == {"string"} else None
        if isinstance(x, n.Call):
            text = self.known.text(x.f)
            if isinstance(x.f, n.Name) and self.is_global(x.f):
                return text
            if isinstance(x.f, n.Index) and x.f.dot and isinstance(x.f.of, n.Name) and self.is_global(x.f.of):
                return text
        return None

    def is_global(self, name: n.Name) -> bool:
        return name.variable is None and name.id not in self.names.assigned_globals

    def single(self, x: n.Expression) -> Code:
        """The first value of a call."""
        if self.gives_nothing(x):
            return Code(f"({self.several(x)}, None)[1]")
        if self.library_function(x) == "select" and (code := self.selected(x)) is not None:
            return code
        code = self.several(x)
        shape = self.shape(x)
        if shape == 1:
            return code
        if isinstance(x, n.Vararg):
            return self.helper("index", code, "1", told=False)
        own = self.conventions(x)  # a function of the program without a number of values gives a tuple
        if shape is not None or self.library_function(x) in TUPLES or (own and {*own} == {None}):
            return Code(f"{wrapped(code, ATOM)}[0]")
        return self.helper("first", code, told=not self.known.reached(x))

    def several(self, x: n.Expression) -> Code:
        """A call as it stands: a tuple where it has several values."""
        if isinstance(x, n.Vararg):
            return Code(self.varargs())
        return self.write_method(x) if isinstance(x, n.Method) else self.write_call(x)

    def arguments(self, found: list[n.Expression], base: str = "function") -> list[str]:
        """The arguments of a call, the values of the last one spread; ``base``: the name of a function among them."""
        codes = []
        for x in found:
            if x is found[-1] and isinstance(x, n.Call | n.Method | n.Vararg):
                codes += self.spread(x)
            else:
                codes.append(str(self.value(x, base)))
        return codes

    def spread(self, x: n.Expression) -> list[str]:
        """The last argument: all its values."""
        if self.known.counts(x) == [0] and self.may_hoist and not self.conventions(x):
            self.line(str(self.several(x)))
            return []
        if self.gives_nothing(x) and self.may_hoist:
            self.line(str(self.several(x)))
            return ["None"]
        if 0 in self.known.counts(x) and self.conventions(x) and set(self.conventions(x)) == {1}:
            return [f"*{self.helper('values_of', self.several(x), told=False)}"]
        if isinstance(x, n.Call) and self.known.text(x.f) in ("unpack", "table.unpack") and len(x.arguments) == 1:
            return [f"*{self.operand(x.arguments[0], COMPARE)}"]
        if (code := self.outcome(x)) is not None:
            return [f"*{code}"]
        if self.shape(x) == 1:
            return [str(self.several(x))]
        if self.shape(x) is None and not self.surely_tuple(x):
            return [f"*{self.helper('spread', self.several(x))}"]
        return [f"*{wrapped(self.several(x), COMPARE)}"]

    def outcome(self, x: n.Expression, count: int | None = None) -> Code | None:
        """A call that gives nil and a message where it fails, where all of its values are asked for."""
        if self.library_function(x) not in FALLIBLE or not isinstance(x, n.Call):
            return None
        codes = [str(self.value(x.f)), *self.arguments(x.arguments), *([f"count={count}"] if count else [])]
        return Code(f"{self.runtime('outcome')}({', '.join(codes)})")

    def gives_nothing(self, x: n.Expression) -> bool:
        """Whether a method of the library gives its object here, and gave nothing in Lua."""
        if not isinstance(x, n.Method) or x.name not in SILENT or self.conventions(x):
            return False
        if self.known.reached(x):
            return self.kinds(x) == {"nil"} and self.kinds(x.of) == {"object"}
        return any(name.startswith("nn.") for name in self.known.object_names(x.of))

    def surely_tuple(self, x: n.Expression) -> bool:
        """Whether a call of any number of values is known to give a tuple."""
        seen = self.known.reached(x) or isinstance(x, n.Vararg) or self.library_function(x) in TUPLES | {"select"}
        return seen or bool(self.conventions(x))
