"""Calls: of the program's functions, the library's classes and methods, and Lua's own functions."""

from __future__ import annotations

from . import nodes as n
from .builtins import (
    KEYWORDS,
    PACKAGES,
    PRELOADED,
    SEVERAL_OF_METHODS,
    SEVERAL_OF_TORCH,
    SILENT,
    SINGLE,
    is_package,
    python_field,
    words,
)
from .code import ATOM, COMPARE, Code, quoted, wrapped
from .lua_functions import LuaFunctions
from .tensors import RESIZING

# functions of Lua's library whose Python form always gives a tuple
TUPLES = frozenset(
    {"pcall", "xpcall", "next", "string.find", "string.gsub", "coroutine.resume", "math.modf", "math.frexp"}
)
# those that the run-time library has under the same name
SAME = words("""
    tostring tonumber type error pcall xpcall next rawget rawset rawequal setmetatable getmetatable loadstring
    load loadfile dofile include""")
# names of functions that are made where they are passed
_BASES = {"optim": "feval", "coroutine": "routine", "string": "replaced"}
# methods of strings and of dataload's loaders that give several values
_PERHAPS_SEVERAL = words("gsub find match byte sub index sample next split read")
# those that give nil and a message where they fail
FALLIBLE = words("io.open os.remove os.rename loadstring loadfile")
_LIBRARIES = frozenset({"debug", "package"})  # objects of the run-time library
# libraries whose functions give None instead of nil and a message
_ONE = frozenset({"io", "os", "string", "table", "math", "loadstring", "loadfile", "dofile", "tonumber", "assert"})


