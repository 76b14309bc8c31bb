"""Which values are whole numbers."""

from __future__ import annotations

from . import nodes as n
from .builtins import INTEGER_METHODS
from .scopes import Scope, Variable

INTEGER_TENSORS = frozenset(
    f"torch.{t}Tensor" for t in ("Long", "Int", "Short", "Char", "Byte", "CudaLong", "CudaInt", "CudaByte")
)


class WholeNumbers:
    """Part of :class:`Knowledge`."""

    def is_int(self, x: n.Expression | None) -> bool:
        """Whether the number here is certainly an int of Python."""
        if x is None:
            return True
        if x in self._busy:
            return True
        self._busy.add(x)
        try:
            return self._is_int(x)
        finally:
            self._busy.discard(x)

    def _is_int(self, x: n.Expression) -> bool:
        if isinstance(x, n.Constant):
            return type(x.value) is int
        if isinstance(x, n.Paren):
            return self.is_int(x.x)
        if isinstance(x, n.Unary):
            return x.op == "#" or self.is_int(x.x)
        if isinstance(x, n.Binary):
            if x.op == "or":
                return self.is_int(x.left) and self.is_int(x.right)
            return x.op in ("+", "-", "*", "%") and self.is_int(x.left) and self.is_int(x.right)
        if isinstance(x, n.Name):
            return x.variable is not None and self.int_variable(x.variable)
        if isinstance(x, n.Index):
            return self._int_item(x)
        if isinstance(x, n.Call):
            return self._int_call(x)
        if isinstance(x, n.Method):
            kinds = self.kinds(x.of)
            if kinds == {"string"}:
                return x.name in ("len", "byte")
            return (kinds == {"tensor"} and x.name in INTEGER_METHODS) or (
                kinds <= {"Table", "object"} and bool(kinds) and self._int_call(x)
            )
        return False

    def _int_item(self, x: n.Index) -> bool:
        if self.kinds(x.of) == {"tensor"}:
            return bool(self.tensor_types(x.of)) and self.tensor_types(x.of) <= INTEGER_TENSORS
        if self.kinds(x.of) == {"sizes"}:
            return True
        whole = self.words(x.number).keys() <= {"number:positive", "number:zero", "number:negative", "nil"} | {
            w for w in self.words(x.number) if w.startswith("key:")
        }
        if isinstance(x.key, n.Constant) and isinstance(x.key.value, str) and whole and self.reached(x):
            stores = self._stores.get(x.key.value, [])
            return all(self.is_int(v) for v in stores)
        return False

    def _int_call(self, x: n.Call | n.Method) -> bool:
        if isinstance(x, n.Call):
            text = self.text(x.f)
            if text in ("math.min", "math.max"):
                return all(self.is_int(a) for a in x.arguments)
            if text in ("math.floor", "math.ceil", "torch.random", "string.len", "string.byte"):
                return not (text == "torch.random" and len(x.arguments) > 2)
        own = self.own_functions(x.f) if isinstance(x, n.Call) else self.methods.get(x.name, [])
        scopes = [self.scope_of(number) for number in own]
        return bool(scopes) and all(
            s is not None and s.returns and all(len(r.values) == 1 and self.is_int(r.values[0]) for r in s.returns)
            for s in scopes
        )

    def scope_of(self, number: int) -> Scope | None:
        """The function of the program with this number."""
        node = self.by_number.get(number)
        return self.names.functions.get(node) if isinstance(node, n.Function) else None

    def int_variable(self, v: Variable) -> bool:
        """Whether a variable only ever holds ints."""
        if v in self._busy:
            return True
        self._busy.add(v)
        try:
            return self._int_variable(v)
        finally:
            self._busy.discard(v)

    def _int_variable(self, v: Variable) -> bool:
        if v.parameter:
            return self._int_parameter(v)
        if isinstance(v.loop, n.NumericFor) and v.loop.name is v.declared:
            return self.is_int(v.loop.first) and self.is_int(v.loop.step) and all(map(self.is_int, v.values[1:]))
        if isinstance(v.loop, n.GenericFor) and v.declared in v.loop.names:
            return self._int_key(v, v.loop)
        values = v.values
        return bool(values) and all(x is not None and self.is_int(x) for x in values)

    def _int_parameter(self, v: Variable) -> bool:
        function = v.function.node
        if v.declared not in function.parameters or not all(x is not None and self.is_int(x) for x in v.values[1:]):
            return False
        place = function.parameters.index(v.declared)
        calls = self._callers.get(function.number, [])
        return (
            bool(calls)
            and all(len(c.arguments) > place and self.is_int(c.arguments[place]) for c in calls)
            and self._only_called(function)
        )

    def _only_called(self, function: n.Function) -> bool:
        """Whether a function has a name of its own that is used for calls alone."""
        if function in self.in_tables:
            return True
        for scope in self.names.functions.values():
            for v in scope.variables:
                if function in v.values:
                    called = {x.f for x in self.nodes if isinstance(x, n.Call)}
                    return all(name in called for name, _ in v.uses)
        return False

    def _int_key(self, v: Variable, loop: n.GenericFor) -> bool:
        call = loop.values[0]
        first = loop.names[0] is v.declared
        if not (first and isinstance(call, n.Call) and call.arguments):
            return False
        f = self.text(call.f)
        return f == "ipairs" or (f == "pairs" and self.kinds(call.arguments[0]) == {"list"})
