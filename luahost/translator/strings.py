"""Strings: methods and functions that Python has itself, the others from the run-time library."""

from __future__ import annotations

import re

from . import nodes as n
from .code import ADD, ATOM, MULTIPLY, TERNARY, Code, ascii_literal, literal, offset, wrapped
from .knowledge import SCALARS

_DIRECTIVE = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?([a-zA-Z%])")


class Strings:
    """Part of the printer."""

    def method_of_string(self, x: n.Method) -> Code:
        return self.string_call(x.name, [x.of, *x.arguments], x)

    def string_call(self, name: str, arguments: list[n.Expression], x: n.Expression) -> Code:
        write = getattr(self, f"text_{name}", None)
        code = write(arguments) if write is not None else None
        if code is not None:
            return code
        return Code(f"{self.runtime('string')}.{name}({', '.join(self.arguments(arguments, 'replaced'))})")

    def string_format(self, x: n.Call) -> Code:
        return self.string_call("format", x.arguments, x)

    def __getattr__(self, name: str) -> object:
        """``string_rep`` and its like: ``string.rep(s, n)`` as ``s:rep(n)``."""
        if name.startswith("string_") and hasattr(type(self), f"text_{name[7:]}"):
            return lambda x: self.string_call(name[7:], x.arguments, x)
        raise AttributeError(name)

    def text_upper(self, a: list) -> Code | None:
        return None if self.project.octets else Code(f"{self.operand(a[0], ATOM)}.upper()")

    def text_lower(self, a: list) -> Code | None:
        return None if self.project.octets else Code(f"{self.operand(a[0], ATOM)}.lower()")

    def text_len(self, a: list) -> Code:
        return Code(f"len({self.value(a[0])})")

    def text_reverse(self, a: list) -> Code:
        return Code(f"{self.operand(a[0], ATOM)}[::-1]")

    def text_rep(self, a: list) -> Code | None:
        if len(a) != 2 or not self.known.is_int(a[1]):
            return None
        return Code(f"{self.operand(a[0], MULTIPLY)} * {self.operand(a[1], MULTIPLY + 1)}", MULTIPLY)

    def text_char(self, a: list) -> Code | None:
        if any(isinstance(x, n.Call | n.Method | n.Vararg) or not self.known.is_int(x) for x in a) or not a:
            return None
        return Code(" + ".join(f"chr({self.value(x)})" for x in a), ADD if len(a) > 1 else ATOM)

    def text_byte(self, a: list) -> Code | None:
        if len(a) > 2 or (len(a) == 2 and self.negative(a[1])) or (len(a) == 2 and not self.known.is_int(a[1])):
            return None
        place = self.place(a[1]) if len(a) == 2 else "0"
        return Code(f"ord({self.operand(a[0], ATOM)}[{place}])")

    def text_sub(self, a: list) -> Code | None:
        if any(not self.known.is_int(x) or (self.negative(x) and not isinstance(x, n.Unary)) for x in a[1:]):
            return None
        of, first = self.operand(a[0], ATOM), a[1]
        start = str(self.value(first)) if isinstance(first, n.Unary) else str(self.place(first))
        start = "0" if start == "-1" and isinstance(first, n.Constant) else start
        if len(a) == 2:
            return Code(f"{of}[{start}:]")
        last = a[2]
        if isinstance(last, n.Unary):
            end = "" if self.value(last) == "-1" else str(offset(self.value(last), 1))
        else:
            end = str(self.value(last))
        if self.known.text(first) == self.known.text(last) and not isinstance(first, n.Constant | n.Unary):
            end = str(offset(Code(start, ADD if " " in start else ATOM), 1))
        return Code(f"{of}[{'' if start == '0' else start}:{end}]")

    def text_format(self, a: list) -> Code | None:
        """``string.format`` as ``%`` where Python's directives give the same text."""
        form = a[0].x if isinstance(a[0], n.Paren) else a[0]
        if not isinstance(form, n.Constant):
            return None
        found = [d for d in _DIRECTIVE.findall(str(form.value)) if d != "%"]
        if len(found) != len(a) - 1 or not all(map(self.fits_directive, found, a[1:])):
            return None
        codes = [str(self.value(x)) for x in a[1:]]
        if not codes:
            return Code(f"{self.value(form)} % ()", MULTIPLY)
        tail = (
            codes[0]
            if len(codes) == 1 and _simple(codes[0])
            else f"({', '.join(codes)}{',' if len(codes) == 1 else ''})"
        )
        return Code(f"{self.value(form)} % {tail}", MULTIPLY)

    def fits_directive(self, directive: str, x: n.Expression) -> bool:
        kinds = self.kinds(x)
        if isinstance(x, n.Vararg):
            return False
        if directive in "dieEfgGc":
            return kinds == {"number"} and not self.known.words(x.number).keys() & {"number:nan", "number:inf"}
        return directive == "s" and (kinds == {"string"} or (kinds == {"number"} and self.known.is_int(x)))

    def concat(self, x: n.Binary) -> Code:
        """``a .. b .. c`` as an f-string."""
        parts = self.concat_parts(x)
        kinds = [self.kinds(p) for p in parts]
        refused = any(self.known.words(p.number).keys() & {"nil", "boolean"} for p in parts)
        if refused or any(not k or (k & {"Table", "object"} and not k & SCALARS) for k in kinds):
            return self.helper("concat", *[self.value(p) for p in parts], told=not all(kinds))
        if all(isinstance(p, n.Constant) and isinstance(p.value, str) for p in parts):
            return self.text("".join(p.value for p in parts))
        pieces = [self.piece(p) for p in parts]
        braces = [p for p in pieces if p.startswith("{")]
        quote = '"' if not any('"' in p for p in pieces) else "'" if not any("'" in p for p in pieces) else ""
        if quote and not any("\\" in p for p in braces) and "\n" not in "".join(pieces):
            return Code(f"f{quote}{''.join(pieces)}{quote}")
        return Code(" + ".join(self.summand(p) for p in parts), ADD)

    def concat_parts(self, x: n.Expression) -> list[n.Expression]:
        if isinstance(x, n.Binary) and x.op == "..":
            return self.concat_parts(x.left) + self.concat_parts(x.right)
        return [x]

    def piece(self, x: n.Expression) -> str:
        if isinstance(x, n.Constant) and isinstance(x.value, str):
            text = ascii_literal(x.value) if self.project.octets else literal(x.value)
            return text[1:-1].replace("{", "{{").replace("}", "}}")
        return "{" + self.shown(x) + "}"

    def shown(self, x: n.Expression) -> str:
        """An expression in an f-string."""
        kinds, code = self.kinds(x), self.value(x)
        code = wrapped(code, TERNARY + 1)
        if kinds == {"string"} or (kinds == {"number"} and self.known.is_int(x)):
            return code
        if kinds == {"number"}:
            return f"{code}:.14g"
        return self.runtime("tostring") + f"({code})"

    def summand(self, x: n.Expression) -> str:
        if self.kinds(x) == {"string"}:
            return self.operand(x, ADD)
        return f"{self.runtime('tostring')}({self.value(x)})"

    def call_tostring(self, x: n.Call) -> Code:
        kinds = self.kinds(x.arguments[0])
        if kinds == {"string"}:
            return self.value(x.arguments[0])
        if kinds == {"number"} and self.known.is_int(x.arguments[0]) and self.known.reached(x.arguments[0]):
            return Code(f"str({self.value(x.arguments[0])})")
        return Code(f"{self.runtime('tostring')}({self.value(x.arguments[0])})")

    def table_concat(self, x: n.Call) -> Code:
        t, rest = x.arguments[0], x.arguments[1:]
        if self.kinds(t) == {"list"} and len(rest) < 2 and self.only_strings(t):
            separator = self.operand(rest[0], ATOM) if rest else '""'
            return Code(f"{separator}.join({self.value(t)})")
        return Code(f"{self.runtime('table')}.concat({', '.join(self.arguments(x.arguments))})")

    def only_strings(self, t: n.Expression) -> bool:
        """Whether all that the program puts into a list is text."""
        if not isinstance(t, n.Name) or t.variable is None:
            return False
        stored = [v for v in t.variable.values if v is not None]
        if not stored or not all(isinstance(v, n.Table) for v in stored):
            return False
        values = [v for table in stored for _, v in table.items]
        for x in self.known.nodes:
            if isinstance(x, n.Assign):
                for i, target in enumerate(x.targets):
                    if isinstance(target, n.Index) and self.known.text(target.of) == t.id:
                        values.append(x.values[i] if len(x.values) == len(x.targets) else n.Vararg())
            if (
                isinstance(x, n.Call)
                and self.known.text(x.f) == "table.insert"
                and self.known.text(x.arguments[0]) == t.id
            ):
                values.append(x.arguments[-1])
        return all(self.kinds(v) == {"string"} for v in values)


def _simple(code: str) -> bool:
    return re.fullmatch(r"[\w.]+(\[[^\]]*\])?", code) is not None
