"""Lua 5.1 (and LuaJIT's numbers) into a tree: :func:`parse`."""

from __future__ import annotations

from . import nodes as n
from .expressions import Expressions
from .jumps import arrange
from .lexer import Comment, read_tokens

_ENDS = frozenset({"end", "else", "elseif", "until", "<eof>"})


def parse(source: str) -> tuple[n.Function, list[Comment]]:
    """The main chunk as a function with varargs, and the comments."""
    tokens, comments = read_tokens(source)
    parser = Parser(tokens)
    body = parser.block()
    if parser.token.kind != "end":
        parser.fail("'<eof>' expected")
    main = n.Function([], True, body, start=0, end=len(source), line=1, last_line=tokens[-1].line)
    arrange(main)
    for number, node in enumerate(n.walk(main), 1):
        node.number = number
    return main, comments


class Parser(Expressions):
    """Recursive descent over the tokens."""

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
        if first.text == "::" and first.kind == "sign":
            return self.ended(self.label(), first)
        if read is None:
            return self.ended(self.assignment_or_call(), first)
        self.next()
        return self.ended(read(), first)

    def label(self) -> n.Statement:
        self.next()
        name = self.name().id
        self.expect("::")
        return n.Label(name)

    def read_goto(self) -> n.Statement:
        return n.Goto(self.name().id)

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
