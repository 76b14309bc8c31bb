"""The part of the parser that reads expressions."""

from __future__ import annotations

from typing import Any

from . import nodes as n
from .errors import TranslationError
from .lexer import Token

_BINARY = {
    "or": (1, 1), "and": (2, 2),
    "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3), "~=": (3, 3), "==": (3, 3),
    "..": (5, 4), "+": (6, 6), "-": (6, 6), "*": (7, 7), "/": (7, 7), "%": (7, 7), "^": (10, 9),
}  # fmt: skip
_UNARY = 8
_CONSTANTS = {"nil": None, "true": True, "false": False}


class Expressions:
    """Tokens one by one, and the expressions that they are."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.place = tokens, 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def fail(self, message: str) -> None:
        raise TranslationError(f"{message} near {self.token.text!r}", self.token.line)

    def next(self) -> Token:
        token = self.token
        self.place += 1
        return token

    def sees(self, text: str) -> bool:
        return self.token.text == text and self.token.kind in ("sign", "keyword", "end")

    def accept(self, text: str) -> bool:
        if self.sees(text):
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        if not self.sees(text):
            self.fail(f"{text!r} expected")
        return self.next()

    def name(self) -> n.Name:
        if self.token.kind != "name":
            self.fail("a name expected")
        token = self.next()
        return self.ended(n.Name(token.text), token)

    def ended(self, node: Any, first: Token | n.Node) -> Any:
        """The node with its places: from ``first`` to the token before this one."""
        last = self.tokens[self.place - 1]
        node.start, node.line = first.start, first.line
        node.end, node.last_line = last.end, last.line
        return node

    def expressions(self) -> list[n.Expression]:
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        return found

    def expression(self, limit: int = 0) -> n.Expression:
        first = self.token
        if first.text in ("not", "-", "#") and first.kind in ("sign", "keyword"):
            self.next()
            left = self.ended(n.Unary(first.text, self.expression(_UNARY)), first)
        else:
            left = self.simple()
        while self.token.kind in ("sign", "keyword") and (rank := _BINARY.get(self.token.text)) and rank[0] > limit:
            op = self.next().text
            left = self.ended(n.Binary(op, left, self.expression(rank[1])), first)
        return left

    def simple(self) -> n.Expression:
        token = self.token
        if token.kind in ("number", "string"):
            self.next()
            return self.ended(n.Constant(token.value, token.text), token)
        if token.kind == "keyword" and token.text in _CONSTANTS:
            self.next()
            return self.ended(n.Constant(_CONSTANTS[token.text]), token)
        if self.accept("..."):
            return self.ended(n.Vararg(), token)
        if self.sees("{"):
            return self.table()
        if self.accept("function"):
            return self.ended(self.function(token), token)
        return self.suffixed()

    def field(self, of: n.Expression, key: n.Expression, dot: bool = False) -> n.Expression:
        """``of[key]``; of ``_G`` it is the global."""
        name = key.value if isinstance(key, n.Constant) and isinstance(key.value, str) else ""
        if isinstance(of, n.Name) and of.id == "_G" and name.isidentifier():
            return n.Name(name, whole=True)
        return n.Index(of, key, dot)

    def suffixed(self) -> n.Expression:
        first = self.token
        if self.accept("("):
            x: n.Expression = n.Paren(self.expression())
            self.expect(")")
            self.ended(x, first)
        else:
            x = self.name()
        while True:
            if self.accept("."):
                x = self.field(x, self.constant_of(self.name()), True)
            elif self.accept("["):
                x = self.field(x, self.expression())
                self.expect("]")
            elif self.accept(":"):
                name = self.name().id
                x = n.Method(x, name, self.arguments())
            elif self.token.kind == "string" or self.sees("(") or self.sees("{"):
                x = n.Call(x, self.arguments())
            else:
                return x
            self.ended(x, first)

    def arguments(self) -> list[n.Expression]:
        token = self.token
        if token.kind == "string":
            self.next()
            return [self.ended(n.Constant(token.value, token.text), token)]
        if self.sees("{"):
            return [self.table()]
        self.expect("(")
        found = [] if self.sees(")") else self.expressions()
        self.expect(")")
        return found

    def table(self) -> n.Expression:
        first, items = self.expect("{"), []
        while not self.sees("}"):
            items.append(self.item())
            if not (self.accept(",") or self.accept(";")):
                break
        self.expect("}")
        return self.ended(n.Table(items), first)

    def item(self) -> tuple[n.Expression | None, n.Expression]:
        if self.accept("["):
            key: n.Expression | None = self.expression()
            self.expect("]")
            self.expect("=")
            return key, self.expression()
        following = self.tokens[self.place + 1]
        if self.token.kind == "name" and following.text == "=" and following.kind == "sign":
            key = self.constant_of(self.name())
            self.expect("=")
            return key, self.expression()
        return None, self.expression()

    def function(self, first: Token, method: bool = False) -> n.Function:
        self.expect("(")
        parameters, vararg = [], False
        while not self.sees(")"):
            if self.accept("..."):
                vararg = True
                break
            parameters.append(self.name())
            if not self.accept(","):
                break
        place = self.expect(")").start
        body = self.block()
        self.expect("end")
        return self.ended(n.Function(parameters, vararg, body, method, place), first)
