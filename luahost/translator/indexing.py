"""``t[k]`` and ``t[k] = v`` of tensors, lists, dicts, Tables and objects."""

from __future__ import annotations

from . import nodes as n
from .builtins import KEYWORDS, python_field
from .code import ATOM, TERNARY, Code, offset, quoted, wrapped

_INEXACT = frozenset(
    f"torch.{name}Tensor" for name in ("Float", "Half", "Byte", "Char", "Short", "Int", "Cuda", "CudaHalf", "CudaByte")
)


class Indexing:
    """Part of the printer: places in tables and tensors."""

    def write_index(self, x: n.Index) -> Code:
        kinds = self.kinds(x.of) - {"nil"}
        made = "()" if self.known.text(x.of).startswith("torch.") else ""
        if x.dot and x.key.value == "__typename" and (made or kinds == {"object"}):
            return Code(f"{self.package('torch')}.typename({self.value(x.of)}{made})")
        if len(kinds) == 1:
            (kind,) = kinds
            write = getattr(self, f"item_of_{kind}", None)
            if write is not None:
                return write(x)
        return self.helper("index", self.value(x.of), self.value(x.key), told=bool(self.known.reached(x)) or not kinds)

    # -- tables

    def item_of_list(self, x: n.Index) -> Code:
        if self.kinds(x.key) - {"number"}:
            return self.helper("index", self.value(x.of), self.value(x.key))
        if x.of is not None and isinstance(x.of, n.Name) and x.of.id == "arg" and getattr(x.key, "value", None) == 0:
            return Code("__file__")
        if isinstance(x.key, n.Unary) and x.key.op == "#" and self.known.text(x.key.x) == self.known.text(x.of):
            return Code(f"{self.operand(x.of, ATOM)}[-1]")
        seen = self.known.reached(x)
        if ("nil" in self.kinds(x) and seen) or (not seen and not self.is_loop_place(x.key)):
            return self.helper("index", self.value(x.of), self.value(x.key), told=False)
        return Code(f"{self.operand(x.of, ATOM)}[{self.place(x.key)}]")

    def is_loop_place(self, key: n.Expression) -> bool:
        """Whether a place is the variable of a numeric ``for``, which runs over places that are there."""
        v = key.variable if isinstance(key, n.Name) else None
        return v is not None and isinstance(v.loop, n.NumericFor) and v.declared is v.loop.name

    def item_of_sizes(self, x: n.Index) -> Code:
        return Code(f"{self.operand(x.of, ATOM)}[{self.place(x.key)}]")

    def place(self, key: n.Expression) -> Code:
        """An index from 1 as one from 0."""
        code = self.value(key)
        return offset(code if self.known.is_int(key) else Code(f"int({code})"), -1)

    def item_of_dict(self, x: n.Index) -> Code:
        of, key = self.operand(x.of, ATOM), self.key(x.key)
        if self.may_be_absent(x):
            return Code(f"{of}.get({key})")
        return Code(f"{of}[{key}]")

    def key(self, key: n.Expression) -> Code:
        return self.value(key)

    def may_be_absent(self, x: n.Index) -> bool:
        """Whether nil was read here, or the value is asked for being nil, or no run came here."""
        return "nil" in self.kinds(x) or x in self.tested or not self.known.reached(x)

    def item_of_Table(self, x: n.Index) -> Code:
        of = self.operand(x.of, ATOM)
        if x.dot and x.key.value.isidentifier() and x.key.value not in KEYWORDS and not self.raw_function(x):
            return Code(f"{of}.{x.key.value}")
        return Code(f"{of}[{self.value(x.key)}]")

    def raw_function(self, x: n.Index) -> bool:
        """Whether a function is taken out of a Table as it is, without its ``self``."""
        return "function" in self.kinds(x)

    def item_of_object(self, x: n.Index) -> Code:
        of = self.operand(x.of, ATOM)
        if not (isinstance(x.key, n.Constant) and isinstance(x.key.value, str)):
            return self.helper("index", of, self.value(x.key), told=False)
        name = python_field(x.key.value)
        parent = self.known.parents.get(x)
        called = isinstance(parent, n.Call) and parent.f is x
        if not called and self.kinds(x) == {"function"} and "function:python" in self.known.words(x.number):
            return self.helper("method", of, quoted(name), told=False)
        if (self.known.reached(x) and "nil" in self.kinds(x)) or (not self.known.reached(x) and x in self.tested):
            return Code(f"getattr({of}, {quoted(name)}, None)")
        return Code(f"{of}.{name}")

    item_of_class = item_of_object

    def item_of_package(self, x: n.Index) -> Code:
        if not x.dot:
            return Code(f"getattr({self.value(x.of)}, {self.value(x.key)})")
        return self.member(self.known.text(x.of), x.key.value, x)

    def item_of_string(self, x: n.Index) -> Code:
        return self.helper("index", self.value(x.of), self.value(x.key))

    item_of_file = item_of_string

    def item_of_storage(self, x: n.Index) -> Code:
        return Code(f"{self.operand(x.of, ATOM)}[{self.place(x.key)}]")

    def item_or(self, x: n.Expression, otherwise: n.Expression) -> Code | None:
        """``t.k or default``."""
        if isinstance(x, n.Call) and self.library_function(x) == "select" and "boolean" not in self.kinds(x):
            return self.selected(x, self.value(otherwise)) if isinstance(otherwise, n.Constant) else None
        if not isinstance(x, n.Index) or "boolean" in self.kinds(x):
            return None
        kinds = self.kinds(x.of)
        simple = not any(isinstance(y, n.Call | n.Method | n.Table | n.Function) for y in n.walk(otherwise))
        if kinds == {"dict"} and simple:
            return Code(f"{self.operand(x.of, ATOM)}.get({self.value(x.key)}, {self.value(otherwise)})")
        if kinds == {"list"} and simple:
            return self.helper("index", self.value(x.of), self.value(x.key), self.value(otherwise), told=False)
        return None

    # -- tensors

    def item_of_tensor(self, x: n.Index) -> Code:
        if x.dot:
            return self.tensor_field(x)
        if self.kinds(x.key) == {"string"}:
            return self.helper("index", self.value(x.of), self.value(x.key), told=False)
        path = self.element_path(x)
        if path is None or self.kinds(x.key) & {"tensor"}:
            return self.torch("maskedSelect" if self.kinds(x.key) == {"tensor"} else "at", x.of, x.key)
        base, places = path
        code = Code(f"{self.operand(base, ATOM)}[{', '.join(places)}]")
        types = self.known.tensor_types(x.of)
        if "number" in self.kinds(x) and (not types or types & _INEXACT):
            return Code(f"{code}.item()")
        return code

    def tensor_field(self, x: n.Index) -> Code:
        """``x.new``."""
        return self.helper("index", self.value(x.of), self.value(x.key))

    def element_path(self, x: n.Index) -> tuple[n.Expression, list[str]] | None:
        """``x[i][{j, {}}]`` as the base and its places from 0; None where NumPy has no such form."""
        places = self.places(x.key, self.known.dimensions(x.of))
        if places is None:
            return None
        inner = x.of.x if isinstance(x.of, n.Paren) else x.of
        if isinstance(inner, n.Index) and self.is_row(inner):
            above = self.element_path(inner)
            if above is not None and not any(":" in p for p in above[1]):
                return above[0], above[1] + places
        return x.of, places

    def is_row(self, x: n.Index) -> bool:
        """Whether a tensor is taken out of another by a number."""
        plain = not x.dot and isinstance(x.key, n.Constant | n.Name | n.Binary) and "number" in self.kinds(x.key)
        return plain and self.kinds(x.of) == {"tensor"} and self.kinds(x) == {"tensor"}

    def places(self, key: n.Expression, dims: int | None) -> list[str] | None:
        if not isinstance(key, n.Table):
            if self.kinds(key) != {"number"} or self.negative(key):
                return None
            return [self.place(key)]
        if dims is not None and len(key.items) > dims:
            return None
        found = []
        for name, item in key.items:
            place = (
                None if name is not None else self.slice(item) if isinstance(item, n.Table) else self.one_place(item)
            )
            if place is None:
                return None
            found.append(place)
        return found or None

    def one_place(self, item: n.Expression) -> str | None:
        if isinstance(item, n.Unary) and item.op == "-" and isinstance(item.x, n.Constant):
            return str(self.value(item))
        return self.place(item) if self.kinds(item) == {"number"} and not self.negative(item) else None

    def slice(self, item: n.Table) -> str | None:
        """``{}``, ``{i}`` and ``{first, last}`` as a slice."""
        values = [v for k, v in item.items if k is None]
        if len(values) != len(item.items) or len(values) > 2 or any(self.kinds(v) != {"number"} for v in values):
            return None
        if not values:
            return ":"
        first, last = values[0], values[-1]
        if self.negative(first) or (self.negative(last) and not _minus_one(last)):
            return self.slice_from_end(first, last)
        start = self.place(first)
        if len(values) == 1:
            return f"{start}:{offset(start, 1)}"
        end = "" if _minus_one(last) else self.whole(last)
        return f"{'' if start == '0' else start}:{end}"

    def slice_from_end(self, first: n.Expression, last: n.Expression) -> str | None:
        if isinstance(first, n.Unary) and isinstance(first.x, n.Constant) and _minus_one(last):
            return f"-{first.x.value}:"
        return None

    def whole(self, x: n.Expression) -> str:
        code = self.value(x)
        return str(code) if self.known.is_int(x) else f"int({code})"

    def negative(self, x: n.Expression) -> bool:
        """Whether an index counts from the end."""
        if isinstance(x, n.Constant):
            return False
        return bool(self.known.words(x.number).keys() & {"number:negative", "number:zero"}) or isinstance(x, n.Unary)

    # -- assignment

    def assign_item(self, target: n.Index, value: n.Expression | None, code: str) -> str:
        """The statement ``target = code``; ``value`` is the expression behind it where it is one."""
        kinds = self.kinds(target.of) - {"nil"}
        nil = value is not None and self.kinds(value) == {"nil"}
        if len(kinds) == 1:
            (kind,) = kinds
            write = getattr(self, f"set_{kind}", None)
            if write is not None and (statement := write(target, code, nil, value)) is not None:
                return statement
        return str(self.helper("setindex", self.value(target.of), self.value(target.key), code, told=not kinds))

    def set_list(self, t: n.Index, code: str, nil: bool, value: n.Expression | None) -> str | None:
        of = self.operand(t.of, ATOM)
        words = {w for w in self.known.words(t.number) if w.startswith("key:")}
        if self.next_place(t) or words == {"key:next"}:
            return f"{of}.append({code})"
        if nil or words != {"key:inside"}:
            return str(self.helper("setindex", of, self.value(t.key), code, told=False))
        return f"{of}[{self.place(t.key)}] = {code}"

    def next_place(self, t: n.Index) -> bool:
        """``t[#t + 1]``."""
        k = t.key
        return (
            isinstance(k, n.Binary) and k.op == "+" and isinstance(k.right, n.Constant) and k.right.value == 1
            and isinstance(k.left, n.Unary) and k.left.op == "#" and self.known.text(k.left.x) == self.known.text(t.of)
        )  # fmt: skip

    def set_dict(self, t: n.Index, code: str, nil: bool, value: n.Expression | None) -> str | None:
        of, key = self.operand(t.of, ATOM), self.key(t.key)
        if nil:
            return f"{of}.pop({key}, None)"
        if value is not None and "nil" in self.kinds(value):
            return str(self.helper("setindex", of, key, code, told=False))
        return f"{of}[{key}] = {code}"

    def set_Table(self, t: n.Index, code: str, nil: bool, value: n.Expression | None) -> str | None:
        of = self.operand(t.of, ATOM)
        if t.dot and t.key.value not in KEYWORDS:
            return f"{of}.{t.key.value} = {code}"
        return f"{of}[{self.value(t.key)}] = {code}"

    def set_object(self, t: n.Index, code: str, nil: bool, value: n.Expression | None) -> str | None:
        if not (isinstance(t.key, n.Constant) and isinstance(t.key.value, str)):
            return None
        return f"{self.operand(t.of, ATOM)}.{python_field(t.key.value)} = {code}"

    set_class = set_object

    def set_package(self, t: n.Index, code: str, nil: bool, value: n.Expression | None) -> str | None:
        return f"{self.value(t.of)}.{t.key.value} = {code}" if t.dot else None

    def set_tensor(self, t: n.Index, code: str, nil: bool, value: n.Expression | None) -> str | None:
        if self.kinds(t.key) == {"tensor"}:
            name = "maskedCopy_" if value is not None and self.kinds(value) == {"tensor"} else "maskedFill_"
            return f"{self.package('torch')}.{name}({self.value(t.of)}, {self.value(t.key)}, {code})"
        path = self.element_path(t)
        if path is None:
            if isinstance(t.key, n.Table) and self.known.reached(t.key):
                return f"{self.torch('at', t.of, t.key)}[...] = {code}"
            return None
        base, places = path
        part = f"{self.operand(base, ATOM)}[{', '.join(places)}]"
        if value is None or self.kinds(value) == {"number"} or self.fits(t, value, places):
            return f"{part} = {code}"
        if self.kinds(value) == {"tensor"}:
            return f"{self.package('torch')}.copy({part}, {code})"
        return None

    def fits(self, t: n.Index, value: n.Expression, places: list[str]) -> bool:
        """Whether an assigned tensor has as many dimensions as the part it goes to."""
        dims, base = self.known.dimensions(value), self.known.dimensions(t.of) or self.target_dimensions(t)
        own = self.places(t.key, base) or []
        return None not in (dims, base) and dims == base - sum(":" not in p for p in own)

    def target_dimensions(self, t: n.Index) -> int | None:
        found = {int(w.split(":")[2]) for w in self.known.words(f"o{t.number}") if w.startswith("tensor:")}
        return found.pop() if len(found) == 1 else None


def _minus_one(x: n.Expression) -> bool:
    return isinstance(x, n.Unary) and x.op == "-" and isinstance(x.x, n.Constant) and x.x.value == 1


def conditional(code: str) -> Code:
    """A piece that needs parentheses in most places."""
    return Code(code, TERNARY) if " if " in code else Code(wrapped(code, ATOM))