class Calls(LuaFunctions):
    """Part of the printer."""

    # -- how many values

    def shape(self, x: n.Expression) -> int | None:
        """How many values the Python form of a call gives: 1, a tuple of 2 or more, None: a tuple of any number."""
        if isinstance(x, n.Vararg):
            return None
        name = self.library_function(x)
        if name in TUPLES:
            return None
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
        if shape is not None or self.library_function(x) in TUPLES:
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

    # -- calls

    def write_call(self, x: n.Call) -> Code:
        f = x.f
        if isinstance(f, n.Name) and self.is_global(f):
            write = getattr(self, f"call_{f.id}", None)
            if write is not None:
                return write(x)
            if f.id in SAME:
                base = "attempt" if f.id in ("pcall", "xpcall") else "function"
                return Code(f"{self.runtime(f.id)}({', '.join(self.arguments(x.arguments, base))})")
        if (code := self.call_on_itself(f, x)) is not None:
            return code
        if isinstance(f, n.Index) and f.dot:
            package = self.package_of(f.of)
            if package is not None:
                return self.call_member(package, f.key.value, x)
            if self.kinds(f.of) == {"tensor"} and f.key.value == "new":
                arguments = [str(self.value(f.of)), *self.arguments(x.arguments)]
                return Code(f"{self.package('torch')}.new({', '.join(arguments)})")
            if (code := self.parent_call(f, x)) is not None:
                return code
            if f.key.value == "new" and not self.kinds(f.of):
                return self.helper("new", self.value(f.of), *self.arguments(x.arguments))
            if "Table" in self.kinds(f.of):
                return Code(f"{self.raw_item(f)}({', '.join(self.arguments(x.arguments))})")
        code = wrapped(self.value(f), ATOM)
        return Code(f"{code}({', '.join(self.arguments(x.arguments))})")

    def call_on_itself(self, f: n.Expression, x: n.Call) -> Code | None:
        """``o[name](o, ...)`` and ``o.name(o, ...)`` of what is no table: ``o:name(...)``."""
        if not isinstance(f, n.Index) or not x.arguments or self.known.text(x.arguments[0]) != self.known.text(f.of):
            return None
        kinds = self.kinds(f.of)
        if not kinds or not kinds <= {"object", "tensor", "file", "string"} or self.method_functions_of(f):
            return None
        if isinstance(f.key, n.Constant):
            return self.write_method(n.Method(f.of, str(f.key.value), x.arguments[1:], number=x.number))
        return self.helper("call", self.value(f.of), self.value(f.key), *self.arguments(x.arguments[1:]), told=False)

    def method_functions_of(self, f: n.Index) -> list[int]:
        """The functions of the program that were called here."""
        return self.known.own_functions(f) or self.known.methods.get(str(getattr(f.key, "value", "")), [])

    def raw_item(self, f: n.Index) -> str:
        """A function out of a Table as it is."""
        return f"{self.operand(f.of, ATOM)}[{quoted(f.key.value)}]"

    def call_member(self, package: str, name: str, x: n.Call) -> Code:
        """A function of a package or of Lua's library."""
        if package == "torch":
            return self.call_torch(name, x)
        if (package, name) == ("paths", "dofile"):
            return Code(f"{self.runtime('include')}({', '.join(self.arguments(x.arguments))})")
        write = getattr(self, f"{package}_{name}", None)
        if write is not None:
            return write(x)
        arguments = self.arguments(x.arguments, _BASES.get(package, "function"))
        return Code(f"{self.member(package, name, x.f)}({', '.join(arguments)})")

    def write_method(self, x: n.Method) -> Code:
        kinds = self.kinds(x.of) - {"nil"}
        if kinds == {"tensor"}:
            return self.method_of_tensor(x)
        if kinds == {"string"}:
            return self.method_of_string(x)
        if kinds and kinds <= {"sizes", "storage"} and x.name == "size":
            return Code(f"len({self.value(x.of)})")
        if kinds == {"sizes"} and x.name == "totable":
            return Code(f"list({self.value(x.of)})")
        if not kinds and x.name in RESIZING and self.may_hoist:
            return self.resizing(x)
        if kinds and kinds <= {"object", "class", "file", "storage", "sizes"}:
            return Code(f"{self.operand(x.of, ATOM)}.{python_field(x.name)}({', '.join(self.arguments(x.arguments))})")
        if kinds == {"Table"}:
            return self.method_of_table(x)
        return self.helper("call", self.value(x.of), quoted(x.name), *self.arguments(x.arguments), told=not kinds)

    def method_of_table(self, x: n.Method) -> Code:
        if x.name in KEYWORDS:
            return self.helper("call", self.value(x.of), quoted(x.name), *self.arguments(x.arguments), told=False)
        arguments = ", ".join(self.arguments(x.arguments))
        functions = [self.known.by_number[i] for i in self.method_functions(x)]
        plain = [f for f in functions if f.parameters and not f.method and f.parameters[0].id != "self"]
        if plain and isinstance(x.of, n.Name):
            of = self.value(x.of)
            return Code(f"{of}[{quoted(x.name)}]({', '.join(filter(None, [str(of), arguments]))})")
        return Code(f"{self.operand(x.of, ATOM)}.{x.name}({arguments})")

    # -- packages

    def package_of(self, x: n.Expression) -> str | None:
        """The name of the package that an expression is, None of other values."""
        if isinstance(x, n.Name) and self.is_global(x) and x.id in PACKAGES | PRELOADED:
            return x.id
        if isinstance(x, n.Name) and self.is_global(x) and x.id == "path" and x.id not in self.project.shared:
            return "pl.path"  # which `th` had loaded
        seen = [w for w in self.known.words(x.number) if w.startswith("package:")]
        if seen and seen[0][8:] in _LIBRARIES:
            return None
        if (
            len(seen) == 1
            and seen[0][8:] not in self.project.files
            and is_package(seen[0][8:])
            and isinstance(x, n.Name | n.Call)
        ):
            return seen[0][8:]
        return None

    def member(self, package: str, name: str, x: n.Expression) -> Code:
        """A value of a package where it is not called."""
        if package == "math":
            special = {"huge": "math.inf", "max": "max", "min": "min", "abs": "abs"}.get(name)
            if special in ("max", "min", "abs"):
                return Code(special)
            name = {"deg": "degrees", "rad": "radians"}.get(name, name)
            if name in ("random", "randomseed", "modf"):
                return Code(f"{self.package('lua_math')}.{name}")
            return Code((special and (self.package("math") and special)) or f"{self.package('math')}.{name}")
        if package in ("string", "io", "os", "table", "coroutine") or package in _LIBRARIES:
            return Code(f"{self.runtime(package)}.{python_field(name)}")
        if package == "torch":
            return Code(f"{self.package('torch')}.{python_field(name)}")
        return Code(f"{self.package(package)}.{python_field(name)}")

    # -- Lua's own functions

    # -- table.*

    # -- math.*
