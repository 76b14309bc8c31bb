"""Which variable each name stands for: :func:`resolve` binds the names and returns the functions of the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from . import nodes as n


@dataclass(eq=False)
class Variable:
    """A local variable or parameter: where it is seen, who assigns it, and which functions besides its own use it."""

    name: str
    function: Scope
    declared: n.Node
    start: int  # the offsets between which it is seen
    end: int = 0
    loop: n.Node | None = None  # the innermost loop of its function that makes it anew in each round
    parameter: bool = False
    uses: list[tuple[n.Name, Scope]] = field(default_factory=list)
    values: list[n.Expression | None] = field(default_factory=list)  # what is assigned, None where it is not one value
    assigned_in: set[Scope] = field(default_factory=set)
    python: str = ""
    boxed: bool = False  # kept in a list of one value, which functions share

    @property
    def cell(self) -> str:
        """The Python name of the variable, or of the list that holds it."""
        return self.python.removesuffix("[0]") if self.boxed else self.python

    @property
    def captured(self) -> list[Scope]:
        """The functions inside its own that use it."""
        return [scope for _, scope in self.uses if scope is not self.function]


@dataclass(eq=False)
class Scope:
    """A function of the program with its variables."""

    node: n.Function
    parent: Scope | None
    variables: list[Variable] = field(default_factory=list)
    free: set[Variable] = field(default_factory=set)  # of functions around it
    globals: set[str] = field(default_factory=set)
    assigned_globals: set[str] = field(default_factory=set)
    returns: list[n.Return] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)
    convention: int | None = 1  # how many values it returns; None: a tuple of any number
    name: str = ""
    last_use: float = inf  # the offset where it may be called at last


class Resolver:
    """Walks the program once, with a stack of blocks."""

    def __init__(self) -> None:
        self.functions: dict[n.Function, Scope] = {}
        self.globals: dict[str, list[n.Name]] = {}
        self.first_uses: dict[str, str] = {}  # of each global in the main program: 'set', or 'read' where it may be nil
        self.assigned_globals: set[str] = set()
        self._blocks: list[dict[str, Variable]] = []
        self._loops: list[n.Node | None] = []
        self._scope: Scope | None = None

    def function(self, node: n.Function) -> Scope:
        scope = self.functions[node] = Scope(node, self._scope)
        if scope.parent is not None:
            scope.parent.inner.append(scope)
        before = self._scope, self._loops
        self._scope, self._loops = scope, [None]
        self._blocks.append({})
        if node.method:
            self.declare(n.Name("self", line=node.line, start=node.start), node.body, None).parameter = True
        for name in node.parameters:
            self.declare(name, node.body, None).parameter = True
        self.block(node.body)
        self._blocks.pop()
        self._scope, self._loops = before
        return scope

    def declare(self, name: n.Name, block: n.Block, value: n.Expression | None, start: int | None = None) -> Variable:
        scope = self._scope
        variable = Variable(name.id, scope, name, name.start if start is None else start, block.end, self._loops[-1])
        name.variable = variable
        variable.values.append(value)
        scope.variables.append(variable)
        self._blocks[-1][name.id] = variable
        return variable

    def find(self, name: str) -> Variable | None:
        for block in reversed(self._blocks):
            if name in block:
                return block[name]
        return None

    def block(self, block: n.Block, opened: bool = False) -> None:
        if not opened:
            self._blocks.append({})
        for statement in block.statements:
            self.statement(statement, block)
        if not opened:
            self._blocks.pop()

    def loop(self, node: n.Node, block: n.Block, names: list[n.Name], until: n.Expression | None = None) -> None:
        self._loops.append(node)
        self._blocks.append({})
        for name in names:
            self.declare(name, block, None)
        self.block(block, opened=True)
        if until is not None:
            self.expression(until)
        self._blocks.pop()
        self._loops.pop()

    def statement(self, s: n.Statement, block: n.Block) -> None:
        if isinstance(s, n.Local):
            self.expressions(s.values)
            for i, name in enumerate(s.names):
                self.declare(name, block, s.values[i] if len(s.values) == len(s.names) else None, s.end)
        elif isinstance(s, n.Assign):
            self.expressions(s.values)
            for i, target in enumerate(s.targets):
                self.target(target, s.values[i] if len(s.values) == len(s.targets) else None)
        elif isinstance(s, n.FunctionStatement):
            self.function_statement(s, block)
        elif isinstance(s, n.Region) and s.again:
            self.loop(s, s.body, [])
        elif isinstance(s, n.Do | n.Region):
            self.block(s.body)
        elif isinstance(s, n.While):
            self.expression(s.test)
            self.loop(s, s.body, [])
        elif isinstance(s, n.Repeat):
            self.loop(s, s.body, [], s.test)
        elif isinstance(s, n.If):
            for test, body in s.clauses:
                if test is not None:
                    self.expression(test)
                self.block(body)
        elif isinstance(s, n.NumericFor):
            self.expressions([x for x in (s.first, s.last, s.step) if x is not None])
            self.loop(s, s.body, [s.name])
        elif isinstance(s, n.GenericFor):
            self.expressions(s.values)
            self.loop(s, s.body, s.names)
        elif isinstance(s, n.Return):
            self._scope.returns.append(s)
            self.expressions(s.values)
        elif isinstance(s, n.CallStatement):
            self.expression(s.call)

    def function_statement(self, s: n.FunctionStatement, block: n.Block) -> None:
        if s.local:
            self.declare(s.target, block, s.function)
        else:
            self.target(s.target, s.function)
        self.function(s.function)

    def target(self, target: n.Expression, value: n.Expression | None) -> None:
        if not isinstance(target, n.Name):
            self.expression(target)
            return
        if target.whole or self.find(target.id) is None:
            self.first_use(target.id, "set" if len(self._blocks) == 2 else "read")
        self.name(target)
        if target.variable is None:
            self.assigned_globals.add(target.id)
            self._scope.assigned_globals.add(target.id)
        else:
            target.variable.assigned_in.add(self._scope)
            target.variable.values.append(value)

    def name(self, name: n.Name) -> None:
        variable = name.variable = None if name.whole else self.find(name.id)
        if variable is None:
            self.globals.setdefault(name.id, []).append(name)
            self.first_use(name.id, "read")
            self._scope.globals.add(name.id)
            return
        variable.uses.append((name, self._scope))
        scope = self._scope
        while scope is not variable.function:
            scope.free.add(variable)
            scope = scope.parent

    def first_use(self, name: str, use: str) -> None:
        if self._scope.parent is None:
            self.first_uses.setdefault(name, use)

    def unset_globals(self) -> list[str]:
        """The globals that the program may read before it assigns them."""
        return sorted(name for name in self.assigned_globals if self.first_uses.get(name) != "set")

    def expressions(self, found: list[n.Expression]) -> None:
        for x in found:
            self.expression(x)

    def expression(self, x: n.Node) -> None:
        if isinstance(x, n.Name):
            self.name(x)
        elif isinstance(x, n.Function):
            self.function(x)
        else:
            for child in x.children():
                self.expression(child)


def resolve(main: n.Function) -> Resolver:
    """Bind the names of a program."""
    resolver = Resolver()
    resolver.function(main)
    return resolver


def mark_lives(names: Resolver, main: n.Function) -> None:
    """Note how long each function may be called: to the end of the statement it is an argument of, to its last use."""
    called, arguments = set(), set()
    for x in n.walk(main):
        if isinstance(x, n.Call):
            called.add(x.f)
        if isinstance(x, n.Call | n.Method):
            arguments.update(x.arguments)
    for node, scope in names.functions.items():
        if node in arguments:
            scope.last_use = node.end
    for scope in names.functions.values():
        for v in scope.variables:
            for value in v.values:
                if isinstance(value, n.Function) and all(x in called or x in arguments for x, _ in v.uses):
                    names.functions[value].last_use = max([value.end, *(x.end for x, _ in v.uses)])
