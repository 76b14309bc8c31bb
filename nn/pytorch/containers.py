"""Containers of modules and of parameters (manual, "Containers")."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from .module import Module, _indented
from .parameter_containers import pairs_of


class _Numbered(Module):
    """Children named 0, 1, 2, ...; what Sequential and ModuleList share."""

    def _list(self) -> list:
        return list(self._modules.values())

    def _set(self, modules: Iterable) -> None:
        modules = list(modules)
        for module in modules:
            if not (module is None or isinstance(module, Module)):
                raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self.__dict__["_modules"] = {str(i): m for i, m in enumerate(modules)}

    def _name(self, index: int) -> str:
        n = len(self._modules)
        if not -n <= index < n:
            raise IndexError(f"index {index} is out of range")
        return list(self._modules)[index % n]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def append(self, module: Module) -> Any:
        """Add a module at the end; returns self."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable) -> Any:
        """Add modules at the end; returns self."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"extend should be called with an iterable, but got {type(modules).__name__}")
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Put a module before place ``index``, which counts as in lists; returns self."""
        modules = self._list()
        modules.insert(index, module)
        self._set(modules)
        return self

    def pop(self, index: int = -1) -> Any:
        """Take the module at ``index`` out and return it."""
        found = self._modules[self._name(index)]
        del self[index]
        return found

    def __delitem__(self, index: Any) -> None:
        modules = self._list()
        if not isinstance(index, slice):
            self._name(index)
        del modules[index]
        self._set(modules)

    def __iadd__(self, other: Iterable) -> Any:
        return self.extend(other)


class Sequential(_Numbered):
    """Modules one after the other: each gets the output of the one before.

    ``Sequential(a, b)`` or ``Sequential(OrderedDict([("first", a), ...]))``. An empty one returns its input. A list or
    a plain dict raises ``TypeError``. Source: manual, "Containers".
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named = len(modules) == 1 and isinstance(modules[0], OrderedDict)
        for name, module in modules[0].items() if named else enumerate(modules):
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._name(index)]

    def __add__(self, other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        if not isinstance(times, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(times)}")
        if times <= 0:
            raise ValueError(f"Non-positive multiplication factor {times} for {type(self)}")
        return Sequential(*(module for _ in range(times) for module in self))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Sequential:
        self._set((self * times)._list())
        return self


class ModuleList(_Numbered):
    """Modules in a list, for a ``forward`` that goes through them itself. Source: manual, "Containers"."""

    def __init__(self, modules: Iterable | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(self._list()[index])
        return self._modules[self._name(index)]

    def __add__(self, other: Iterable) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        """Runs of children that print alike are one line."""
        if not self._modules:
            return self._get_name() + "()"
        lines, start = [], 0
        for text, group in groupby(map(repr, self)):
            count = len(list(group))
            name = f"({start})" if count == 1 else f"({start}-{start + count - 1}): {count} x"
            lines.append(f"{name}: {_indented(text)}" if count == 1 else f"{name} {_indented(text)}")
            start += count
        return self._get_name() + "(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """Modules by name, in the order they came in. Source: manual, "Containers"."""

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Take all modules out."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Take a module out and return it."""
        return self._modules.pop(key)

    def keys(self) -> Any:
        return self._modules.keys()

    def items(self) -> Any:
        return self._modules.items()

    def values(self) -> Any:
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Add the modules of a mapping or of pairs (name, module); those of the same name are replaced."""
        for key, module in pairs_of(modules, "ModuleDict"):
            self[key] = module
