"""Methods of tensors and functions of torch."""

from __future__ import annotations

import torch7

from . import nodes as n
from .builtins import python_field, words
from .code import ATOM, Code, quoted
from .whole_numbers import INTEGER_TENSORS

RESIZING = frozenset({"resize", "resizeAs", "set"})
_SIZES = {"dim": "ndim", "nDimension": "ndim", "nElement": "size", "numel": "size"}
_COMPARISONS = frozenset({"gt", "lt", "ge", "le", "eq", "ne"})
# methods whose receiver takes the result where they have that many tensors
_SOURCES = {"mm": 2, "mv": 2, "bmm": 2, "ger": 2, "cross": 2, "maskedSelect": 2, "index": 2, "gather": 2, "conv2": 2}
_INTO = words("sum mean cumsum cumprod norm std var tril triu prod histc diag repeatTensor nonzero inverse")
# functions of several results: how many, and of how many tensors
_SEVERAL = dict.fromkeys(words("sort max min topk kthvalue mode median eig symeig qr"), (2, 1)) | {
    "svd": (3, 1), "gesv": (2, 2), "gels": (2, 2)}  # fmt: skip
_MAKERS = frozenset({"zeros", "ones", "eye", "range", "rand", "randn", "linspace", "logspace", "randperm"})
_VIEWS = frozenset({"view", "viewAs", "expand", "expandAs"})
_NUMBERS = {"floor": "math.floor", "ceil": "math.ceil", "sqrt": "math.sqrt", "abs": "abs", "exp": "math.exp",
            "log": "math.log", "pow": "pow", "tanh": "math.tanh"}  # fmt: skip


def torch_name(name: str) -> str | None:
    """The function of torch7 for ``x:name(...)``: in place where there is one."""
    if name.endswith("_") or isinstance(getattr(torch7, name, None), type):
        return None
    plain, in_place = getattr(torch7, name, None), getattr(torch7, name + "_", None)
    if callable(in_place):
        return name if in_place is plain else name + "_"
    return name if callable(plain) else None


def takes_several(x: n.Expression) -> bool:
    """Whether it is ``torch.sort(...)`` or the like, which may write into its first arguments."""
    return isinstance(x, n.Call) and isinstance(x.f, n.Index) and getattr(x.f.key, "value", None) in _SEVERAL


