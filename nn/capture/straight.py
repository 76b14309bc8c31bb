"""Steps whose text is nothing but calls of modules and criterions: they can be captured whole.

Every statement is a call, a result with a name, or a return; arguments are names, numbers, results of such calls, and
``output`` and ``gradInput`` of modules and criterions::

    def step(input, target):
        net.zeroGradParameters()
        loss = criterion.forward(net.forward(input), target)
        net.backward(input, criterion.backward(net.output, target))
        net.updateParameters(0.01)
        return loss
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import Any

from ..criterion_base import Criterion
from ..module import Module
from .places import is_tensor
from .safe import is_safe, is_safe_criterion

CALLS = {
    Module: {"forward", "backward", "updateOutput", "updateGradInput", "accGradParameters", "zeroGradParameters",
             "updateParameters", "accUpdateGradParameters", "backwardUpdate"},
    Criterion: {"forward", "backward", "updateOutput", "updateGradInput"},
}  # fmt: skip
FIELDS = {"output", "gradInput"}
LOSS = {"forward", "updateOutput"}
#: Tensors and tables that a step can be given anew, at most.
SLOTS = 8
TEXT = "def around({}):\n{}"


class NotStraight(Exception):
    """The text of a step does more than call modules."""


def statements(step: Callable) -> list[ast.stmt]:
    """What a function does; :class:`NotStraight` where its source is not known, or not what it was compiled from."""
    if not isinstance(step, FunctionType) or step.__defaults__ or step.__kwdefaults__ or step.__code__.co_flags & 0xC:
        raise NotStraight
    try:
        source = textwrap.dedent(inspect.getsource(step))
        tree = ast.parse(TEXT.format(", ".join(step.__code__.co_freevars), textwrap.indent(source, " ")))
    except (OSError, TypeError, SyntaxError) as error:
        raise NotStraight from error
    (function,) = tree.body[0].body if isinstance(tree.body[0], ast.FunctionDef) else (None,)
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        raise NotStraight
    around = next(c for c in compile(tree, "", "exec").co_consts if isinstance(c, CodeType))
    inside = next((c for c in around.co_consts if isinstance(c, CodeType)), None)
    if inside is None or _form(inside) != _form(step.__code__):
        raise NotStraight
    body = function.body
    first = body[0]
    return body[1:] if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else body


def _form(code: CodeType) -> tuple:
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_argcount
    return code.co_code, *names, [(type(x), x) for x in code.co_consts]


class Text:
    """The statements of a step, which :meth:`run` runs; ``loss`` is whether it returns that of its criterion."""

    def __init__(self, step: FunctionType) -> None:
        self.step, self.body = step, statements(step)
        self.arguments = step.__code__.co_varnames[: step.__code__.co_argcount]
        self.owners: dict[int, Any] = {}
        self.losses: set[str] = set()
        self.local: set[str] = set(self.arguments)
        self.free: dict[str, Any] = {}
        self.forwards = 0  # of the criterion
        self.returns: Any = None  # "loss", a module and a field, or None
        for n, statement in enumerate(self.body):
            self._statement(statement, n == len(self.body) - 1)
        self.criterions = [x for x in self.owners.values() if isinstance(x, Criterion)]
        arrays = [name for name, x in self.free.items() if is_tensor(x)]
        lonely = bool(self.criterions) != (self.forwards == 1)
        if len(self.criterions) > 1 or lonely or not self.owners or len(self.arguments) + len(arrays) > SLOTS:
            raise NotStraight
        self.names = [*self.arguments, *arrays]
        self.fixed = [(name, x) for name, x in self.free.items() if name not in arrays]

    # -- what the text may be

    def _statement(self, statement: ast.stmt, last: bool) -> None:
        if (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name)
        ):
            kind = self._value(statement.value)
            name = statement.targets[0].id
            if name in self.local:
                raise NotStraight
            self.local.add(name)
            if kind == "loss":
                self.losses.add(name)
        elif isinstance(statement, ast.Expr):
            self._value(statement.value)
        elif isinstance(statement, ast.Return) and last:
            self.returns = None if statement.value is None else self._value(statement.value)
            if statement.value is not None and self.returns is None:
                raise NotStraight
        else:
            raise NotStraight

    def _value(self, node: ast.expr) -> Any:
        """Checks an expression; "loss", (module, field) or None says what it is."""
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return None
        if isinstance(node, ast.Name):
            if node.id in self.local:
                return "loss" if node.id in self.losses else None
            x = self._free(node.id)
            if not is_tensor(x) and type(x) not in (int, float):
                raise NotStraight
            return None
        if isinstance(node, ast.Attribute) and node.attr in FIELDS:
            owner = self._owner(node.value)
            return None if isinstance(owner, Criterion) and node.attr == "output" else (owner, node.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
            return self._call(self._owner(node.func.value), node.func.attr, node.args)
        raise NotStraight

    def _call(self, owner: Any, method: str, arguments: list[ast.expr]) -> Any:
        if method not in CALLS[Criterion if isinstance(owner, Criterion) else Module]:
            raise NotStraight
        for x in arguments:
            if self._value(x) == "loss":
                raise NotStraight
        self.forwards += method in LOSS and isinstance(owner, Criterion)
        if method in LOSS:
            return "loss" if isinstance(owner, Criterion) else (owner, "output")
        return (owner, "gradInput") if method in ("backward", "updateGradInput", "backwardUpdate") else None

    def _owner(self, node: ast.expr) -> Any:
        """The module or criterion of a free name."""
        if not isinstance(node, ast.Name) or node.id in self.local:
            raise NotStraight
        x = self._free(node.id)
        if not (is_safe_criterion(x) if isinstance(x, Criterion) else is_safe(x)):
            raise NotStraight
        self.owners[id(x)] = x
        return x

    def _free(self, name: str) -> Any:
        if name not in self.free:
            if name in self.step.__code__.co_varnames:  # it has no value yet
                raise NotStraight
            try:
                self.free[name] = lookup(self.step, name)
            except (LookupError, ValueError) as error:
                raise NotStraight from error
        return self.free[name]

    def holds(self) -> bool:
        """Whether the free names mean what they meant when the text was read; arrays may be others."""
        try:
            return all(lookup(self.step, name) is x for name, x in self.fixed)
        except (LookupError, ValueError):
            return False

    def arrays(self) -> list[Any]:
        """The arrays that free names mean now."""
        return [lookup(self.step, name) for name in self.names[len(self.arguments) :]]

    # -- running it

    def run(self, slots: Sequence[Any]) -> Any:
        """Run the statements with these arrays."""
        names = self.free | dict(zip(self.names, slots))
        result = None
        for statement in self.body:
            result = None if statement.value is None else self._evaluate(statement.value, names)
            if isinstance(statement, ast.Assign):
                names[statement.targets[0].id] = result
        return result if self.body and isinstance(self.body[-1], ast.Return) else None

    def _evaluate(self, node: Any, names: dict[str, Any]) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return names[node.id]
        owner = names[(node if isinstance(node, ast.Attribute) else node.func).value.id]
        if isinstance(node, ast.Attribute):
            return getattr(owner, node.attr)
        arguments = [self._evaluate(x, names) for x in node.args]
        return getattr(owner, node.func.attr)(*arguments)


def lookup(function: FunctionType, name: str) -> Any:
    """What a free name of a function is now."""
    free = function.__code__.co_freevars
    if name in free:
        return function.__closure__[free.index(name)].cell_contents  # type: ignore[index]
    return function.__globals__[name]
