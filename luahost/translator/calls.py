"""Calls: of the program's functions, the library's classes and methods, and Lua's own functions."""

from __future__ import annotations

from . import nodes as n
from .builtins import KEYWORDS, PACKAGES, PRELOADED, is_package, python_field, words
from .call_values import CallValues
from .code import ATOM, Code, quoted, wrapped
from .tensors import RESIZING

# those that the run-time library has under the same name
SAME = words("""
    tostring tonumber type error pcall xpcall next rawget rawset rawequal setmetatable getmetatable loadstring
    load loadfile dofile include""")
# names of functions that are made where they are passed
_BASES = {"optim": "feval", "coroutine": "routine", "string": "replaced"}
_LIBRARIES = frozenset({"debug", "package"})  # objects of the run-time library


class Calls(CallValues):
    """Part of the printer."""

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
        if code == "None" and isinstance(f, n.Name):  # a global that is not there
            code = f"{self.runtime('G')}.{f.id}"
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
            code = f"{self.operand(x.of, ATOM)}.{python_field(x.name)}({', '.join(self.arguments(x.arguments))})"
            if x.name.startswith("read") and self.kinds(x) & {"storage", "sizes"}:  # an array in Python
                return Code(f"{self.package('torch')}.Storage({code})")
            return Code(code)
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
        if package in ("torch", "nn", "rnn", "dpnn", "optim") and "nil" in self.known.words(x.number):
            return Code(f"getattr({self.package(package)}, {quoted(python_field(name))}, None)")
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
