"""Operators: arithmetic of numbers and tensors, ``..``, comparisons, and/or/not by Lua's truth."""

from __future__ import annotations

from . import nodes as n
from .code import (
    ADD,
    AND,
    ATOM,
    COMPARE,
    MULTIPLY,
    NOT,
    OR,
    POWER,
    TERNARY,
    UNARY,
    Code,
    quoted,
    wrapped,
)
from .knowledge import SCALARS

_RANKS = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY, "^": POWER}
_TENSORS = {"+": "add", "-": "csub", "/": "div", "*": "mul", "%": "remainder", "^": "pow"}
_FLIPPED = {"==": "!=", "~=": "=="}
# kinds whose every value is true in Python as it is in Lua
_TRUE = frozenset({"object", "function", "class", "package", "file", "Table", "thread"})
_DOUBLES = frozenset({"torch.DoubleTensor"})


class Operators:
    """Part of the printer: what stands between operands."""

    def write_binary(self, x: n.Binary) -> Code:
        if x.op in ("and", "or"):
            return self.logic(x)
        if x.op == "..":
            return self.concat(x)
        if x.op in ("==", "~="):
            return self.equality(x.left, x.right, x.op == "~=")
        if x.op in ("<", ">", "<=", ">="):
            left, right = self.operand(x.left, COMPARE + 1), self.operand(x.right, COMPARE + 1)
            return Code(f"{left} {x.op} {right}", COMPARE)
        return self.arithmetic(x)

    def operand(self, x: n.Expression, rank: int) -> str:
        return wrapped(self.value(x), rank)

    # -- arithmetic

    def arithmetic(self, x: n.Binary) -> Code:
        left, right = self.kinds(x.left), self.kinds(x.right)
        if constant := _infinite(x):
            self.imports.add("math")
            return Code(constant, UNARY if constant.startswith("-") else ATOM)
        if "tensor" in left | right:
            return self.tensor_arithmetic(x, left, right)
        if "string" in left | right or (not left and not right):
            told = not (left and right)
            return self.helper("arithmetic", quoted(x.op), self.value(x.left), self.value(x.right), told=told)
        words = self.known.words(x.number).keys()
        if x.op in "/%" and not isinstance(x.right, n.Constant) and words & {"number:inf", "number:nan"}:
            return self.helper(
                "divide" if x.op == "/" else "modulo", self.value(x.left), self.value(x.right), told=False
            )
        return self.infix(x)

    def infix(self, x: n.Binary) -> Code:
        rank = _RANKS[x.op]
        op = "**" if x.op == "^" else x.op
        if x.op == "^":
            return Code(f"{self.operand(x.left, ATOM)} ** {self.operand(x.right, UNARY)}", POWER)
        return Code(f"{self.operand(x.left, rank)} {op} {self.operand(x.right, rank + 1)}", rank)

    def tensor_arithmetic(self, x: n.Binary, left: frozenset, right: frozenset) -> Code:
        """NumPy's operators where they give what Torch's gave, else the function of torch7."""
        if left == right == {"tensor"}:
            if x.op == "*":
                dims = self.known.dimensions(x.left), self.known.dimensions(x.right)
                name = {(1, 1): "dot", (2, 1): "mv"}.get(dims, "mm" if None not in dims else "")
                return self.torch(name, x.left, x.right) if name else self.helper("arithmetic", "'*'", x.left, x.right)
            if x.op in "+-" and self.same_sizes(x.left, x.right) and self.floating(x.left, x.right):
                return self.infix(x)
            return self.torch("cdiv" if x.op == "/" else _TENSORS[x.op], x.left, x.right)
        if left and right and left | right <= {"tensor", "number"}:
            tensor, number = (x.left, x.right) if left == {"tensor"} else (x.right, x.left)
            if x.op in "+-*/" and self.floating(tensor) and (self.doubles(tensor) or self.plain_number(number)):
                return self.infix(x)
            if tensor is x.left:
                return self.torch(_TENSORS[x.op], x.left, x.right)
        return self.helper("arithmetic", quoted(x.op), self.value(x.left), self.value(x.right))

    def same_sizes(self, left: n.Expression, right: n.Expression) -> bool:
        """Whether both have as many dimensions; sizes that differ were an error unless the elements are as many."""
        return self.known.dimensions(left) == self.known.dimensions(right) is not None

    def floating(self, *tensors: n.Expression) -> bool:
        types = [self.known.tensor_types(t) or {self.default_type(t)} for t in tensors]
        return all(t == types[0] and t <= {"torch.DoubleTensor", "torch.FloatTensor"} and len(t) == 1 for t in types)

    def doubles(self, tensor: n.Expression) -> bool:
        return self.known.tensor_types(tensor) == _DOUBLES

    def default_type(self, tensor: n.Expression) -> str:
        return ""

    def plain_number(self, x: n.Expression) -> bool:
        """Whether a number is Python's own, not an element of an array."""
        if isinstance(x, n.Constant) or self.known.is_int(x):
            return True
        if isinstance(x, n.Unary | n.Paren):
            return self.plain_number(x.x)
        if isinstance(x, n.Binary) and x.op in _RANKS:
            return self.plain_number(x.left) and self.plain_number(x.right)
        if isinstance(x, n.Index):
            return self.kinds(x.of) in ({"dict"}, {"Table"}, {"object"})
        return isinstance(x, n.Call | n.Method)

    def write_unary(self, x: n.Unary) -> Code:
        if x.op == "not":
            return self.truth(x.x, True)
        if x.op == "#":
            return self.length(x.x)
        if isinstance(x.x, n.Constant) and isinstance(x.x.value, int | float):
            return Code(f"-{self.value(x.x)}", UNARY)
        return Code(f"-{self.operand(x.x, UNARY)}", UNARY)

    def length(self, x: n.Expression) -> Code:
        kinds = self.kinds(x) - {"nil"}
        if kinds == {"tensor"}:
            return Code(f"{self.operand(x, ATOM)}.shape")
        if kinds and kinds <= {"list", "Table", "string", "sizes", "storage", "object"}:
            return Code(f"len({self.value(x)})")
        return self.helper("length", self.value(x), told=kinds != {"dict"})

    # -- comparison and truth

    def equality(self, a: n.Expression, b: n.Expression, negated: bool) -> Code:
        if isinstance(a, n.Constant) and not isinstance(b, n.Constant):
            a, b = b, a
        if isinstance(b, n.Constant) and (b.value is None or isinstance(b.value, bool)):
            self.tested.add(a)
            if b.value is None and (within := self.membership(a, negated)):
                return within
            return Code(f"{self.operand(a, COMPARE + 1)} {'is not' if negated else 'is'} {b.value}", COMPARE)
        left, right = self.kinds(a) - {"nil"}, self.kinds(b) - {"nil"}
        op = ("!=" if negated else "==") if (left | right) <= SCALARS | {"Table", "sizes"} else None
        if left == right == {"object"} and self.compares_objects:
            op = "!=" if negated else "=="
        elif op is None and not (left | right) & SCALARS:
            op = "is not" if negated else "is"
        if op is None or (not left and not right) or left == right == {"storage"}:
            code = self.helper("equal", self.value(a), self.value(b), told=not (left and right))
            return Code(f"not {code}", NOT) if negated else code
        return Code(f"{self.operand(a, COMPARE + 1)} {op} {self.operand(b, COMPARE + 1)}", COMPARE)

    def truth(self, x: n.Expression, negated: bool = False) -> Code:
        """An expression as a condition."""
        if isinstance(x, n.Paren):
            return self.truth(x.x, negated)
        if isinstance(x, n.Unary) and x.op == "not":
            return self.truth(x.x, not negated)
        if isinstance(x, n.Binary) and x.op in ("and", "or"):
            return self.truth_of_logic(x, negated)
        if isinstance(x, n.Binary) and x.op in _FLIPPED:
            return self.equality(x.left, x.right, (x.op == "~=") != negated)
        if isinstance(x, n.Constant):
            return Code(str((x.value is not None and x.value is not False) != negated))
        return self.truth_of_value(x, negated)

    def truth_of_logic(self, x: n.Binary, negated: bool) -> Code:
        if negated:
            return Code(f"not ({self.truth(x)})", NOT)
        rank = OR if x.op == "or" else AND
        return Code(f"{wrapped(self.truth(x.left), rank)} {x.op} {wrapped(self.truth(x.right), rank)}", rank)

    def truth_of_value(self, x: n.Expression, negated: bool) -> Code:
        kinds = self.kinds(x)
        self.tested.add(x)
        if kinds - {"nil"} and "boolean" not in kinds:
            if within := self.membership(x, not negated):
                return within
            return Code(f"{self.operand(x, COMPARE + 1)} {'is' if negated else 'is not'} None", COMPARE)
        if kinds and kinds != {"nil"} and (kinds <= {"boolean", "nil"} or kinds - {"boolean", "nil"} <= _TRUE):
            code = self.value(x)
        else:
            code = self.helper("truth", self.value(x), told=not kinds)
        return Code(f"not {wrapped(code, NOT)}", NOT) if negated else code

    def membership(self, x: n.Expression, inside: bool) -> Code | None:
        """``t.k ~= nil`` of a dict as ``'k' in t``."""
        if isinstance(x, n.Index) and self.kinds(x.of) == {"dict"}:
            key, of = self.operand(x.key, COMPARE + 1), self.operand(x.of, COMPARE + 1)
            return Code(f"{key} {'in' if inside else 'not in'} {of}", COMPARE)
        return None

    def logic(self, x: n.Binary) -> Code:
        """``and`` and ``or`` where their value is asked."""
        if x.op == "or":
            return self.value_of_or(x)
        kinds = self.kinds(x.left)
        if (kinds and kinds <= {"boolean"}) or self.as_condition(x):
            return Code(f"{wrapped(self.truth(x.left), AND)} and {self.operand(x.right, AND)}", AND)
        if kinds and "boolean" not in kinds:
            return Code(f"{self.operand(x.right, OR)} if {wrapped(self.truth(x.left), OR)} else None", TERNARY)
        if kinds and kinds <= {"boolean", "nil"} | _TRUE:
            return Code(f"{self.operand(x.left, AND)} and {self.operand(x.right, AND)}", AND)
        left = self.kept(x.left)
        return Code(f"{self.operand(x.right, OR)} if {self.truth_helper()}({left[0]}) else {left[1]}", TERNARY)

    def truth_helper(self) -> str:
        self.imports.add("lua")
        return "lua.truth"

    def as_condition(self, x: n.Binary) -> bool:
        """Whether all of an expression is comparisons and booleans."""
        if isinstance(x, n.Binary) and x.op in ("and", "or"):
            return self.as_condition(x.left) and self.as_condition(x.right)
        return self.kinds(x) == {"boolean"}

    def value_of_or(self, x: n.Binary) -> Code:
        left = x.left.x if isinstance(x.left, n.Paren) else x.left
        if isinstance(left, n.Binary) and left.op == "or":  # from the right it is the same, and reads better
            return self.value_of_or(n.Binary("or", left.left, n.Binary("or", left.right, x.right, number=x.number)))
        self.tested.add(left)
        if isinstance(left, n.Binary) and left.op == "and":
            return self.choice(left, x.right)
        kinds, right = self.kinds(left), x.right
        if kinds and (kinds <= {"boolean", "nil"} or kinds - {"boolean", "nil"} <= _TRUE):
            return Code(f"{self.operand(left, OR)} or {self.operand(right, OR)}", OR)
        if (got := self.item_or(left, right)) is not None:
            return got
        first, again = self.kept(left)
        if kinds and "boolean" not in kinds:
            if first == again:
                return Code(f"{wrapped(self.value(right), OR)} if {first} is None else {again}", TERNARY)
            kept = wrapped(again, OR)
            return Code(f"{kept} if {first} is not None else {wrapped(self.value(right), TERNARY)}", TERNARY)
        return Code(
            f"{wrapped(again, OR)} if {self.truth_helper()}({first}) else {wrapped(self.value(right), TERNARY)}",
            TERNARY,
        )

    def choice(self, x: n.Binary, otherwise: n.Expression) -> Code:
        """``a and b or c``."""
        kinds = self.kinds(x.right)
        sure = kinds and not kinds & {"nil", "boolean"}
        if not sure and self.as_condition(x) and self.kinds(otherwise) == {"boolean"}:
            return Code(f"{wrapped(self.truth(x), OR)} or {self.operand(otherwise, OR)}", OR)
        test = self.truth(x.left) if sure or _certain(x.right) else self.truth(x)
        last = wrapped(self.value(otherwise), TERNARY)
        return Code(f"{self.operand(x.right, OR)} if {wrapped(test, OR)} else {last}", TERNARY)

    def kept(self, x: n.Expression) -> tuple[str, str]:
        """An expression that is needed twice: as it is if it only reads names, else with a name for the second time."""
        code = self.value(x)
        if not any(isinstance(y, n.Call | n.Method) for y in n.walk(x)):
            return wrapped(code, COMPARE + 1), str(code)
        name = self.naming.fresh(self.scope, "value")
        return f"({name} := {code})", name


def _certain(x: n.Expression) -> bool:
    """Whether an expression is never nil or false."""
    if isinstance(x, n.Constant):
        return x.value is not None and x.value is not False
    return isinstance(x, n.Table | n.Function) or (isinstance(x, n.Binary) and x.op in "+-*/%^..")


def _infinite(x: n.Binary) -> str:
    """``1/0`` and its like."""
    left, sign = (x.left.x, "-") if isinstance(x.left, n.Unary) and x.left.op == "-" else (x.left, "")
    if x.op == "/" and isinstance(left, n.Constant) and isinstance(x.right, n.Constant) and x.right.value == 0:
        return "math.nan" if left.value == 0 else f"{sign}math.inf"
    return ""