class Tensors:
    """Part of the printer: ``x:f(...)`` and ``torch.f(...)``."""

    def torch(self, name: str, *arguments: n.Expression) -> Code:
        """A call of a function of torch7."""
        return Code(f"{self.package('torch')}.{name}({', '.join(str(self.value(a)) for a in arguments)})")

    def method_of_tensor(self, x: n.Method) -> Code:
        if x.name in ("size", "stride") and len(x.arguments) == 1:
            field = "shape" if x.name == "size" else ""
            if field and not self.negative(x.arguments[0]):
                return Code(f"{self.operand(x.of, ATOM)}.shape[{self.place(x.arguments[0])}]")
        if x.name == "size" and not x.arguments:
            return Code(f"{self.operand(x.of, ATOM)}.shape")
        if x.name in ("dim", "nDimension") and not x.arguments and self.known.may_be_empty(x.of):
            return self.torch("dim", x.of)
        if x.name in _SIZES and not x.arguments:
            return Code(f"{self.operand(x.of, ATOM)}.{_SIZES[x.name]}")
        if (code := self.into_several(x.name, [x.of, *x.arguments])) is not None:
            return code
        if x.name in RESIZING or self.resized(x):
            return self.resizing(x)
        return self.tensor_call(x)

    def resized(self, x: n.Method) -> bool:
        """Whether the receiver took another size here."""
        return "resized" in self.known.words(x.number)

    def tensor_call(self, x: n.Method) -> Code:
        name, tensors = torch_name(x.name), [a for a in x.arguments if self.kinds(a) == {"tensor"}]
        if name is None:
            return self.helper("call", self.value(x.of), quoted(x.name), *self.arguments(x.arguments))
        if self.into_receiver(x, len(tensors)):
            result = f"{self.package('torch')}.{x.name}({', '.join(self.arguments(x.arguments))})"
            if not self.known.reached(x):
                return self.helper("into", self.value(x.of), result, told=False)
            return Code(f"{self.package('torch')}.copy({self.value(x.of)}, {result})")
        arguments = [str(self.value(x.of)), *self.arguments(x.arguments, "element")]
        return Code(f"{self.package('torch')}.{name}({', '.join(arguments)})")

    def into_several(self, name: str, arguments: list[n.Expression]) -> Code | None:
        """``values:sort(places, x)`` and the like, whose first tensors take the results: a line before, then the first.

        None for other calls.
        """
        results, sources = _SEVERAL.get(name, (0, 0))
        takers = arguments[:results]
        tensors = [self.kinds(a) == {"tensor"} for a in arguments[: results + sources]]
        if not results or len(tensors) < results + sources or not all(tensors) or not self.may_hoist:
            return None
        if not all(isinstance(a, n.Name | n.Index) for a in takers) or None in (
            places := [*map(self.place_of, takers)]
        ):
            return None
        result = f"{self.package('torch')}.{name}({', '.join(self.arguments(arguments[results:]))})"
        values = f"({', '.join(str(self.value(a)) for a in takers)})"
        self.line(f"{', '.join(places)} = {self.helper('into', values, result, told=False)}")
        return self.value(takers[0])

    def into_receiver(self, x: n.Method, tensors: int) -> bool:
        if x.name in _COMPARISONS:
            return len(x.arguments) > 1
        first = bool(x.arguments) and self.kinds(x.arguments[0]) == {"tensor"}
        return (
            (tensors >= _SOURCES.get(x.name, 9) and first)
            or (x.name in _INTO and first)
            or (x.name in _MAKERS)
        )  # fmt: skip

    def resizing(self, x: n.Method) -> Code:
        """``x:resize(...)`` and destinations that take another size: a line ``x = ...`` before, then ``x``."""
        value = self.resized_value(x)
        of = x.of.x if isinstance(x.of, n.Paren) else x.of
        if not isinstance(of, n.Name | n.Index) or not self.may_hoist:
            return Code(value)
        if x.name == "set" and isinstance(of, n.Index) and not of.dot:
            return self.helper("reseat", self.value(of), value, told=False)
        if (field := self.field_behind(of)) is not None:
            value = f"{field} = {value}"
        elif isinstance(of, n.Name) and self.is_held_elsewhere(of):
            value = self.helper("reseat", self.value(of), value, told=False)
        self.line(self.assignment(of, None, value))
        return self.value(of)

    def is_held_elsewhere(self, x: n.Name) -> bool:
        """Whether a variable has its tensor from a caller, a field or a list."""
        v = x.variable
        return v is not None and (v.parameter or any(isinstance(value, n.Index) for value in v.values))

    def field_behind(self, x: n.Expression) -> str | None:
        """The field that a variable was made from, ``local h = self.output``: it takes the new array too."""
        v = x.variable if isinstance(x, n.Name) else None
        field = v.values[0] if v is not None and len(v.values) == 1 and not v.parameter else None
        if not isinstance(field, n.Index) or not field.dot or not isinstance(field.of, n.Name):
            return None
        owner = field.of.variable
        if owner is None or len(owner.values) != 1 or self.kinds(field.of) != {"object"}:
            return None
        return self.place_of(field)

    def resized_value(self, x: n.Method) -> str:
        arguments = self.arguments(x.arguments)
        if x.name == "set" and self.kinds(x.of):
            if len(arguments) == 1 and self.kinds(x.arguments[0]) == {"tensor"}:
                return arguments[0]
            return str(self.helper("view_of", self.value(x.of), *arguments, told=False))
        if not self.kinds(x.of):
            return str(self.helper("call", self.value(x.of), quoted(x.name), *arguments))
        if x.name in ("resize", "resizeAs"):
            return f"{self.package('torch')}.{x.name}({', '.join([str(self.value(x.of)), *arguments])})"
        first = bool(x.arguments) and self.kinds(x.arguments[0]) == {"tensor"}
        if x.name in _VIEWS and first:
            return f"{self.package('torch')}.{x.name}({', '.join(arguments)})"
        if x.name == "copy":
            return f"{self.package('torch')}.clone({arguments[0]})"
        result = f"{self.package('torch')}.{x.name}({', '.join(arguments)})"
        return str(self.helper("into", self.value(x.of), result, told=False))

    def tensor_field(self, x: n.Index) -> Code:
        if x.key.value == "new":
            return Code(f"{self.package('torch')}.new")
        return self.helper("index", self.value(x.of), self.value(x.key))

    # -- torch.f(...)

    def call_torch(self, name: str, x: n.Call) -> Code:
        arguments = x.arguments
        write = getattr(self, f"torch_{name}", None)
        if write is not None and (code := write(x)) is not None:
            return code
        if name.endswith("Storage") and name != "isStorage" and name != "LongStorage":
            kind = name.replace("Storage", "Tensor")
            made = f"{self.package('torch')}.{kind}({', '.join(self.arguments(arguments))})"
            return Code(f"{self.package('torch')}.Storage({made})")
        if name.endswith("Tensor") and arguments and self.kinds(arguments[0]) == {"storage"}:
            return self.helper("over_storage", *self.arguments(arguments), told=False)
        if name in _NUMBERS and arguments and self.kinds(arguments[0]) == {"number"}:
            if _NUMBERS[name].startswith("math."):
                self.imports.add("math")
            return Code(f"{_NUMBERS[name]}({', '.join(self.arguments(arguments))})")
        if (code := self.into_several(name, arguments)) is not None:
            return code
        if self.destination(name, arguments):
            into, rest = self.value(arguments[0]), ", ".join(self.arguments(arguments[1:]))
            result = f"{self.package('torch')}.{name}({rest})"
            if self.may_hoist and isinstance(arguments[0], n.Name | n.Index):
                self.line(self.assignment(arguments[0], None, str(self.helper("into", into, result, told=False))))
                return into
            return Code(f"{self.package('torch')}.copy({into}, {result})")
        if not hasattr(torch7, python_field(name)) and not name[:1].isupper():
            return Code(f"{self.runtime(name)}({', '.join(self.arguments(arguments))})")
        return Code(f"{self.package('torch')}.{python_field(name)}({', '.join(self.arguments(arguments))})")

    def destination(self, name: str, arguments: list[n.Expression]) -> bool:
        """Whether the first of the arguments takes the result."""
        tensors = [self.kinds(a) == {"tensor"} for a in arguments]
        if not tensors or not tensors[0]:
            return False
        if name in _MAKERS:
            return True
        count = sum(tensors)
        if name in _SOURCES:
            return count > (1 if name in ("index", "gather", "maskedSelect") else 2) and count > _SOURCES[name]
        return name in _INTO and len(tensors) > 1 and tensors[1]

    def torch_randperm(self, x: n.Call) -> Code | None:
        """Torch's is of the default type; as indices the whole numbers of torch7's do."""
        types = self.known.tensor_types(x)
        code = f"{self.package('torch')}.randperm({', '.join(self.arguments(x.arguments))})"
        if not types and x not in self.places_only:
            return Code(f"{self.package('torch')}.real({code})")
        if types and not types <= INTEGER_TENSORS and x not in self.places_only:
            return Code(f"{self.package('torch')}.{'float' if types == {'torch.FloatTensor'} else 'double'}({code})")
        return Code(code)

    def torch_class(self, x: n.Call) -> Code | None:
        return None

    def torch_pointer(self, x: n.Call) -> Code:
        if self.kinds(x.arguments[0]) == {"storage"}:
            return Code(f"{self.operand(x.arguments[0], ATOM)}.ctypes.data")
        return Code(f"{self.runtime('pointer')}({', '.join(self.arguments(x.arguments))})")
