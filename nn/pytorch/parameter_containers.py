"""Containers of parameters (manual, "Containers")."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch7 import arrays

from .module import Module
from .parameter import Parameter


class ParameterList(Module):
    """Parameters in a list; arrays become parameters. Source: manual, "Containers"."""

    def __init__(self, values: Iterable | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter(self[i] for i in range(self._size))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)([getattr(self, str(i)) for i in range(self._size)[index]])
        return getattr(self, str(self._place(index)))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, str(self._place(index)), as_parameter(value))

    def _place(self, index: int) -> int:
        if not -self._size <= index < self._size:
            raise IndexError(f"index {index} is out of range")
        return index % self._size

    def append(self, value: Any) -> ParameterList:
        """Add a value at the end; returns self."""
        setattr(self, str(self._size), as_parameter(value))
        self._size += 1
        return self

    def extend(self, values: Iterable) -> ParameterList:
        """Add values at the end; returns self."""
        if not isinstance(values, Iterable) or arrays.is_array(values):
            raise TypeError(f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable) -> ParameterList:
        return self.extend(values)

    def extra_repr(self) -> str:
        return "\n".join(f"  ({i}): {_described(self[i], _type)}" for i in range(self._size))


class ParameterDict(Module):
    """Parameters by name; arrays become parameters. A plain dict is taken in sorted order, as PyTorch does.

    Source: manual, "Containers".
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._keys[key] = None
        setattr(self, key, as_parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __or__(self, other: Any) -> ParameterDict:
        new = self.copy()
        new.update(other)
        return new

    def __ior__(self, other: Any) -> ParameterDict:
        self.update(other)
        return self

    def clear(self) -> None:
        """Take all parameters out."""
        for key in list(self._keys):
            del self[key]

    def pop(self, key: str) -> Any:
        """Take a parameter out and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the last pair out and return it."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The parameter of this name, or ``default``."""
        return getattr(self, key) if key in self._keys else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The parameter of this name, which is made of ``default`` if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> ParameterDict:
        """Another ParameterDict of the same parameters."""
        return ParameterDict(OrderedDict((key, self[key]) for key in self._keys))

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new ParameterDict of these names."""
        return ParameterDict(OrderedDict((key, default) for key in keys))

    def keys(self) -> Any:
        return self._keys.keys()

    def items(self) -> Iterable:
        return ((key, self[key]) for key in self._keys)

    def values(self) -> Iterable:
        return (self[key] for key in self._keys)

    def update(self, parameters: Any) -> None:
        """Add the values of a mapping or of pairs (name, value)."""
        pairs = pairs_of(parameters, "ParameterDict")
        for key, value in sorted(pairs) if type(parameters) is dict else pairs:
            self[key] = value

    def extra_repr(self) -> str:
        return "\n".join(f"  ({key}): {_described(value, _tensor)}" for key, value in self.items())


def as_parameter(value: Any) -> Any:
    """A parameter of an array; anything else as it is."""
    return Parameter(value) if arrays.is_array(value) and not isinstance(value, Parameter) else value


def pairs_of(x: Any, what: str) -> list:
    if hasattr(x, "items"):
        return list(x.items())
    if not isinstance(x, Iterable):
        raise TypeError(f"{what}.update should be called with an iterable of key/value pairs, got {type(x).__name__}")
    pairs = []
    for i, pair in enumerate(x):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{what} update sequence element #{i} should be Iterable; is {type(pair).__name__}")
        pair = list(pair)
        if len(pair) != 2:
            raise ValueError(f"{what} update sequence element #{i} has length {len(pair)}; 2 is required")
        pairs.append(tuple(pair))
    return pairs


def _type(dtype: Any) -> str:
    return f"torch.{dtype}"


def _tensor(dtype: Any) -> str:
    """PyTorch's older name of a type: torch.FloatTensor."""
    letters = {
        "float16": "Half",
        "float32": "Float",
        "float64": "Double",
        "int64": "Long",
        "int32": "Int",
        "bool": "Bool",
    }
    return f"torch.{letters.get(str(dtype), str(dtype))}Tensor"


def _described(value: Any, name: Callable) -> str:
    """How the parameter containers print an element, whose type has such a name."""
    if arrays.is_array(value):
        kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
        return f"{kind} containing: [{name(value.dtype)} of size {'x'.join(map(str, value.shape))}]"
    return f"Object of type: {type(value).__name__}"
