"""The program with a call around each expression that tells the recorder what it sees; lines stay where they are."""

from __future__ import annotations

from . import nodes as n

_SEVERAL = (n.Call, n.Method, n.Vararg)


class Instrument:
    """Writes the source anew, node by node, with the text between the nodes as it was."""

    def __init__(self, source: str) -> None:
        self.source = source

    def program(self, main: n.Function) -> str:
        return self.parts(main, {main.body: self.node(main.body)}) if main.body.statements else self.source

    def parts(self, node: n.Node, texts: dict[n.Node, str]) -> str:
        """The source of ``node`` with those below it written as ``texts`` says."""
        written, place = [], node.start
        for child in node.children():
            if child in texts:
                written += [self.source[place : child.start], texts[child]]
                place = child.end
        return "".join([*written, self.source[place : node.end]])

    def node(self, node: n.Node) -> str:
        """A statement or block."""
        if isinstance(node, n.Local | n.Return | n.GenericFor):
            return self.with_values(node, node.values)
        if isinstance(node, n.Assign):
            return self.with_values(node, node.values, {t: self.target(t) for t in node.targets})
        if isinstance(node, n.FunctionStatement):
            return self.function_statement(node)
        if isinstance(node, n.CallStatement):
            return self.several(node.call)
        texts = {}
        for child in node.children():
            if isinstance(child, n.Expression):
                if not (isinstance(node, n.NumericFor) and child is node.name):
                    texts[child] = self.value(child)
            else:
                texts[child] = self.node(child)
        return self.parts(node, texts)

    def with_values(self, node: n.Node, values: list, texts: dict | None = None) -> str:
        texts = dict(texts or {})
        for x in values:
            texts[x] = self.several(x) if x is values[-1] else self.value(x)
        if isinstance(node, n.GenericFor):
            texts[node.body] = self.node(node.body)
            texts[values[0]] = f"__g('g{node.values[0].number}', {texts[values[0]]}"
            texts[values[-1]] += ")"
        return self.parts(node, texts)

    def function_statement(self, s: n.FunctionStatement) -> str:
        target = self.source[s.target.start : s.target.end].replace(":", ".")
        function = self.function(s.function)
        head = self.source[s.start : s.function.start]
        return f"{head}{function}; __f({s.function.number}, {target})"

    def target(self, target: n.Expression) -> str:
        if isinstance(target, n.Name):
            return self.source[target.start : target.end]
        of = f"__p({target.number}, {self.value(target.of)})"
        key = target.key
        text = f"{key.value!r}" if target.dot else self.value(key)
        return f"{of}[__k({target.number}, {text})]"

    def function(self, f: n.Function) -> str:
        names = (["self"] if f.method else []) + [p.id for p in f.parameters]
        extra = "0" if f.vararg else "select('#', ...)"
        note = f" __n({', '.join([str(f.number), str(len(names)), extra, *names])});"
        end = f.parameters_end
        head = self.source[f.start : end]
        if not f.vararg:
            head += ", ..." if f.parameters else "..."
        body = self.node(f.body) if f.body.statements else ""
        place = f.body.start if f.body.statements else end + 1
        return (
            f"{head}{self.source[end : end + 1]}{note}{self.source[end + 1 : place]}{body}"
            + (self.source[f.body.end if f.body.statements else place : f.end])
        )

    def arguments(self, call: n.Call | n.Method) -> dict[n.Node, str]:
        found = call.arguments
        texts: dict[n.Node, str] = {x: self.several(x) if x is found[-1] else self.value(x) for x in found}
        if found and found[-1].end == call.end:  # f{...} and f'...'
            texts[found[0]] = f"({self.value(found[0])})"
        return texts

    def several(self, x: n.Expression) -> str:
        """An expression where it may have several values."""
        return f"__m({x.number}, {self.bare(x)})" if isinstance(x, _SEVERAL) else self.value(x)

    def value(self, x: n.Expression) -> str:
        """An expression where it has one value."""
        if isinstance(x, n.Constant):
            return self.source[x.start : x.end]
        if isinstance(x, n.Paren):
            return f"({self.value(x.x)})"
        if isinstance(x, n.Function):
            return f"__f({x.number}, {self.function(x)})"
        if isinstance(x, n.Table):
            return f"__c({x.number}, {self.bare(x)})"
        if isinstance(x, n.Index):
            key = f"{x.key.value!r}" if x.dot else self.value(x.key)
            return f"__i({x.number}, {self.value(x.of)}, {key})"
        return f"__{'1' if isinstance(x, _SEVERAL) else 'v'}({x.number}, {self.bare(x)})"

    def bare(self, x: n.Expression) -> str:
        """An expression with what is in it told, itself not."""
        if isinstance(x, n.Call):
            return self.parts(x, {x.f: self.value(x.f), **self.arguments(x)})
        if isinstance(x, n.Method):
            of = f"__o({x.number}, {self.value(x.of)})"
            return self.parts(x, {x.of: of, **self.arguments(x)})
        if isinstance(x, n.Table):
            texts = {y: self.value(y) for item in x.items for y in item if y is not None}
            for key, _ in x.items:
                if isinstance(key, n.Constant):
                    texts.pop(key)
            if x.items and x.items[-1][0] is None:
                texts[x.items[-1][1]] = self.several(x.items[-1][1])
            return self.parts(x, texts)
        return self.parts(x, {y: self.value(y) for y in x.children()})
