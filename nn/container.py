"""``nn.Container``: a module made of modules (manual chapter "containers")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from torch7 import TorchObject, arrays, registry

from . import utils
from .constructors import number
from .explaining import explain
from .extension import register
from .module import Module


@register
class Container(Module):
    """Base of all modules that hold others, in the list ``modules``.

    What is asked of the container (training, reset, zeroGradParameters, ...) is passed to its modules in order.
    An error inside a module carries a note with its place, ``In 2 module of nn.Sequential:``.
    Source: manual chapter "containers".
    """

    _trained: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.modules: list[Module] = []

    def add(self, module: Module) -> Self:
        """Append a module; returns the container. ``TypeError`` for anything else, such as the class of one."""
        self.modules.append(a_module(self, module))
        return self

    def get(self, index: int) -> Any:
        """The module at 1-based ``index``, or None."""
        index = number(index)
        return self.modules[index - 1] if 1 <= index <= len(self.modules) else None

    def size(self) -> int:
        """The number of modules."""
        return len(self.modules)

    def __len__(self) -> int:
        return len(self.modules)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    def __getitem__(self, index: int | slice) -> Any:
        """The module at 0-based ``index``, as Python counts (:meth:`get` counts from 1), or a list of a slice."""
        try:
            return self.modules[index]
        except IndexError:
            held = f"{registry.class_name(type(self))} holds {len(self.modules)} modules"
            raise IndexError(f"{held}, [{index}] is none of them; get({index}) counts from 1") from None

    def rethrowErrors(self, module: Module, index: int, funcName: str, *args: Any) -> Any:
        """``module.funcName(*args)``; an error gets a note that names 1-based ``index`` and this container."""
        try:
            return getattr(module, funcName)(*args)
        except Exception as error:
            self._locate(error, index)
            raise

    def _locate(self, error: Exception, index: int) -> None:
        """Put this container's line above the notes of the containers inside it."""
        if 1 <= index <= len(self.modules):
            explain(error, self.modules[index - 1])
        if not hasattr(error, "__notes__"):
            error.add_note("")
            error.__notes__.clear()
        error.__notes__.insert(0, f"In {index} module of {registry.class_name(type(self))}:")

    def entries(self, table: Any, what: str = "input") -> list | tuple:
        """The entries of ``table``; ``ValueError`` unless there is one for every module."""
        entries = utils.sequence(table, self)
        if len(entries) < len(self.modules):
            name = registry.class_name(type(self))
            raise ValueError(f"{name}: {what} has {len(entries)} entries for {len(self.modules)} modules")
        return entries

    def addGradInput(self, input: Any, gradInput: Any, first: bool) -> None:
        """Add ``gradInput``, which a module computed for the common ``input``, to the container's own buffer.

        The ``first`` one replaces what the buffer held. Nested tables are added tensor by tensor.
        """
        if utils.is_table(input):
            if not utils.is_table(gradInput):
                raise TypeError(f"currentGradInput is not a table! It is {arrays.describe(gradInput)}")
            if len(gradInput) != len(input):
                raise ValueError(f"table size mismatch: {len(input)} inputs, {len(gradInput)} gradients")
        if first:
            self.gradInput = utils.recursiveCopy(self.unshared(self.gradInput, input), gradInput)[0]
        else:
            utils.recursiveAdd(self.gradInput, gradInput)

    def applyToModules(self, func: Callable[[Module], Any]) -> Self:
        """Call ``func`` on every direct child."""
        for module in self.modules:
            func(module)
        return self

    def zeroGradParameters(self) -> Self:
        for module in self.modules:
            module.zeroGradParameters()
        return self

    def updateParameters(self, learningRate: float) -> Self:
        for module in self.modules:
            module.updateParameters(learningRate)
        return self

    def training(self) -> Self:
        self.applyToModules(lambda m: m.training())
        return super().training()

    def evaluate(self) -> Self:
        self.applyToModules(lambda m: m.evaluate())
        return super().evaluate()

    def reset(self, stdv: float | None = None) -> Container:
        return self.applyToModules(lambda m: m.reset(stdv))

    def share(self, other: Container, *names: str) -> Self:
        """Share the named fields of every module with those of the module at the same place in ``other``."""
        if len(self.modules) != len(other.modules):
            raise ValueError(f"cannot share {len(self.modules)} modules with {len(other.modules)}")
        for mine, theirs in zip(self.modules, other.modules):
            mine.share(theirs, *names)
        return self

    def parameters(self) -> tuple[list, ...]:
        lists = tuple([] for _ in super().parameters())
        for module in self.modules:
            for whole, part in zip(lists, module.parameters()):
                whole += part
        return lists

    def clearState(self) -> Container:
        """Drop buffers here and in every module."""
        for name in ("output", "gradInput"):
            value = getattr(self, name, None)
            if arrays.is_array(value):
                setattr(self, name, arrays.empty(self._type))
            else:
                setattr(self, name, [] if isinstance(value, list | dict) else None)
        return self.applyToModules(lambda m: m.clearState())

    def apply(self, callback: Callable[[Module], Any]) -> Self:
        super().apply(callback)
        for module in self.modules:
            module.apply(callback)
        return self

    def replace(self, callback: Callable[[Module], Module]) -> Module:
        """``callback`` runs on the container first; then each of its old modules is replaced."""
        new = callback(self)
        self.modules[:] = [a_module(self, m.replace(callback)) for m in self.modules]
        return new

    def _walk(self, container: Module) -> list[tuple[Module, Module]]:
        return [(self, container)] + [pair for m in self.modules for pair in m._walk(self)]


def a_module(owner: Any, module: Any) -> Any:
    """``module`` itself; ``TypeError`` that names ``owner`` unless it is one (or the record of one in a file)."""
    if not isinstance(module, Module | TorchObject):
        got = (
            f"the class {module.__name__}: write {module.__name__}()"
            if isinstance(module, type)
            else arrays.describe(module)
        )
        raise TypeError(f"{registry.class_name(type(owner))}: expecting a module, got {got}")
    return module


def indented(text: str, by: str) -> str:
    """``text`` with every line but the first indented by ``by``."""
    return text.replace("\n", "\n" + by)


def branches(name: str, modules: list[Module], last_line: str = "... -> output") -> str:
    """The tree that Lua draws for containers whose modules stand side by side (Concat, ConcatTable, ...)."""
    lines = [name + " {", "  input"]
    for i, module in enumerate(modules, 1):
        middle = i < len(modules)
        lines.append(
            f"    {'|' if middle else ' '}`-> ({i}): " + indented(repr(module), "    |    " if middle else " " * 9)
        )
    return "\n".join([*lines, "     " + last_line, "}"])
