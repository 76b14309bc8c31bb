"""The tree of a Lua program. ``number`` identifies an expression for recorded facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Node:
    """A piece of the program from offset ``start`` to ``end``, beginning on ``line``."""

    start: int = field(default=0, kw_only=True)
    end: int = field(default=0, kw_only=True)
    line: int = field(default=0, kw_only=True)
    last_line: int = field(default=0, kw_only=True)
    number: int = field(default=0, kw_only=True)

    def children(self) -> list[Node]:
        """The nodes directly below, in the order of the program."""
        found: list[Node] = []
        for key, value in vars(self).items():
            if key not in ("loop", "region"):  # of a jump: around it
                _gather(value, found)
        return sorted(found, key=lambda n: n.start)


def _gather(value: Any, found: list[Node]) -> None:
    if isinstance(value, Node):
        found.append(value)
    elif isinstance(value, list | tuple):
        for x in value:
            _gather(x, found)


class Expression(Node):
    """What has a value."""


class Statement(Node):
    """What has none."""


@dataclass(eq=False)
class Constant(Expression):
    """nil, true, false, a number or a string; a string holds one character a byte."""

    value: Any
    text: str = ""


@dataclass(eq=False)
class Vararg(Expression):
    """``...``."""


@dataclass(eq=False)
class Name(Expression):
    """A name; the scopes set ``variable``, which stays None for a global one. ``whole``: written ``_G.name``."""

    id: str
    variable: Any = None
    whole: bool = False


@dataclass(eq=False)
class Index(Expression):
    """``of[key]``; ``dot``: written ``of.key``."""

    of: Expression
    key: Expression
    dot: bool = False


@dataclass(eq=False)
class Call(Expression):
    """``f(arguments)``."""

    f: Expression
    arguments: list[Expression]


@dataclass(eq=False)
class Method(Expression):
    """``of:name(arguments)``."""

    of: Expression
    name: str
    arguments: list[Expression]


@dataclass(eq=False)
class Binary(Expression):
    """``left op right``, also of ``and`` and ``or``."""

    op: str
    left: Expression
    right: Expression


@dataclass(eq=False)
class Unary(Expression):
    """``not x``, ``-x``, ``#x``."""

    op: str
    x: Expression


@dataclass(eq=False)
class Paren(Expression):
    """``(x)``, which has one value."""

    x: Expression


@dataclass(eq=False)
class Table(Expression):
    """``{...}``: pairs of a key (None: the next number) and a value."""

    items: list[tuple[Expression | None, Expression]]


@dataclass(eq=False)
class Block(Node):
    """Statements of one scope."""

    statements: list[Statement]


@dataclass(eq=False)
class Function(Expression):
    """``function(parameters) body end``; ``method``: it has ``self`` before its parameters."""

    parameters: list[Name]
    vararg: bool
    body: Block
    method: bool = False
    parameters_end: int = 0


@dataclass(eq=False)
class Local(Statement):
    """``local names = values``."""

    names: list[Name]
    values: list[Expression]


@dataclass(eq=False)
class Assign(Statement):
    """``targets = values``."""

    targets: list[Expression]
    values: list[Expression]


@dataclass(eq=False)
class CallStatement(Statement):
    """A call for its effect."""

    call: Expression


@dataclass(eq=False)
class Do(Statement):
    """``do body end``."""

    body: Block


@dataclass(eq=False)
class While(Statement):
    """``while test do body end``."""

    test: Expression
    body: Block


@dataclass(eq=False)
class Repeat(Statement):
    """``repeat body until test``."""

    body: Block
    test: Expression


@dataclass(eq=False)
class If(Statement):
    """Tests with their blocks; the block of ``else`` has the test None."""

    clauses: list[tuple[Expression | None, Block]]


@dataclass(eq=False)
class NumericFor(Statement):
    """``for name = first, last, step do body end``."""

    name: Name
    first: Expression
    last: Expression
    step: Expression | None
    body: Block


@dataclass(eq=False)
class GenericFor(Statement):
    """``for names in values do body end``."""

    names: list[Name]
    values: list[Expression]
    body: Block


@dataclass(eq=False)
class FunctionStatement(Statement):
    """``function target(...) body end`` and ``local function name(...)``."""

    target: Expression
    function: Function
    local: bool = False


@dataclass(eq=False)
class Return(Statement):
    """``return values``."""

    values: list[Expression]


@dataclass(eq=False)
class Break(Statement):
    """``break``."""


@dataclass(eq=False)
class Label(Statement):
    """``::name::``."""

    name: str


@dataclass(eq=False)
class Goto(Statement):
    """``goto name``: on with the next round of ``loop``, or out of ``region``, or back to its beginning."""

    name: str
    loop: Statement | None = None
    region: Region | None = None


@dataclass(eq=False)
class Region(Statement):
    """Statements that a ``goto`` leaves to their end; ``again``: or to their beginning."""

    name: str
    body: Block
    again: bool = False
    python: str = ""


def walk(node: Node) -> Any:
    """The node and all below it, in the order of the program."""
    yield node
    for child in node.children():
        yield from walk(child)
