"""Lua 5.1 (and LuaJIT's numbers) into a tree: :func:`parse`."""

from __future__ import annotations

from typing import Any

from . import nodes as n
from .errors import TranslationError
from .lexer import Comment, Token, read_tokens

_BINARY = {
    "or": (1, 1), "and": (2, 2),
    "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3), "~=": (3, 3), "==": (3, 3),
    "..": (5, 4), "+": (6, 6), "-": (6, 6), "*": (7, 7), "/": (7, 7), "%": (7, 7), "^": (10, 9),
}  # fmt: skip
_UNARY = 8
_CONSTANTS = {"nil": None, "true": True, "false": False}
_ENDS = frozenset({"end", "else", "elseif", "until", "<eof>"})


def parse(source: str) -> tuple[n.Function, list[Comment]]:
    """The main chunk as a function with varargs, and the comments."""
    tokens, comments = read_tokens(source)
    parser = Parser(tokens)
    body = parser.block()
    if parser.token.kind != "end":
        parser.fail("'<eof>' expected")
    main = n.Function([], True, body, start=0, end=len(source), line=1, last_line=tokens[-1].line)
    for number, node in enumerate(n.walk(main), 1):
        node.number = number
    return main, comments


class Parser:
    """Recursive descent over the tokens."""

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

    # -- statements

    def block(self) -> n.Block:
        first, statements = self.token, []
        while self.token.text not in _ENDS or self.token.kind == "string":
            if self.accept(";"):
                continue
            statements.append(self.statement())
            if isinstance(statements[-1], n.Return | n.Break):
                self.accept(";")
                if isinstance(statements[-1], n.Return):
                    break
        block = self.ended(n.Block(statements), first)
        block.last_line = self.token.line
        if not statements:
            block.end = block.start
        return block

    def statement(self) -> n.Statement:
        first = self.token
        read = getattr(self, f"read_{first.text}", None) if first.kind == "keyword" else None
        if first.text == "::":
            self.fail("labels of goto have no form in Python:")
        if read is None:
            return self.ended(self.assignment_or_call(), first)
        self.next()
        return self.ended(read(), first)

    def read_goto(self) -> n.Statement:
        self.place -= 1
        self.fail("goto has no form in Python:")
        raise AssertionError

    def read_if(self) -> n.Statement:
        clauses: list = [(self.expression(), self.after("then"))]
        while self.accept("elseif"):
            clauses.append((self.expression(), self.after("then")))
        if self.accept("else"):
            clauses.append((None, self.block()))
        self.expect("end")
        return n.If(clauses)

    def after(self, word: str) -> n.Block:
        self.expect(word)
        return self.block()

    def body_of(self, word: str) -> n.Block:
        body = self.after(word)
        self.expect("end")
        return body

    def read_while(self) -> n.Statement:
        return n.While(self.expression(), self.body_of("do"))

    def read_do(self) -> n.Statement:
        body = self.block()
        self.expect("end")
        return n.Do(body)

    def read_for(self) -> n.Statement:
        names = [self.name()]
        if self.accept("="):
            bounds = self.expressions()
            if not 2 <= len(bounds) <= 3:
                self.fail("two or three bounds expected")
            return n.NumericFor(names[0], bounds[0], bounds[1], bounds[2] if bounds[2:] else None, self.body_of("do"))
        while self.accept(","):
            names.append(self.name())
        self.expect("in")
        return n.GenericFor(names, self.expressions(), self.body_of("do"))

    def read_repeat(self) -> n.Statement:
        body = self.after_repeat()
        return n.Repeat(body, self.expression())

    def after_repeat(self) -> n.Block:
        body = self.block()
        self.expect("until")
        return body

    def read_function(self) -> n.Statement:
        target: n.Expression = self.name()
        method = False
        while self.sees(".") or self.sees(":"):
            method = self.next().text == ":"
            first = target
            key = self.name()
            target = self.ended(n.Index(target, self.constant_of(key), True), first)
            if method:
                break
        return n.FunctionStatement(target, self.function(self.token, method))

    def constant_of(self, key: n.Name) -> n.Constant:
        return n.Constant(key.id, start=key.start, end=key.end, line=key.line, last_line=key.line)

    def read_local(self) -> n.Statement:
        if self.accept("function"):
            name = self.name()
            return n.FunctionStatement(name, self.function(self.token), True)
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        return n.Local(names, self.expressions() if self.accept("=") else [])

    def read_return(self) -> n.Statement:
        nothing = (self.token.text in _ENDS and self.token.kind != "string") or self.sees(";")
        return n.Return([] if nothing else self.expressions())

    def read_break(self) -> n.Statement:
        return n.Break()

    def assignment_or_call(self) -> n.Statement:
        first = self.suffixed()
        if self.sees("=") or self.sees(","):
            targets = [first]
            while self.accept(","):
                targets.append(self.suffixed())
            self.expect("=")
            return n.Assign(targets, self.expressions())
        if not isinstance(first, n.Call | n.Method):
            self.fail("syntax error")
        return n.CallStatement(first)

    # -- expressions

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
                x = n.Index(x, self.constant_of(self.name()), True)
            elif self.accept("["):
                x = n.Index(x, self.expression())
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
